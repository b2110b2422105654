/** What a connection costs on which nothing happens: about what it costs ws, and nothing that it does not need. [REL-14, REL-15] */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { ownClasses } from '../support/census.js';
import { eventually } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { Squeezer } from '../support/squeezing.js';
import type { Stock } from './idle-cost-server.js';

const CONNECTIONS = 1000;
const AT_ONCE = 32;
const KiB = 1024;
const rows = Array.from({ length: CONNECTIONS }, (_, i) => i);
const children: ChildProcess[] = [];

afterEach(() => {
  RawPeer.dropAll();
  for (const child of children.splice(0)) child.kill();
});

async function server(whose: 'ours' | 'compressed' | 'ws') {
  const script = fileURLToPath(new URL('./idle-cost-server.js', import.meta.url));
  const child = spawn(process.execPath, [script, whose], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  const [port] = (await once(child, 'message')) as [number];
  const stock = async (counts = false): Promise<Stock> => {
    child.send(counts);
    return ((await once(child, 'message')) as [Stock])[0];
  };
  const lines = whose === 'compressed' ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [];
  const open = (i: number) => RawPeer.open({ port }, `/talk/room-${i}`, { lines });
  return { stock, open };
}

type Server = Awaited<ReturnType<typeof server>>;
type Met = (peer: RawPeer) => Promise<void>;

/** As many connections as the test has rows; each has done that, and is idle. */
async function fill({ open }: Server, met: Met = async () => {}): Promise<void> {
  const one = async (i: number): Promise<void> => {
    const peer = await open(i);
    await met(peer);
  };
  await sideBySide(rows, String, one, AT_ONCE);
}

/** What there is once all of them have left. */
async function emptied({ stock }: Server): Promise<Stock> {
  RawPeer.dropAll();
  await eventually(async () => expect((await stock()).sockets).toBe(0));
  return stock();
}

const echoed: Met = async (peer) => {
  peer.text('hello');
  await peer.received(1);
};

/** Bytes for each connection, how many are left of them when all are gone, and what of ours there is for each. */
async function costOf(whose: 'ours' | 'compressed' | 'ws', met?: Met) {
  const one = await server(whose);
  const names = ownClasses();
  await fill(one, met); // what is made once is made
  const before = await emptied(one);
  await fill(one, met);
  const full = await one.stock(true);
  const after = await emptied(one);
  const [cost, left] = [full, after].map(({ held }) => (held - before.held) / CONNECTIONS) as [number, number];
  const { Zlib: zlib = 0 } = full.census;
  return { cost, left, zlib, made: names.filter((name) => (full.census[name] ?? 0) >= CONNECTIONS).sort() };
}

/** Each session has one of these while it has said and heard nothing. */
const FROM_THE_START = ['Connection', 'ConnectionConfig', 'Heartbeat', 'Inbox', 'LiveSession', 'MessageHandlers', 'ReadOnlyMap', 'Reading'];
const ALIVE = [...FROM_THE_START, 'Turns', 'Vigil', 'WsChannel'].sort();
/** And these once it has. */
const TO_READ = ['FrameCursor', 'FrameParser', 'FrameReader'];
const TO_SEND = ['FrameWriter', 'Outbound', 'Outlet', 'Pieces', 'Sending', 'Settling', 'SlowPeer', 'WriteQueue'];

it('[REL-14] a session that is only there costs about what a connection of ws costs, has nothing it does not use, and leaves nothing', async () => {
  const [ours, theirs] = [await costOf('ours'), await costOf('ws')];
  expect(ours.made).toEqual(ALIVE);
  expect(ours.left).toBeLessThan(ours.cost / 4);
  expect(theirs.cost).toBeGreaterThan(KiB); // else it was not measured
  expect(ours.cost / theirs.cost).toBeLessThan(1.35); // 1.13 when it was written
}, 120_000);

it('[REL-14] what a session needs to read and to send it has from its first message on', async () => {
  const { cost, left, made } = await costOf('ours', echoed);
  expect(made).toEqual([...ALIVE, ...TO_READ, ...TO_SEND].sort());
  expect(cost).toBeLessThan(6 * KiB);
  expect(left).toBeLessThan(cost / 4);
}, 120_000);

/** zlib's streams that wait for whoever needs one next, of both kinds. */
const SHELVES = 16;

it('[REL-15] a compressed connection that has been talking costs less than 8 KiB more than one that is not compressed', async () => {
  const squeezer = new Squeezer({ takeover: false });
  const squeezed: Met = async (peer) => {
    peer.send({ opcode: OPCODES.text, rsv: 4, payload: squeezer.squeeze('hello, '.repeat(20)) });
    await peer.received(1);
  };
  const [plain, compressed] = [await costOf('ours', echoed), await costOf('compressed', squeezed)];
  expect(compressed.cost - plain.cost).toBeLessThan(8 * KiB);
  expect(compressed.left).toBeLessThan(compressed.cost / 4);
  expect(compressed.zlib).toBeLessThanOrEqual(SHELVES); // whose memory is zlib's own
}, 120_000);
