/** What connections cost that say nothing, and what is left when they have gone. */
import { setTimeout as after } from 'node:timers/promises';
import type { Conditions } from '../conditions.js';
import { Generator } from '../generator.js';
import type { Load } from '../load/protocol.js';
import { atMost, type Goal, type Measured, valueAtMost } from '../measured.js';
import { ServerProcess } from '../server-process.js';
import type { Memory, Role } from '../servers/protocol.js';
import type { Workload } from '../workload.js';

const WARM_UP = 200; // connections
/** Bytes: what a compressed connection may cost more, and what may be left of all connections together. */
const COMPRESSED = 8192;
const LEFT = 4 * 2 ** 20;

/** A server's memory without connections, with them, and when they have gone. */
interface Life {
  readonly server: string;
  readonly empty: Memory;
  readonly full: Memory;
  readonly left: Memory;
  /** With as many that have exchanged a compressed message. */
  readonly squeezed: Memory | null;
}

interface Course {
  readonly role: Role;
  readonly count: number;
  /** ms */
  readonly settle: number;
}

export const idle: Workload = {
  name: 'memory of idle connections',
  async measure(conditions) {
    const count = conditions.effort.idle;
    const lives = await livesOf(['ws', 'margay', 'net'], 'echo', count, conditions);
    const each = (of: 'held' | 'rss') => (life: Life) => (life.full[of] - life.empty[of]) / count;
    return [
      measured(lives, `memory of ${count} idle connections, heap`, 'bytes each', atMost(1.15), each('held')),
      measured(lives, `memory of ${count} idle connections, RSS`, 'bytes each', atMost(1.15), each('rss')),
      measured(
        lives,
        `memory left when ${count} have closed`,
        'bytes in all',
        valueAtMost(LEFT),
        ({ left, empty }) => left.held - empty.held,
      ),
    ];
  },
};

export const squeezed: Workload = {
  name: 'memory of compressed connections',
  async measure(conditions) {
    const count = conditions.effort.squeezed;
    const lives = await livesOf(['ws', 'margay'], 'squeezed', count, conditions);
    const more = (of: 'held' | 'rss') => (life: Life) => ((life.squeezed as Memory)[of] - life.full[of]) / count;
    const name = `memory of ${count} compressed idle connections over plain ones`;
    return [
      measured(lives, `${name}, heap`, 'bytes each', valueAtMost(COMPRESSED), more('held')),
      measured(lives, `${name}, RSS`, 'bytes each', valueAtMost(COMPRESSED), more('rss')),
    ];
  },
};

function measured(lives: readonly Life[], name: string, unit: string, goal: Goal, figure: (life: Life) => number): Measured {
  const servers = [...new Set(lives.map(({ server }) => server))];
  const rows = servers.map((server) => ({ name: server, values: lives.filter((life) => life.server === server).map(figure) }));
  return { name, unit, subject: 'margay', control: 'ws', goal, rows, notes: [] };
}

/** Each in a process that has not lived before: what a system has once given, a process need not give back. */
async function livesOf(servers: readonly string[], role: Role, count: number, conditions: Conditions): Promise<Life[]> {
  const { program, pinning, effort, peersFrom } = conditions;
  const generator = new Generator(program, pinning?.load);
  const lives: Life[] = [];
  try {
    for (let i = 0; i < effort.lives; i++) {
      for (const name of servers) {
        const server = await ServerProcess.start(name, role, { core: pinning?.server, peersFrom });
        try {
          lives.push(await live(server, generator, { role, count, settle: effort.settle }));
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

async function live(server: ServerProcess, generator: Generator, { role, count, settle }: Course): Promise<Life> {
  const compressed = role === 'squeezed';
  const memoryWith = async (kind: Load['kind'], connections: number): Promise<Memory> => {
    await generator.open({ kind, dialect: 'plain', connections, depth: 0, size: 0 }, server.port);
    await after(settle);
    const memory = await server.memory();
    await generator.close();
    await after(settle);
    return memory;
  };
  await memoryWith(compressed ? 'squeezed' : 'idle', WARM_UP);
  const empty = await server.memory();
  const full = await memoryWith('idle', count);
  const left = await server.memory();
  return { server: server.name, empty, full, left, squeezed: compressed ? await memoryWith('squeezed', count) : null };
}
