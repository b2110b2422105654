/** Compressed messages on their way out. [EXT-14] */
import { constants, createDeflateRaw, type DeflateRaw, deflateRawSync } from 'node:zlib';
import type { DeflateParameters } from '../spi.js';

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
const SLICE = 8 * 1024;
const TRAILER_SIZE = 4;

export const fitsInOneGo = (size: number): boolean => size <= SMALL;

/** A whole small message without context. */
export function deflateInOneGo(bytes: Uint8Array, options: DeflateOptions): Buffer {
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
    chunkSize: Math.max(256, Math.min(SLICE, size)),
  };
}

/** A flush always ends with the trailer, one without input included: the byte left of it is the empty block of RFC 7692, 7.2.3.6. */
function withoutTrailer(deflated: Buffer): Buffer {
  return deflated.subarray(0, deflated.length - TRAILER_SIZE);
}

/** Compresses on node's thread pool, one piece after the other; keeps its context until it is closed. */
export class Deflater {
  readonly #stream: DeflateRaw;
  #slices: Buffer[] = [];
  #closed = false;

  constructor(options: DeflateOptions, onError: (error: Error) => void) {
    const { windowBits, level = constants.Z_DEFAULT_COMPRESSION, memLevel = constants.Z_DEFAULT_MEMLEVEL } = options;
    this.#stream = createDeflateRaw({ windowBits, level, memLevel, chunkSize: SLICE });
    this.#stream.on('data', (slice: Buffer) => this.#slices.push(slice));
    this.#stream.on('error', onError);
  }

  /** One piece at a time. `last` ends a message. The callback is never called once the deflater is closed. */
  deflate(bytes: Uint8Array, last: boolean, done: (deflated: Buffer) => void): void {
    this.#stream.write(bytes);
    this.#stream.flush(constants.Z_SYNC_FLUSH, () => {
      if (this.#closed) return;
      const slices = this.#slices;
      this.#slices = [];
      const deflated = slices.length === 1 ? (slices[0] as Buffer) : Buffer.concat(slices);
      done(last ? withoutTrailer(deflated) : deflated);
    });
  }

  close(): void {
    this.#closed = true;
    this.#slices = [];
    this.#stream.close();
  }
}
