/** Bytes spoilt at random, but the same for the same seed. */
import { Buffer } from 'node:buffer';

/** Numbers from 0 to 1, as `Math.random`; mulberry32. */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (limit: number, random: Random) => Math.floor(random() * limit);

/** One to four changes: a bit, a byte, a hole, a repetition, something foreign, an early end. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let result = Buffer.from(bytes);
  for (let left = 1 + below(4, random); left > 0; left--) result = changed(result, random);
  return result;
}

function changed(bytes: Buffer, random: Random): Buffer<ArrayBuffer> {
  const at = below(bytes.length, random);
  const to = Math.min(bytes.length, at + 1 + below(20, random));
  const [before, slice, behind] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (below(6, random)) {
    case 0:
      return Buffer.concat([before, slice.map((byte, i) => (i === 0 ? byte ^ (1 << below(8, random)) : byte)), behind]);
    case 1:
      return Buffer.concat([before, slice.map(() => below(256, random)), behind]);
    case 2:
      return Buffer.concat([before, behind]);
    case 3:
      return Buffer.concat([before, slice, slice, behind]);
    case 4:
      return Buffer.concat([before, Buffer.from(slice.map(() => below(256, random))), slice, behind]);
    default:
      return Buffer.concat([before]);
  }
}

/** The same bytes in up to five packets. */
export function pieces(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: below(5, random) }, () => below(bytes.length + 1, random)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length)).filter(({ length }) => length > 0);
}
