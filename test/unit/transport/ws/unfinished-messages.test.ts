/** What a message costs that never ends: its bytes and a constant in memory, and time in proportion to its frames. [REL-9, REL-11] */
import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import type { Reader } from '../../../../src/transport/ws/paced-reader.js';
import { held } from '../../../support/memory.js';
import { type Reading, reading, turns } from '../../../support/reading.js';
import { SKIP, upTo, WHOLE } from '../../../support/recorder.js';
import { binary, frame, more, parse, ping } from '../../../support/wire-frames.js';

const SIZE = 4 * 2 ** 20; // bytes of payload
const MOST = 200_000; // frames
const CONSTANT = 512 * 1024; // what V8 has besides comes and goes by some 100 KB

/** As node reads from a socket: memory of its own, and no more of it than there are bytes. */
function packet(...frames: readonly Buffer[]): Buffer {
  const all = Buffer.allocUnsafeSlow(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of frames) at += each.copy(all, at);
  return all;
}

const fragment = (size: number): Buffer => more(Buffer.alloc(size, 7), { fin: false });
const repeated = (count: number, ...frames: readonly Buffer[]): Buffer =>
  Buffer.alloc(count * Buffer.concat(frames).length, Buffer.concat(frames));

/** Packets, each the same, and how many bytes of the message are in one. */
const PACKETS: readonly (readonly [what: string, packet: Buffer, payload: number])[] = [
  ['fragments of a byte', repeated(8000, fragment(1)), 8000],
  ['fragments of a byte, empty ones between them', repeated(4000, fragment(1), fragment(0)), 4000],
  ['fragments of 100 bytes', repeated(600, fragment(100)), 60_000],
  ['fragments of 4 KiB, 15 to a packet', repeated(15, fragment(4096)), 15 * 4096],
  ['a fragment in each packet, of 4 KiB and a byte', fragment(4097), 4097],
  ['a small fragment and a larger one in each packet', packet(fragment(1), fragment(4200)), 4201],
  ['fragments of 5 KiB, with pings for the rest of a packet of 8 KiB', packet(fragment(5000), repeated(24, ping('x'.repeat(120)))), 5000],
  [
    'fragments of 33 KiB, with pings for the rest of a packet of 64 KiB',
    packet(fragment(33_000), repeated(250, ping('x'.repeat(120)))),
    33_000,
  ],
];

/** The message, begun; how long it is once it has ended. */
function begun(how: Reading = {}) {
  const sizes: number[] = [];
  const all = { ...reading({ wants: WHOLE, ...how }), sizes };
  all.house.onPing = () => {};
  all.house.onBinary = ({ length }) => void sizes.push(length);
  all.reader.push(packet(binary('', { fin: false })), performance.now());
  return all;
}

/** Until so many frames have been read. */
async function readUntil({ reader }: { readonly reader: Reader }, frames: number): Promise<void> {
  while (reader.framesReceived < frames && !reader.isOver) await turns(1);
}

describe('[REL-9] an unfinished message holds its bytes and a constant', () => {
  it.each(PACKETS)('%s', async (_what, bytes, payload) => {
    const all = begun();
    const before = await held();
    const frames = parse(bytes).length;
    const count = Math.min(Math.floor(SIZE / payload), Math.ceil(MOST / frames));
    for (let i = 1; i <= count; i++) {
      all.reader.push(packet(bytes), performance.now());
      await readUntil(all, 1 + i * frames);
    }
    expect((await held()) - before).toBeLessThan(count * payload * 1.08 + CONSTANT); // the objects around blocks of 16 KiB weigh something, too
    all.reader.push(packet(more('!')), performance.now());
    expect(all.sizes).toEqual([count * payload + 1]);
  });

  it('one frame, a byte in each packet', async () => {
    const all = reading();
    const size = 50_000;
    const before = await held();
    all.reader.push(packet(frame({ opcode: 2, length: size + 1 })), performance.now());
    for (let i = 0; i < size; i++) all.reader.push(Buffer.allocUnsafeSlow(1), performance.now());
    expect((await held()) - before).toBeLessThan(size * 1.08 + CONSTANT);
    expect(all.house.events).toEqual([]);
  });
});

/** Processor time of so many fragments. */
async function cost(count: number, each: Buffer, how: Reading): Promise<number> {
  const all = begun(how);
  const many = 5_000;
  const bytes = repeated(many, each);
  const start = process.cpuUsage();
  for (let read = many; read <= count; read += many) {
    all.reader.push(packet(bytes), performance.now());
    await readUntil(all, read + 1);
  }
  const { user, system } = process.cpuUsage(start);
  expect(all.reader.framesReceived).toBe(count + 1);
  expect(all.sizes).toEqual([]);
  return user + system;
}

describe('[REL-9] a million fragments', () => {
  const idle = { rsv: [], parameters: [], inbound: <T>(each: T) => each, outbound: <T>(each: T) => each };
  it.each<[string, Buffer, Reading, number]>([
    ['of nothing', fragment(0), {}, 1_000_000],
    ['of a byte', fragment(1), {}, 1_000_000],
    ['of a byte, for nobody, 400,000 only', fragment(1), { wants: SKIP }, 400_000],
    ['of a byte, through an extension, 100,000 only', fragment(1), { wants: upTo(2_000_000), transformations: [idle] }, 100_000],
  ])(
    '%s: none is refused, and they take as long as they are many',
    async (_what, each, how, count) => {
      await cost(count / 10, each, how); // compiled
      const quarter = await cost(count / 4, each, how);
      expect(await cost(count, each, how)).toBeLessThan(10 * quarter + 50_000); // 4 times, and µs of noise; quadratic would be 16 times
    },
    60_000,
  );
});
