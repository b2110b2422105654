/** Compressed messages on their way out. [EXT-14] */
import { constants, deflateRawSync } from 'node:zlib';
import type { DeflateParameters } from '../spi.js';
import { Allowance } from './allowance.js';

/** How we compress. */
export interface DeflateOptions {
  readonly noContextTakeover: boolean;
  readonly windowBits: number;
  readonly level?: number | undefined;
  readonly memLevel?: number | undefined;
}

/** Our half of what was agreed on. */
export function deflateOptions(deflate: DeflateParameters, isServer: boolean): DeflateOptions {
  const { level, memLevel } = deflate;
  return isServer
    ? { noContextTakeover: deflate.serverNoContextTakeover, windowBits: deflate.serverMaxWindowBits, level, memLevel }
    : { noContextTakeover: deflate.clientNoContextTakeover, windowBits: deflate.clientMaxWindowBits, level, memLevel };
}

/** Compressed in one call: well under a millisecond. [REL-15] */
const SMALL = 16 * 1024;
/** All that is compressed so in one turn of the event loop: a broadcast in a loop holds nobody up for longer than some milliseconds. */
const atOnce = new Allowance(256 * 1024);
/** How large the pieces are in which zlib hands out what it has made. */
export const OUTPUT = 8 * 1024;
const TRAILER_SIZE = 4;

/** A whole message without context; null if it is not small, or if enough has been compressed in this turn. */
export function deflateInOneGo(bytes: Uint8Array, options: DeflateOptions): Buffer | null {
  if (bytes.length > SMALL || atOnce.isUsedUp) return null;
  atOnce.spend(bytes.length);
  const deflated = deflateRawSync(bytes, { ...zlibOptions(options, bytes.length), finishFlush: constants.Z_SYNC_FLUSH });
  return withoutTrailer(deflated);
}

/** zlib's memory for a small message need not be that for any. */
function zlibOptions(options: DeflateOptions, size: number) {
  const { level, memLevel } = options;
  // A window of 1 KiB to 32 KiB: the message, and the 262 bytes that zlib keeps back.
  const windowBits = Math.min(options.windowBits, Math.max(10, Math.ceil(Math.log2(size + 262))));
  return {
    windowBits,
    memLevel: memLevel ?? Math.min(8, Math.max(3, windowBits - 6)),
    level: level ?? constants.Z_DEFAULT_COMPRESSION,
    chunkSize: Math.max(256, Math.min(OUTPUT, size)),
  };
}

/** A flush always ends with the trailer, one without input included: the byte left of it is the empty block of RFC 7692, 7.2.3.6. */
export function withoutTrailer(deflated: Buffer): Buffer {
  return deflated.subarray(0, deflated.length - TRAILER_SIZE);
}
