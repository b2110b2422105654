/** Whatever bytes come, the process lives, says nothing, and serves the others: seen from outside of it. [REL-1] */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { randomOf } from '../support/mutations.js';
import { chunked, type Random, randomFrames, randomFrom, randomStream } from '../support/random-streams.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { spoilt } from '../support/spoilt-frames.js';
import { squeezed } from '../support/squeezing.js';

const { FUZZ_SEED } = process.env;
const seed = Number(FUZZ_SEED ?? Date.now() % 1_000_000_000);
const CLIENTS = 800;
const AT_ONCE = 60;

let child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

const bytes = (random: Random, most: number): Buffer => Buffer.from(Array.from({ length: random(most) }, () => random(256)));
const REQUEST = Buffer.from(upgradeRequest('/echo', ['Sec-WebSocket-Extensions: permessage-deflate']), 'latin1');
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const HELLO = Buffer.from('160301020001000001fc0303', 'hex');
const frames = { masked: true, deflate: squeezed, messages: 4 };

/** What a client sends: something that begins well, or nothing of the kind. */
const KINDS: readonly ((random: Random) => Buffer)[] = [
  (random) => bytes(random, 2000),
  (random) => Buffer.concat([random(2) === 0 ? PREFACE : HELLO, bytes(random, 500)]),
  (random) => Buffer.concat([REQUEST.subarray(0, random(REQUEST.length)), bytes(random, 300)]),
  (random) => Buffer.concat([REQUEST.subarray(0, random(REQUEST.length)), REQUEST]),
  (random) => Buffer.concat([REQUEST, bytes(random, 3000)]),
  (random) => Buffer.concat([REQUEST, randomStream(random, frames), bytes(random, 300)]),
  (random) => Buffer.concat([REQUEST, spoilt(randomFrames(random, { ...frames, legal: true }), random)]),
  (random) => Buffer.concat([REQUEST, ...randomFrames(random, { ...frames, legal: true })]),
];

/** One client, from its first byte to its end. */
async function storm(port: number, of: number): Promise<void> {
  const random = randomFrom(of);
  const all = (KINDS[random(KINDS.length)] as (random: Random) => Buffer)(random);
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
  const gone = new Promise((resolve) => socket.on('close', resolve));
  if (random(8) > 0) socket.resume();
  for (const chunk of chunked(random, all, 4)) {
    if (!socket.writable) break;
    socket.write(chunk);
    if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (random(3) === 0) socket.resetAndDestroy();
  else socket.end();
  socket.resume();
  await gone;
}

it(`[REL-1] ${CLIENTS} clients that send anything, seed ${seed}: no error, no warning, nobody else's echo lost, no socket left`, async () => {
  child = spawn(process.execPath, [fileURLToPath(new URL('./storm-server.js', import.meta.url))], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (some: string) => {
    complaints += some;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  const report = async () => {
    child?.stdin.write('\n');
    return JSON.parse(String((await lines.next()).value)) as { warnings: string[]; sockets: number };
  };
  const good = await RawPeer.open({ port }, '/echo');
  const { sockets } = await report();

  let raging = true;
  const served = (async () => {
    const sent: string[] = [];
    while (raging) {
      sent.push(`message ${sent.length}`);
      good.text(sent.at(-1) as string);
      expect(await good.received(sent.length)).toEqual(sent);
    }
    return sent.length;
  })();
  const random = randomOf(seed);
  const seeds = Array.from({ length: CLIENTS }, () => Math.floor(random() * 2 ** 31));
  try {
    await sideBySide(seeds, String, (of) => storm(port, of), AT_ONCE);
  } finally {
    raging = false;
  }
  expect(await served).toBeGreaterThan(20);

  await eventually(async () => expect(await report()).toEqual({ warnings: [], sockets }));
  expect(complaints).toBe('');
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
}, 60_000);
