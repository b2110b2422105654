/** What connections cost that say nothing, and what is left when they have gone. */
import { setTimeout as after } from 'node:timers/promises';
import type { Conditions } from '../conditions.js';
import { Generator } from '../generator.js';
import type { Load } from '../load/protocol.js';
import { atMost, type Measured, valueAtMost } from '../measured.js';
import { ServerProcess } from '../server-process.js';
import type { Memory, Role } from '../servers/protocol.js';
import type { Workload } from '../workload.js';

const WARM_UP = 200; // connections
/** Bytes: what a compressed connection may cost more, and what may be left of all connections together. */
const COMPRESSED = 8192;
const LEFT = 4 * 2 ** 20;

/** One process's memory: `of` tells which part of it. */
type Part = 'held' | 'rss';
type Hold = (kind: Load['kind'], connections: number) => Promise<Memory>;

/** Without connections, with them, and when they have gone. */
interface Life {
  readonly empty: Memory;
  readonly full: Memory;
  readonly left: Memory;
}

/** With some connections of a kind, and then with many. */
interface Growth {
  readonly some: Memory;
  readonly many: Memory;
}

export const idle: Workload = {
  name: 'memory of idle connections',
  async measure(conditions) {
    const count = conditions.effort.idle;
    const lives = await livesOf(['ws', 'margay', 'net'], 'echo', conditions, async (hold, server): Promise<Life> => {
      await hold('idle', WARM_UP);
      const empty = await server.memory();
      return { empty, full: await hold('idle', count), left: await server.memory() };
    });
    const each = (of: Part) => (life: Life) => (life.full[of] - life.empty[of]) / count;
    return [
      measured(lives, { name: `memory of ${count} idle connections, heap`, unit: 'bytes each', goal: atMost(1.15) }, each('held')),
      measured(lives, { name: `memory of ${count} idle connections, RSS`, unit: 'bytes each', goal: atMost(1.15) }, each('rss')),
      measured(
        lives,
        { name: `memory left when ${count} have closed`, unit: 'bytes in all', goal: valueAtMost(LEFT) },
        ({ left, empty }) => left.held - empty.held,
      ),
    ];
  },
};

export const squeezed: Workload = {
  name: 'memory of compressed connections',
  async measure(conditions) {
    const count = conditions.effort.squeezed;
    const some = Math.floor(count / 4);
    const servers = ['ws', 'margay'];
    // from some to many: what a process takes once, when it compresses for the first time, is no connection's
    const growths = (kind: Load['kind']) =>
      livesOf(servers, 'squeezed', conditions, async (hold): Promise<Growth> => {
        await hold('squeezed', WARM_UP);
        return { some: await hold(kind, some), many: await hold(kind, count) };
      });
    const plain = await growths('idle');
    const compressed = await growths('squeezed');
    const lives = new Map(servers.map((name) => [name, pairs(compressed.get(name) ?? [], plain.get(name) ?? [])]));
    const each = (growth: Growth, of: Part): number => (growth.many[of] - growth.some[of]) / (count - some);
    const more = (of: Part) => (life: readonly [Growth, Growth]) => each(life[0], of) - each(life[1], of);
    const name = `memory of ${count} compressed idle connections over plain ones`;
    return [
      measured(lives, { name: `${name}, heap`, unit: 'bytes each', goal: valueAtMost(COMPRESSED) }, more('held')),
      measured(lives, { name: `${name}, RSS`, unit: 'bytes each', goal: valueAtMost(COMPRESSED) }, more('rss')),
    ];
  },
};

const pairs = <T>(first: readonly T[], second: readonly T[]) => first.map((each, i) => [each, second[i] as T] as const);

function measured<T>(
  lives: ReadonlyMap<string, readonly T[]>,
  what: Pick<Measured, 'name' | 'unit' | 'goal'>,
  figure: (life: T) => number,
): Measured {
  const rows = [...lives].map(([name, list]) => ({ name, values: list.map(figure) }));
  return { ...what, subject: 'margay', control: 'ws', rows, notes: [] };
}

/** Each in a process that has not lived before: what a system has once given, a process need not give back. */
async function livesOf<T>(
  servers: readonly string[],
  role: Role,
  { program, pinning, effort, peersFrom }: Conditions,
  live: (hold: Hold, server: ServerProcess) => Promise<T>,
): Promise<ReadonlyMap<string, readonly T[]>> {
  const generator = new Generator(program, pinning?.load);
  const lives = new Map(servers.map((name) => [name, [] as T[]]));
  try {
    for (let i = 0; i < effort.lives; i++) {
      for (const [name, list] of lives) {
        const server = await ServerProcess.start(name, role, { core: pinning?.server, peersFrom });
        try {
          list.push(await live(holding(server, generator, effort.settle), server));
        } finally {
          await server.stop();
        }
      }
    }
    return lives;
  } finally {
    await generator.stop();
  }
}

/** Memory with so many connections, which are dropped behind it. */
function holding(server: ServerProcess, generator: Generator, settle: number): Hold {
  return async (kind, connections) => {
    await generator.open({ kind, dialect: 'plain', connections, depth: 0, size: 0 }, server.port);
    await after(settle);
    const memory = await server.memory();
    await generator.close();
    await after(settle);
    return memory;
  };
}
