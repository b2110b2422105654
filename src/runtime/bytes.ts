/** What counts as bytes. */
import type { Bytes } from '../api/tokens.js';

/** Also true for those of another realm, such as a test runner's. */
export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** A value that is none of what was asked for, as a word. */
export function spell(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Bytes of our own, whatever the caller does with his. */
export function copyOf(data: Bytes): ArrayBuffer {
  if (!ArrayBuffer.isView(data)) return data.slice(0);
  const copy = new Uint8Array(data.byteLength);
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return copy.buffer;
}
