/** What a connection costs while nothing happens on it, compressed and not. [REL-15] */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { type FrameParts, frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { noise, Squeezer } from '../support/squeezing.js';
import type { Cost } from './deflate-cost-server.js';

const CONNECTIONS = 60;
/** The process grows for reasons of its own as well, but not in each of them. */
const BATCHES = 4;
const KiB = 1024;
/** Of any kind: compressed and inflated in one call, by zlib's threads, and in several pieces. */
const MESSAGES = ['short', 'of some length '.repeat(800), 'a long one '.repeat(6000), noise(20_000)];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

type Deflate = boolean | { readonly serverNoContextTakeover: false; readonly clientNoContextTakeover: false };

/** Bytes for each connection, once it has echoed every message and is idle; and zlib's streams of them all. */
async function costOf(deflate: Deflate): Promise<Cost> {
  const script = fileURLToPath(new URL('./deflate-cost-server.js', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(deflate)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  const [port] = (await once(child, 'message')) as [number];
  const measured = async () => {
    child.send('cost');
    return ((await once(child, 'message')) as [Cost])[0];
  };
  const squeezer = new Squeezer({ takeover: deflate !== true });
  const said = MESSAGES.map((message) => frame(deflate === false ? plain(message) : { ...plain(squeezer.squeeze(message)), rsv: 4 }));
  const connect = async (): Promise<void> => {
    const peer = await RawPeer.open({ port }, '/echo', { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] });
    peer.send(...said);
    await peer.received(MESSAGES.length);
  };
  const rows = Array.from({ length: CONNECTIONS }, (_, i) => i);
  const costs: Cost[] = [];
  let before = await measured();
  for (let batch = 0; batch < BATCHES; batch++) {
    await sideBySide(rows, String, connect, 8);
    const now = await measured();
    costs.push({ rss: (now.rss - before.rss) / CONNECTIONS, held: (now.held - before.held) / CONNECTIONS, streams: now.streams });
    before = now;
  }
  RawPeer.dropAll();
  const least = (of: 'rss' | 'held') => Math.min(...costs.map((cost) => cost[of]));
  return { rss: least('rss'), held: least('held'), streams: before.streams };
}

const plain = (payload: string | Buffer): FrameParts => ({ opcode: OPCODES.text, payload });

it('[REL-15] permessage-deflate makes a connection at most 64 KiB dearer; contexts that are kept cost what the guide says', async () => {
  const without = await costOf(false);
  const shared = await costOf(true);
  const kept = await costOf({ serverNoContextTakeover: false, clientNoContextTakeover: false });
  expect(shared.held - without.held).toBeLessThan(64 * KiB);
  expect(shared.rss - without.rss).toBeLessThan(64 * KiB);
  expect([without.streams, shared.streams <= 16, kept.streams >= 2 * BATCHES * CONNECTIONS]).toEqual([0, true, true]);
  expect(kept.rss - without.rss).toBeGreaterThan(64 * KiB); // else there would be nothing to choose
  expect(kept.rss - without.rss).toBeLessThan(400 * KiB);
}, 60_000);
