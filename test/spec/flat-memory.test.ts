/** Messages that are far larger than the memory they may cost. [SES-28, ANN-18, LIF-8, EXT-14] */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';

const MB = 1_000_000;
const MiB = 2 ** 20;
const NO_MASK = Buffer.alloc(4);
let child: ChildProcess | undefined;
let port: number;

type Kind = 'text' | 'binary';

const FORMS: Readonly<Record<string, (kind: Kind, size: number) => Iterable<Buffer>>> = {
  *'one frame'(kind, size) {
    yield frame({ opcode: OPCODES[kind], length: size, mask: NO_MASK });
    const chunk = Buffer.alloc(100_000, 'x');
    for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
  },
  *fragments(kind, size) {
    const payload = Buffer.alloc(20_000, 'x');
    const middle = frame({ opcode: OPCODES.continuation, fin: false, payload });
    yield frame({ opcode: OPCODES[kind], fin: false, payload });
    for (let sent = 2 * payload.length; sent < size; sent += payload.length) yield middle;
    yield frame({ opcode: OPCODES.continuation, payload });
  },
  *'one compressed frame'(kind, size) {
    const payload = deflateRawSync(Buffer.alloc(size, 'x'), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    if (payload.length > size / 500) throw new Error(`${payload.length} bytes are not small`);
    yield frame({ opcode: OPCODES[kind], rsv: 4, payload });
  },
};

/** The port of a server in a process of its own, which all of them share. */
async function serving(): Promise<number> {
  const script = fileURLToPath(new URL('./flat-memory-server.js', import.meta.url));
  child = spawn(process.execPath, ['--expose-gc', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { value } = await createInterface({ input: child.stdout as Readable })
    [Symbol.asyncIterator]()
    .next();
  return Number(value);
}

beforeAll(async () => {
  port = await serving();
});

afterAll(() => {
  child?.kill();
});

/** Bytes: what came, and how far the process and what JavaScript held were above the start. */
interface Outcome {
  readonly size: number;
  readonly above: number;
  readonly held: number;
}

/** What the server makes of it, and what it has cost. */
async function sent(path: string, bytes: Iterable<Buffer>): Promise<Outcome> {
  const peer = await RawPeer.open({ port }, path, { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] });
  for (const each of bytes) if (!peer.socket.write(each)) await once(peer.socket, 'drain');
  const reply = await new Promise<Buffer>((resolve) => {
    const check = () => peer.frames[0] !== undefined && resolve(peer.frames[0].payload);
    peer.socket.on('data', check);
    check();
  });
  const isCompressed = (peer.frames[0]?.rsv ?? 0) !== 0;
  const text = isCompressed ? inflateRawSync(reply, { finishFlush: constants.Z_SYNC_FLUSH }) : reply;
  return JSON.parse(text.toString()) as Outcome;
}

const { streams, parts } = { streams: '/streams', parts: '/parts' };

// Where it takes longer there is less of it: text is checked and made into strings, compressed bytes come in slices of 8 KiB.
it.each<[size: number, form: string, to: string, path: string, kind: Kind]>([
  [200, 'one frame', 'an InputStream', streams, 'binary'],
  [200, 'fragments', 'an InputStream', streams, 'binary'],
  [200, 'one compressed frame', 'an InputStream', streams, 'binary'],
  [200, 'one frame', 'a handler of parts', parts, 'binary'],
  [100, 'one compressed frame', 'a handler of parts', parts, 'binary'],
  [100, 'one frame', 'a Reader', streams, 'text'],
  [100, 'one compressed frame', 'a Reader', streams, 'text'],
  [100, 'fragments', 'a handler of parts', parts, 'text'],
])('[SES-28, ANN-18] %i MB as %s to %s cost at most 64 MiB, and all of it comes', async (size, form, _to, path, kind) => {
  const { size: received, above, held } = await sent(path, FORMS[form]?.(kind, size * MB) ?? []);
  expect(received).toBe(size * MB);
  expect(above).toBeLessThanOrEqual(64 * MiB);
  expect(held).toBeLessThanOrEqual(64 * MiB);
});
