/** Thousands of connections that come and go, in every way there is, and what they leave behind: nothing. [REL-14] */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { grown, ownClasses } from '../support/census.js';
import { eventually } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { squeezed } from '../support/squeezing.js';
import type { Stock } from './churn-server.js';

const CONNECTIONS = 5000;
const AT_ONCE = 48;
const { text, binary, continuation } = OPCODES;
const DEFLATE = { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] };
const LARGE = squeezed('What is compressed well, what is compressed well, '.repeat(4000));

/** What of node's may hang on a connection, beside all classes of ours and those of the endpoint. */
const NODES = 'Socket TCP TLSSocket TLSWrap ServerResponse IncomingMessage Timeout Immediate WriteWrap ShutdownWrap'.split(' ');
const THEIRS = ['Talk', 'Parcel', 'ParcelEncoder'];
/** Kept for the next turns, whoever they are for, and never more than 16. */
const SPARE = ['Block'];
/** zlib's streams of either kind that wait for whoever needs one next. */
const SHELF = 8;

let child: ChildProcess;
let ports: { readonly plain: number; readonly secure: number; readonly handing: number };

beforeAll(async () => {
  const script = fileURLToPath(new URL('./churn-server.js', import.meta.url));
  child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  [ports] = (await once(child, 'message')) as [typeof ports];
});

afterAll(() => {
  child.kill();
});

/** What the server has, once nothing more happens there. */
async function stock(): Promise<Stock> {
  child.send('stock');
  return ((await once(child, 'message')) as [Stock])[0];
}

const open = (path = '/talk/ann', lines: readonly string[] = []) => RawPeer.open({ port: ports.plain }, path, { lines });
const squeezing = () => RawPeer.open({ port: ports.plain }, '/talk/ann', DEFLATE);

/** Every way to come and go; what waits on purpose comes less often. */
const WAYS: Readonly<Record<string, (i: number) => Promise<void>>> = {
  async 'we close'() {
    const peer = await open();
    peer.text('bye');
    await peer.closeFrame();
    peer.close(1000);
    await peer.finished();
  },
  async 'the peer closes'() {
    const peer = await open();
    peer.text('hello');
    peer.close(1000);
    await peer.finished();
  },
  async 'a reset'() {
    (await open()).reset();
  },
  async 'a reset while we close'() {
    const peer = await open();
    peer.text('bye');
    await peer.closeFrame();
    peer.reset();
  },
  async 'the peer ends its direction'() {
    const peer = await open();
    peer.text('hello');
    peer.end();
    await peer.closed();
  },
  async 'a frame that is none'() {
    const peer = await open();
    peer.send({ opcode: 3 });
    await peer.closeFrame();
    peer.reset();
  },
  async 'a path that nobody answers'() {
    await refused(RawPeer.ask({ port: ports.plain }, '/nowhere'), 404);
  },
  async 'a stranger'() {
    await refused(RawPeer.ask({ port: ports.plain }, '/talk/ann', { lines: ['X-Stranger: yes'] }), 401);
  },
  async 'an origin that is not ours, new each time'(i) {
    await refused(RawPeer.ask({ port: ports.plain }, '/talk/ann', { lines: [`Origin: http://${i}.example`] }), 403);
  },
  async 'a refusal that is answered by a reset'() {
    const peer = RawPeer.ask({ port: ports.plain }, '/talk/ann', { lines: ['X-Stranger: yes'] });
    await peer.response();
    peer.reset();
  },
  async 'half a request'() {
    const peer = await RawPeer.connect({ port: ports.plain });
    peer.send(upgradeRequest('/talk/ann').slice(0, 60));
    peer.reset();
  },
  async 'one who leaves while a hook is asked'() {
    const peer = RawPeer.ask({ port: ports.plain }, '/talk/ann', { lines: ['X-Hesitate: yes'] });
    await new Promise((resolve) => setTimeout(resolve, 3));
    peer.reset();
  },
  async 'an @OnOpen that fails'() {
    const peer = await open('/talk/failing');
    await peer.closeFrame();
    peer.reset();
  },
  async 'a reset while @OnOpen is at work'() {
    (await open('/talk/late')).reset();
  },
  async 'half a message'() {
    const peer = await open();
    peer.send({ opcode: text, fin: false, payload: 'half' }, { opcode: continuation, fin: false, payload: 'of it' });
    peer.reset();
  },
  async 'half a compressed message'() {
    const peer = await squeezing();
    peer.send({ opcode: text, rsv: 4, fin: false, payload: LARGE.subarray(0, 100) });
    peer.reset();
  },
  async 'a large message, compressed both ways'() {
    const peer = await squeezing();
    peer.send({ opcode: text, rsv: 4, payload: LARGE });
    await eventually(() => expect(peer.frames).toHaveLength(1));
    peer.close(1000);
    await peer.finished();
  },
  async 'a reset while a large message is inflated or compressed'() {
    const peer = await squeezing();
    peer.send({ opcode: text, rsv: 4, payload: LARGE }, { opcode: text, rsv: 4, payload: LARGE });
    await new Promise((resolve) => setTimeout(resolve, 2));
    peer.reset();
  },
  async 'a stream half read'() {
    const peer = await open();
    peer.send({ opcode: binary, fin: false, payload: Buffer.alloc(40_000) }, { opcode: continuation, fin: false, payload: 'more' });
    peer.reset();
  },
  async 'an encoder at work'() {
    const peer = await open();
    peer.text('parcel');
    await new Promise((resolve) => setTimeout(resolve, 2));
    peer.reset();
  },
  async 'a handler at work'() {
    const peer = await open();
    peer.text('wait');
    peer.text('behind it');
    peer.close(1001);
    await peer.finished();
  },
  async 'a session that is suspended'() {
    const peer = await open();
    peer.text('suspend');
    peer.text('never read');
    peer.reset();
  },
  async 'a queue that is full'() {
    const peer = await open();
    peer.stopReading();
    peer.text('flood');
    await new Promise((resolve) => setTimeout(resolve, 5));
    peer.reset();
  },
  async 'a queue that is full, compressed'() {
    const peer = await squeezing();
    peer.stopReading();
    peer.text('flood');
    await new Promise((resolve) => setTimeout(resolve, 5));
    peer.reset();
  },
  async 'an HTTP session that ends'(i) {
    const peer = await open('/talk/ann', [`X-Session: ${i}`]);
    await peer.closeFrame();
    peer.close(1008);
    await peer.finished();
  },
  async 'a front controller'(i) {
    const peer = await RawPeer.open({ port: ports.handing }, '/any');
    peer.text('hello');
    if (i % 2 === 0) peer.close(1000);
    await (i % 2 === 0 ? peer.finished() : peer.received(1));
    peer.reset();
  },
  async TLS(i) {
    const peer = await RawPeer.open({ port: ports.secure }, '/talk/ann', { secure: true });
    peer.text('hello');
    if (i % 2 === 0) peer.close(1000);
    await (i % 2 === 0 ? peer.finished() : peer.received(1));
    peer.reset();
  },
};
const RARE = new Set(['TLS', 'a queue that is full', 'a queue that is full, compressed', 'a large message, compressed both ways']);

async function refused(peer: RawPeer, status: number): Promise<void> {
  expect((await peer.response()).status).toBe(status);
  await peer.finished();
}

const names = Object.keys(WAYS);

async function churn(count: number): Promise<void> {
  const wayOf = (i: number): string => {
    const name = names[i % names.length] as string;
    return RARE.has(name) && Math.floor(i / names.length) % 4 > 0 ? 'a reset' : name;
  };
  const rows = Array.from({ length: count }, (_, i) => i);
  await sideBySide(rows, wayOf, (i) => WAYS[wayOf(i)]?.(i) as Promise<void>, AT_ONCE);
  RawPeer.dropAll();
}

it('[REL-14] 5,000 connections come and go: descriptors, handles, sessions, instances and objects are exactly, memory within 16 MB, where they were', async () => {
  await churn(10 * names.length); // what is made once, and kept for later, is made
  const before = await stock();
  await churn(CONNECTIONS);
  const after = await stock();

  expect(after.opened - before.opened).toBeGreaterThan(CONNECTIONS / 2);
  expect(after.closed).toBeGreaterThanOrEqual(after.opened); // one whose @OnOpen fails is closed as well
  expect(after.created - before.created).toBeGreaterThan(CONNECTIONS / 2);
  expect(after).toMatchObject({ destroyed: after.created, coders: 0, subscriptions: 0, open: 0, registered: 0, ticking: 0 });
  expect(after.descriptors).toBe(before.descriptors);
  expect(after.resources).toEqual(before.resources);
  const known = [...ownClasses(), ...NODES, ...THEIRS].filter((name) => !SPARE.includes(name));
  expect(grown(known, before.census, after.census)).toEqual({});
  const { InflateRaw: inflaters = 0, DeflateRaw: deflaters = 0, Zlib: streams = 0 } = after.census;
  expect([inflaters <= SHELF, deflaters <= SHELF, streams <= 2 * SHELF]).toEqual([true, true, true]);
  expect(after.held - before.held).toBeLessThan(16 * 2 ** 20);

  child.send('keep'); // the census would say so
  await WAYS['the peer closes']?.(0);
  const left = grown(known, after.census, (await stock()).census);
  const expected = ['LiveSession', 'Connection', 'WsChannel', 'WriteQueue', 'FrameParser', 'Socket', 'Talk'];
  expect(Object.keys(left)).toEqual(expect.arrayContaining(expected));
}, 120_000);
