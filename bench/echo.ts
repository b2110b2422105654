/** Echo of 64-byte texts against bare ws: interleaved rounds, the client in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { verdict } from './dispatch.js';
import type { Load } from './load.js';
import { median, spread } from './statistics.js';

const ROUNDS = 7;
const MS = 1000;
const CONNECTIONS = 64;
/** Pipeline depth, and the least ratio to bare ws that is promised for it. */
const DEPTHS: readonly (readonly [number, number])[] = [
  [1, 0.9],
  [8, 3],
  [64, 3],
];
const SERVERS = ['ws', 'margay', 'margay-async'] as const;

export async function echo(): Promise<void> {
  const servers = new Map<string, { readonly child: ChildProcess; readonly port: number }>();
  const load = child('load.js');
  try {
    for (const name of SERVERS) {
      const server = child('server.js', name);
      const [port] = (await once(server, 'message')) as [number];
      servers.set(name, { child: server, port });
    }
    for (const [depth, least] of DEPTHS) {
      const rates = new Map<string, number[]>(SERVERS.map((name) => [name, []]));
      for (let round = -1; round < ROUNDS; round++) {
        for (const [name, { port }] of servers) {
          const rate = await run(load, { port, depth, ms: MS, connections: CONNECTIONS });
          if (round >= 0) rates.get(name)?.push(rate); // the first round warms up
        }
      }
      const control = rates.get('ws') as number[];
      console.log(`echo, ${CONNECTIONS} connections, ${depth} in flight each: messages/s, and ratio to bare ws of the same round`);
      for (const [name, list] of rates) {
        const ratios = list.map((rate, round) => rate / (control[round] as number));
        const claim = name === 'margay' ? `  ${verdict(median(ratios) >= least)} at least ${least}` : '';
        console.log(`  ${name.padEnd(13)} ${Math.round(median(list)).toString().padStart(8)}   ${spread(ratios)}${claim}`);
      }
    }
  } finally {
    load.kill();
    for (const { child: server } of servers.values()) server.kill();
  }
}

function child(file: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: [] });
}

async function run(load: ChildProcess, order: Load): Promise<number> {
  load.send(order);
  const [rate] = (await once(load, 'message')) as [number];
  return rate;
}
