/** The load, in a process of its own, where there is only node: raw sockets, and frames encoded beforehand. See protocol.ts. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { DIALECTS } from './dialect.js';
import { echo } from './echo.js';
import { fanOut } from './fan-out.js';
import { handshakes } from './handshakes.js';
import { closeAll, openAll, type Peer } from './peer.js';
import { type Load, loadOf, type Opened, type Outcome } from './protocol.js';
import { room } from './room.js';
import type { Field, Running } from './running.js';
import { exchange } from './squeezed.js';

const LOADS: Readonly<Record<Load['kind'], ((field: Field) => Running & { end?(): Promise<void> }) | null>> = {
  echo,
  'fan-out': fanOut,
  room,
  handshakes,
  idle: null,
  squeezed: null,
};

let peers: readonly Peer[] = [];
let running: (Running & { end?(): Promise<void> }) | null = null;

process.on('uncaughtException', (error) => {
  writeSync(2, `load: ${error.message}\n`);
  process.exit(1);
});

for await (const line of createInterface({ input: process.stdin })) {
  const answer = line.startsWith('run ') ? await run(Number(line.slice(4))) : line === 'close' ? await close() : await open(line);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit();

async function open(line: string): Promise<Opened> {
  const { load, port } = loadOf(line);
  const dialect = DIALECTS[load.dialect];
  const begin = LOADS[load.kind];
  if (dialect === undefined || begin === undefined) throw new Error('a load that is not known');
  const extra = load.kind === 'squeezed' ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n' : '';
  const count = load.kind === 'handshakes' ? 0 : load.connections;
  peers = await openAll(count, dialect, { port, path: dialect.path, extra });
  if (load.kind === 'squeezed') await exchange(peers);
  running = begin?.({ load, dialect, port, peers }) ?? null;
  return { open: peers.length };
}

async function run(ms: number): Promise<Outcome> {
  if (running === null) throw new Error('nothing to run');
  const start = performance.now();
  running.begin();
  await after(ms);
  const { count, latencies = [] } = running;
  const rate = (count / (performance.now() - start)) * 1000;
  for (const peer of peers) peer.onBytes = () => {};
  await running.end?.();
  if (latencies.length === 0) return { count, rate };
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => (sorted[Math.floor(sorted.length * share)] as number) / 1000;
  return { count, rate, p50: at(0.5), p99: at(0.99) };
}

async function close(): Promise<Opened> {
  await closeAll(peers);
  peers = [];
  running = null;
  return { open: 0 };
}
