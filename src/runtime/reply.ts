/** What a value without an encoder is as a message. [ANN-13, REM-16] */
import type { Bytes } from '../api/tokens.js';
import { isBytes } from './bytes.js';
import { noEncoder } from './failures.js';

/** @throws EncodeException `MARGAY_NO_ENCODER` */
export function messageOf(value: unknown, call: string): string | Bytes {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value); // JavaScript's own form [D-04]
    default:
      if (isBytes(value)) return value;
      if (value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof BigInt) return String(value);
      throw noEncoder(value, call);
  }
}

/** What a handler returns and is left out is no error. [REL-10] */
export function unlessLeftOut(error: Error & { code?: unknown }): void {
  if (error.code !== 'MARGAY_SLOW_PEER') throw error;
}
