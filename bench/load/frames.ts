/** Frames as a client sends them, and as a server answers. */
import type { Dialect } from './dialect.js';

const MASK = Buffer.from([0x4a, 0x91, 0xc3, 0x07]);
const TEXT = 0x81;

/** A text of that many bytes, all of them ASCII, in the server's wrapping. */
export const messageOf = ({ before, after }: Dialect, size: number, start = ''): Buffer =>
  Buffer.from(before + start + 'margay '.repeat(size / 7 + 1).slice(start.length, size) + after);

export function request(payload: Buffer, first = TEXT): Buffer {
  return Buffer.concat([header(first, payload.length, 0x80), MASK, payload.map((byte, i) => byte ^ (MASK[i % 4] as number))]);
}

export function reply(payload: Buffer, first = TEXT): Buffer {
  return Buffer.concat([header(first, payload.length, 0), payload]);
}

export const times = (bytes: Buffer, count: number): Buffer => Buffer.alloc(bytes.length * count, bytes);

function header(first: number, length: number, mask: number): Buffer {
  return Buffer.from(length < 126 ? [first, mask | length] : [first, mask | 126, length >> 8, length & 0xff]);
}
