/** What counts as bytes. */
import type { Bytes } from '../api/tokens.js';

/** Also true for those of another realm, such as a test runner's. */
export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** A value that is none of what was asked for, as a word. */
export function spell(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
