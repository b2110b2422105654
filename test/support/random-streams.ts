/** Random streams of frames, most of them legal, from a seed. Jest looks every global up in its sandbox, so what is used often is imported. */
import { Buffer } from 'node:buffer';
import { close, frame } from './wire-frames.js';

const { imul, floor, max } = Math;

export type Random = (below: number) => number;

/** The same numbers for the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const CHARACTERS = ['a', 'Z', ' ', '\u0000', 'é', '߿', '€', '\ufeff', '퟿', '😀', '\u{10ffff}'];
const BROKEN = [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff], [0xe2, 0x82], [0xf0, 0x9f, 0x98]];
const LENGTHS = [0, 1, 2, 5, 60, 124, 125, 126, 127, 128, 200, 1000];

function characters(random: Random, length: number): string {
  let result = '';
  for (let i = 0; i < length; i += 1) result += CHARACTERS[random(CHARACTERS.length)] as string;
  return result;
}

function words(random: Random, legal: boolean): Buffer {
  const length = random(60) === 0 ? 9000 : (LENGTHS[random(LENGTHS.length)] as number);
  const bytes = random(2) === 0 ? Buffer.alloc(length, 0x78) : Buffer.from(characters(random, length));
  if (legal || random(25) > 0) return bytes;
  const at = random(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(BROKEN[random(BROKEN.length)] as number[]), bytes.subarray(at)]);
}

/** What is no frame a peer may send, or not here. */
function illegal(random: Random, mask: Buffer | null): Buffer {
  const rows = [
    () => frame({ opcode: 1, rsv: [1, 2, 3, 4][random(4)] as number, mask }),
    () => frame({ opcode: [3, 7, 11, 15][random(4)] as number, mask }),
    () => frame({ opcode: 9, fin: false, mask }),
    () => frame({ opcode: 9, payload: 'x'.repeat(126), mask }),
    () => frame({ opcode: random(3), mask, payload: 'x' }), // perhaps legal
    () => frame({ opcode: 2, mask, length: 1n << 63n }),
    () => frame({ opcode: 1, mask: mask === null ? Buffer.alloc(4) : null, payload: 'x' }),
    () => frame({ opcode: 8, mask, payload: 'x' }),
    () => close([999, 1004, 1005, 1006, 1015, 2000, 5000][random(7)] as number, '', { mask }),
    () => close(1000, Buffer.from([0xff]), { mask }),
  ];
  return (rows[random(rows.length)] as () => Buffer)();
}

export interface StreamOptions {
  readonly masked: boolean;
  /** Compresses a whole message. */
  readonly deflate?: (payload: Buffer) => Buffer;
  /** At most so many data messages. */
  readonly messages?: number;
  /** Nothing in it that a peer may not send. */
  readonly legal?: boolean;
}

/** The frames of some messages, with control frames between them. */
export function randomFrames(random: Random, { masked, deflate, messages = 12, legal = false }: StreamOptions): Buffer[] {
  const frames: Buffer[] = [];
  const key = (): Buffer | null => (masked ? Buffer.from([random(256), random(256), random(256), random(256)]) : null);
  const control = (): void => {
    if (random(4) === 0) frames.push(frame({ opcode: 9 + random(2), mask: key(), payload: 'p'.repeat(random(126)) }));
  };
  for (let count = random(messages); count >= 0; count--) {
    control();
    if (!legal && random(14) === 0) frames.push(illegal(random, key()));
    const opcode = 1 + random(2);
    const plain = words(random, legal);
    const rsv = deflate !== undefined && random(3) > 0 ? 4 : 0;
    const payload = rsv === 0 ? plain : (deflate as (payload: Buffer) => Buffer)(plain);
    const pieces = random(3) === 0 ? random(5) + 1 : 1;
    let from = 0;
    for (let i = 1; i <= pieces; i++) {
      const to = i === pieces ? payload.length : from + random(payload.length - from + 1);
      const headerSize = random(20) === 0 ? ({ headerSize: 10 } as const) : {};
      frames.push(
        frame({
          opcode: i === 1 ? opcode : 0,
          rsv: i === 1 ? rsv : 0,
          fin: i === pieces,
          payload: payload.subarray(from, to),
          mask: key(),
          ...headerSize,
        }),
      );
      from = to;
      if (i < pieces) control();
    }
  }
  if (random(3) === 0) frames.push(close(random(4) === 0 ? undefined : 1000 + random(4), 'bye', { mask: key() }));
  return frames;
}

export function randomStream(random: Random, options: StreamOptions): Buffer {
  const stream = Buffer.concat(randomFrames(random, options));
  return random(10) === 0 ? stream.subarray(0, random(stream.length + 1)) : stream;
}

/** Cut at random, into 2 × `count` pieces at the most or about so. */
export function chunked(random: Random, stream: Buffer, count = 256): Buffer[] {
  const chunks: Buffer[] = [];
  const most = max([1, 3, 20, 200, 5000, 100_000][random(6)] as number, floor(stream.length / count));
  for (let at = 0; at < stream.length; ) {
    const size = 1 + random(most);
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
