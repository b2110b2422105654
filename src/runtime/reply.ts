/** What a handler's return value is as a message. [ANN-13] */
import type { Bytes } from '../api/tokens.js';
import { isBytes } from './bytes.js';
import { noEncoder } from './failures.js';
import type { Handler } from './plan.js';

/** @throws EncodeException `MARGAY_NO_ENCODER` */
export function messageOf(value: unknown, handler: Handler): string | Bytes {
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
      throw noEncoder(value, handler.member);
  }
}
