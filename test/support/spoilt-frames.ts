/** A legal stream made wrong, or at least different: where a peer's frames go wrong, and where its bytes do. */
import { Buffer } from 'node:buffer';
import { mutated } from './mutations.js';
import type { Random } from './random-streams.js';

const SIZES = [0, 1, 124, 125, 126, 127] as const;
/** 64-bit lengths at the edges of 31, 32, 53 and 63 bits. */
const LONG = [0n, 5n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n] as const;

const with0 = (frame: Buffer, byte: number): Buffer => {
  const copy = Buffer.from(frame);
  copy[0] = byte;
  return copy;
};

/** The second byte: the mask's bit is kept, the length is not. */
function withSize(frame: Buffer, size: number): Buffer {
  const copy = Buffer.from(frame);
  copy[1] = ((copy[1] as number) & 0x80) | size;
  return copy;
}

function withLong(frame: Buffer, length: bigint): Buffer {
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(length);
  return Buffer.concat([withSize(frame, 127).subarray(0, 2), long, frame.subarray(2)]);
}

/** A frame without its last byte that says so: a character, or a compressed block, is torn. */
function shortened(frame: Buffer): Buffer {
  const size = (frame[1] as number) & 0x7f;
  const smallest = (frame[1] as number) >= 0x80 ? 6 : 2;
  return size > 0 && size < 126 && frame.length > smallest ? withSize(frame, size - 1).subarray(0, -1) : frame;
}

type Change = (frames: Buffer[], at: number, random: Random) => void;

const set =
  (change: (frame: Buffer, random: Random) => Buffer): Change =>
  (frames, at, random) => {
    frames[at] = change(frames[at] as Buffer, random);
  };

const CHANGES: readonly Change[] = [
  (frames, at) => frames.splice(at, 0, frames[at] as Buffer), // twice
  (frames, at) => frames.splice(at, 1),
  (frames, at, random) => {
    const other = random(frames.length);
    [frames[at], frames[other]] = [frames[other] as Buffer, frames[at] as Buffer];
  },
  set((frame, random) => with0(frame, ((frame[0] as number) & 0xf0) | random(16))), // another opcode
  set((frame, random) => with0(frame, ((frame[0] as number) & 0xf0) | random(3))), // another that is known
  set((frame) => with0(frame, (frame[0] as number) ^ 0x80)), // FIN
  set((frame, random) => with0(frame, (frame[0] as number) ^ (0x10 << random(3)))), // RSV1 to 3
  set((frame) => Buffer.concat([frame.subarray(0, 1), Buffer.from([(frame[1] as number) ^ 0x80]), frame.subarray(2)])), // mask
  set((frame, random) => withSize(frame, SIZES[random(SIZES.length)] as number)),
  set((frame, random) => withLong(frame, LONG[random(LONG.length)] as bigint)),
  set(shortened),
  set((frame, random) => frame.subarray(0, random(frame.length + 1))), // cut off
  set((frame, random) => (frame.length === 0 ? frame : mutated(frame, () => random(2 ** 31) / 2 ** 31))), // bits, bytes, holes, repetitions
  set((frame, random) => {
    const at = random(frame.length + 1);
    return Buffer.concat([frame.subarray(0, at), Buffer.from([[0, 0x80, 0xc0, 0xed, 0xff][random(5)] as number]), frame.subarray(at)]);
  }),
];

/** One to three changes; the frames are left as they are. */
export function spoilt(frames: readonly Buffer[], random: Random): Buffer {
  const result = [...frames];
  for (let left = 1 + random(3); left > 0 && result.length > 0; left--) {
    (CHANGES[random(CHANGES.length)] as Change)(result, random(result.length), random);
  }
  const bytes = Buffer.concat(result);
  return random(8) === 0 ? bytes.subarray(0, random(bytes.length + 1)) : bytes;
}
