/** One soak: the server, those who use it, those who abuse it, and what has become of all of them. */
import { setMaxListeners } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import { type Attack, carryOn, type Field, type Tally } from './attack.js';
import { ENDS } from './attacks/ends.js';
import { FLOODS } from './attacks/floods.js';
import { FRAMES } from './attacks/frames.js';
import { HANDSHAKES } from './attacks/handshakes.js';
import { READERS } from './attacks/readers.js';
import { type Figures, measure } from './figures.js';
import { Crowd } from './good/crowd.js';
import { endLine, showLine } from './live-line.js';
import { heldBy } from './memory.js';
import type { Sample } from './messages.js';
import type { Options } from './options.js';
import { randomOf } from './random.js';
import { RawClient } from './raw-client.js';
import type { ServerProcess } from './server-process.js';

const ATTACKS: readonly Attack[] = [...HANDSHAKES, ...FRAMES, ...FLOODS, ...READERS, ...ENDS];
/** ms in which everything is gone that the load has left: twice closeTimeout and 2 s, and what a busy machine adds. */
const GONE_BY = 30_000;

export interface Outcome {
  readonly figures: Figures;
  readonly crowd: Crowd;
  readonly tallies: readonly Tally[];
  /** What attacks have measured. */
  readonly measured: ReadonlyMap<string, readonly number[]>;
  readonly before: Sample;
  readonly after: Sample;
  /** Bytes that the server held behind a collection, and those of its process; with ms since the load began. */
  readonly held: readonly (readonly [at: number, bytes: number])[];
  readonly resident: readonly (readonly [at: number, bytes: number])[];
  /** ms that the server's event loop was held, at most, by second. */
  readonly holds: readonly number[];
  /** ms that the driver's own was held, p99: good clients wait that long without any fault of the server's. */
  readonly ownDelay: number;
  readonly seconds: number;
}

/** @param stopped ends the load early */
export async function soak(server: ServerProcess, { minutes, seed, only }: Options, stopped: AbortSignal): Promise<Outcome> {
  const figures = await measure(server);
  const before = await back(server, () => true);
  const over = new AbortController();
  setMaxListeners(0, over.signal, stopped);
  const random = randomOf(seed);
  const crowd = new Crowd(server.ports, random);
  const field = fieldOf(server, random, over.signal);
  await crowd.begin();
  const since = performance.now();
  const attacks = Promise.all(ATTACKS.filter(({ name }) => name.includes(only)).map((attack) => carryOn(attack, field)));
  const watched = await watch(server, crowd, minutes * 60, stopped);
  const seconds = (performance.now() - since) / 1000;

  over.abort();
  const dropping = setInterval(RawClient.dropAll, 50); // some are just connecting
  const tallies = await attacks;
  clearInterval(dropping);
  RawClient.dropAll();
  await crowd.end();
  const after = await back(server, (sample) => isLike(sample, before));
  return { figures, crowd, tallies, measured: field.figures, before, after, seconds, ...watched };
}

function fieldOf(server: ServerProcess, random: Field['random'], over: AbortSignal): Field {
  let ids = 0;
  return {
    server,
    ports: server.ports,
    random,
    over,
    figures: new Map(),
    newId: () => String(++ids),
    sleep: (ms) => after(ms, undefined, { signal: over }).catch(() => {}),
  };
}

/** Looks once a second, and collects the server's garbage now and then. */
async function watch(server: ServerProcess, crowd: Crowd, seconds: number, stopped: AbortSignal) {
  const held: [number, number][] = [];
  const resident: [number, number][] = [];
  const holds: number[] = [];
  const own = monitorEventLoopDelay({ resolution: 2 });
  own.enable();
  const period = seconds < 300 ? 2 : 5;
  const since = performance.now();
  let messages = 0;
  for (let second = 1; second <= Math.ceil(seconds) && !stopped.aborted && !server.hasDied; second++) {
    const due = since + Math.min(second, seconds) * 1000 - performance.now();
    await after(Math.max(0, due), undefined, { signal: stopped }).catch(() => {});
    const collects = second % period === 0;
    const sample = await server.sample(collects);
    const now = performance.now() - since;
    if (collects) held.push([now, heldBy(sample)]);
    if (collects) resident.push([now, sample.rss]);
    holds.push(sample.held);
    showLine({ second, sample, messagesPerSecond: sample.messages - messages, p99: crowd.latency.lateP99() });
    messages = sample.messages;
  }
  endLine();
  own.disable();
  return { held, resident, holds, ownDelay: own.percentile(99) / 1e6 };
}

/** Once nobody is connected any more and it is as it should be; or as it is when that has taken too long. */
async function back(server: ServerProcess, isThere: (sample: Sample) => boolean): Promise<Sample> {
  const deadline = performance.now() + GONE_BY;
  for (;;) {
    const sample = await server.sample(true);
    if ((sample.sessions === 0 && isThere(sample)) || performance.now() > deadline) return sample;
    await after(250);
  }
}

/** As many descriptors and handles of each kind. */
export function isLike(sample: Sample, before: Sample): boolean {
  return sample.descriptors === before.descriptors && JSON.stringify(sample.handles) === JSON.stringify(before.handles);
}
