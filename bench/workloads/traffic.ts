/** Messages a second, and how long one takes: echo, fan-out and rooms. */
import type { Conditions } from '../conditions.js';
import type { Load } from '../load/protocol.js';
import { atLeast, atMost, type Goal, type Measured, type Row } from '../measured.js';
import { dialectOf, PEERS } from '../peers.js';
import { type Contender, type Rounds, type Run, rounds } from '../rounds.js';
import type { Role } from '../servers/protocol.js';
import type { Workload } from '../workload.js';

interface Traffic {
  readonly name: string;
  readonly role: Role;
  readonly load: Omit<Load, 'dialect'>;
  readonly servers: readonly string[];
  readonly goal: Goal | null;
}

const ECHO = ['ws', 'margay', 'margay-async', 'net'];
const ROOM = ['ws', 'margay', 'margay-broadcast', 'net'];
const VARIANTS = ['margay-async', 'margay-broadcast'];
const SIZE = 64;
/** What both percentiles may be of ws's: a message that waits for others of its turn must not wait longer for it. */
const LATENCY = atMost(1.1);

const echo = (connections: number, depth: number, size: number, goal: Goal | null): Workload => {
  const who = connections === 1 ? '1 connection' : `${connections} connections`;
  return workload({
    name: `echo, ${who}, ${depth} in flight${size === SIZE ? '' : `, ${size} bytes`}`,
    role: 'echo',
    load: { kind: 'echo', connections, depth, size },
    servers: ECHO,
    goal,
  });
};
const fanOut = (receivers: number, depth: number, goal: Goal): Workload =>
  workload({
    name: `fan-out to ${receivers}, ${depth === 1 ? 'one at a time' : `${depth} in flight`}`,
    role: 'room',
    load: { kind: 'fan-out', connections: receivers, depth, size: SIZE },
    servers: ROOM,
    goal,
  });
const room = (members: number, senders: number, goal: Goal): Workload =>
  workload({
    name: `room of ${members}, ${senders === members ? 'all' : senders} sending`,
    role: 'room',
    load: { kind: 'room', connections: members, depth: senders, size: SIZE },
    servers: ROOM,
    goal,
  });

export const TRAFFIC: readonly Workload[] = [
  echo(64, 1, SIZE, atLeast(1.2)),
  echo(64, 8, SIZE, atLeast(5)),
  echo(64, 64, SIZE, atLeast(9)),
  echo(64, 8, 1024, atLeast(3)),
  fanOut(1000, 1, atLeast(1.5)),
  fanOut(1000, 8, atLeast(11)),
  fanOut(5000, 1, atLeast(1.2)),
  room(200, 50, atLeast(26)),
  room(100, 100, atLeast(50)),
  echo(1, 1, SIZE, null),
];

function workload(traffic: Traffic): Workload {
  return { name: traffic.name, measure: (conditions) => measure(traffic, conditions) };
}

async function measure({ name, role, load, servers, goal }: Traffic, conditions: Conditions): Promise<Measured[]> {
  const own = conditions.effort.hasVariants ? servers : servers.filter((server) => !VARIANTS.includes(server));
  const names = conditions.hasPeers ? [...own, ...PEERS] : own;
  const contenders = names.map((server): Contender => ({ server, role, load: { ...load, dialect: dialectOf(server) } }));
  const found = await rounds(contenders, conditions);
  const rates = measuredOf(found, { name, unit: 'messages/s', goal }, ({ rate }) => rate, true);
  if (load.kind !== 'echo' || load.depth !== 1) return [rates];
  return [
    rates,
    measuredOf(found, { name: `${name}: p50`, unit: 'µs', goal: LATENCY }, ({ p50 }) => p50 as number),
    measuredOf(found, { name: `${name}: p99`, unit: 'µs', goal: LATENCY }, ({ p99 }) => p99 as number),
  ];
}

/** What rounds amount to, with ws as the control. */
export function measuredOf(
  { runs, refusals }: Rounds,
  what: Pick<Measured, 'name' | 'unit' | 'goal'>,
  figure: (run: Run) => number,
  hasCpu = false,
): Measured {
  const rows = [...runs].map(([name, list]): Row => {
    const spent = list.flatMap((run) => run.spent ?? []);
    const isTold = hasCpu && spent.length === list.length;
    return {
      name,
      values: list.map(figure),
      ...(isTold && { user: spent.map(({ user }) => user), system: spent.map(({ system }) => system) }),
    };
  });
  return { ...what, subject: 'margay', control: 'ws', rows, notes: hasCpu ? refusals : [] };
}
