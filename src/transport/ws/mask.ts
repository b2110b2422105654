/** The masking of RFC 6455, 5.3: four bytes, over and over. */
import { randomFillSync } from 'node:crypto';
import { endianness } from 'node:os';

/** Words are worth their set-up from here on; measured. */
const WORDS_FROM = 128;
const HIGH_BITS = 0x80808080 | 0;
const wordsFit = endianness() === 'LE';

/** Keys are drawn in batches: a call into the generator costs more than 4 bytes of it. */
const keys = Buffer.allocUnsafeSlow(8192);
let nextKey = keys.length;

/** A key no peer can foresee (RFC 6455, 10.3), its first byte lowest. */
export function freshKey(): number {
  if (nextKey === keys.length) {
    randomFillSync(keys);
    nextKey = 0;
  }
  const key = keys.readInt32LE(nextKey);
  nextKey += 4;
  return key;
}

/** The key as it goes on after `count` bytes. */
export function turned(key: number, count: number): number {
  const bits = (count & 3) * 8;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

/** Masks or unmasks in place. Answers below 0x80 if all that came out is ASCII: one loop does both. */
export function mask(bytes: Buffer, start: number, end: number, key: number): number {
  if (wordsFit && end - start >= WORDS_FROM) return maskWords(bytes, start, end, key);
  const a = key & 0xff;
  const b = (key >>> 8) & 0xff;
  const c = (key >>> 16) & 0xff;
  const d = key >>> 24;
  let seen = 0;
  let i = start;
  for (const whole = end - 3; i < whole; i += 4) {
    seen |= (bytes[i] as number) ^ a;
    bytes[i] = (bytes[i] as number) ^ a;
    seen |= (bytes[i + 1] as number) ^ b;
    bytes[i + 1] = (bytes[i + 1] as number) ^ b;
    seen |= (bytes[i + 2] as number) ^ c;
    bytes[i + 2] = (bytes[i + 2] as number) ^ c;
    seen |= (bytes[i + 3] as number) ^ d;
    bytes[i + 3] = (bytes[i + 3] as number) ^ d;
  }
  for (let rest = key; i < end; i++, rest >>>= 8) {
    const byte = ((bytes[i] as number) ^ rest) & 0xff;
    bytes[i] = byte;
    seen |= byte;
  }
  return seen;
}

function maskWords(bytes: Buffer, start: number, end: number, key: number): number {
  const lead = -(bytes.byteOffset + start) & 3;
  const aligned = start + lead;
  let seen = mask(bytes, start, aligned, key);
  const wordKey = turned(key, lead);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, (end - aligned) >> 2);
  let high = 0;
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as number) ^ wordKey;
    words[i] = word;
    high |= word;
  }
  if ((high & HIGH_BITS) !== 0) seen |= 0x80;
  return seen | mask(bytes, aligned + words.length * 4, end, wordKey);
}
