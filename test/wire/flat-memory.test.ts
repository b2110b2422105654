/** Messages that are far larger than the memory they may cost. [SES-28, REL-8, LIF-8] */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { frame } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';

const MB = 1_000_000;
const SIZE = 200 * MB;
const NO_MASK = Buffer.alloc(4);
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

interface Outcome {
  readonly bytes: number;
  readonly parts: number;
  readonly largest: number;
  readonly rss: number;
  readonly heap: number;
  /** During a long pause. */
  readonly read: number;
  readonly held: number;
  /** Parts that came although the channel was paused. */
  readonly whilePaused: number;
}

/** What a reader in a process of its own makes of the bytes. */
async function outcome(pace: string, form: string, bytes: () => Iterable<Buffer>): Promise<Outcome> {
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(new URL('./part-reader.js', import.meta.url)), pace, form], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const raw = await RawPeer.open({ port: Number((await lines.next()).value) }, '/');
  for (const each of bytes()) if (!raw.socket.write(each)) await once(raw.socket, 'drain');
  return JSON.parse(String((await lines.next()).value)) as Outcome;
}

function* oneFrame(): Iterable<Buffer> {
  yield frame({ opcode: 2, length: SIZE, mask: NO_MASK });
  const chunk = Buffer.alloc(100_000, 7);
  for (let sent = 0; sent < SIZE; sent += chunk.length) yield chunk;
}

function* fragments(): Iterable<Buffer> {
  const size = 20_000;
  const of = (opcode: number, fin: boolean) => frame({ opcode, fin, payload: Buffer.alloc(size, 7) });
  yield of(2, false);
  const middle = of(0, false);
  for (let sent = 2 * size; sent < SIZE; sent += size) yield middle;
  yield of(0, true);
}

/** 200 KB that become 200 MB. */
function* compressed(): Iterable<Buffer> {
  const payload = deflateRawSync(Buffer.alloc(SIZE), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  expect(payload.length).toBeLessThan(MB / 4);
  yield frame({ opcode: 2, rsv: 4, payload });
}

describe.each(['flowing', 'halting', 'stuck'])('[SES-28] 200 MB in parts, %s', (pace) => {
  it.each<[string, () => Iterable<Buffer>, number]>([
    ['one frame', oneFrame, 65_536 + 8192],
    ['fragments', fragments, 20_000],
    ['compressed', compressed, 16_384],
  ])('as %s: all of it comes, in pieces, and at most 64 MiB are held above the start', async (form, bytes, largest) => {
    const { rss, heap, read, held, whilePaused, ...seen } = await outcome(pace, form, bytes);
    expect(seen).toEqual({ bytes: SIZE, parts: expect.any(Number), largest: expect.any(Number) });
    expect(seen.largest).toBeLessThanOrEqual(largest);
    expect(whilePaused).toBe(0);
    expect(read).toBeLessThanOrEqual(4 * 65_536); // the socket is stopped
    expect(held).toBeLessThan(4 * MB); // and so is zlib
    expect(heap).toBeLessThanOrEqual(64 * 2 ** 20);
    expect(rss).toBeLessThanOrEqual(64 * 2 ** 20);
  });
});
