/** The other side of permessage-deflate, by zlib's plain functions: one for each direction of a connection. */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { randomOf } from './mutations.js';

const TRAILER = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const { Z_SYNC_FLUSH } = constants;

export interface SqueezingOptions {
  readonly windowBits?: number;
  /** The context is kept from message to message. */
  readonly takeover?: boolean;
}

/** What a window still knows is what zlib calls a dictionary. */
class Memory {
  #known = Buffer.alloc(0);
  readonly #size: number;

  constructor({ windowBits = 15, takeover = false }: SqueezingOptions) {
    this.#size = takeover ? 2 ** windowBits : 0;
  }

  get dictionary(): { dictionary?: Buffer } {
    return this.#known.length > 0 ? { dictionary: this.#known } : {};
  }

  add(bytes: Buffer): void {
    if (this.#size > 0) this.#known = Buffer.from(Buffer.concat([this.#known, bytes]).subarray(-this.#size));
  }
}

export class Squeezer {
  readonly #windowBits: number;
  readonly #memory: Memory;

  constructor(options: SqueezingOptions = {}) {
    this.#windowBits = options.windowBits ?? 15;
    this.#memory = new Memory(options);
  }

  squeeze(payload: string | Buffer): Buffer {
    const bytes = Buffer.from(payload as string);
    const squeezed = deflateRawSync(bytes, { windowBits: this.#windowBits, finishFlush: Z_SYNC_FLUSH, ...this.#memory.dictionary });
    this.#memory.add(bytes);
    return squeezed.subarray(0, -TRAILER.length);
  }
}

export class Unsqueezer {
  readonly #windowBits: number;
  readonly #memory: Memory;

  constructor(options: SqueezingOptions = {}) {
    this.#windowBits = options.windowBits ?? 15;
    this.#memory = new Memory(options);
  }

  /** Throws where the bytes reach further back than the window: zlib gives out 64 at a time, so that it has no other. */
  unsqueeze(squeezed: Buffer): Buffer {
    const bytes = inflateRawSync(Buffer.concat([squeezed, TRAILER]), {
      windowBits: this.#windowBits,
      finishFlush: Z_SYNC_FLUSH,
      chunkSize: constants.Z_MIN_CHUNK,
      ...this.#memory.dictionary,
    });
    this.#memory.add(bytes);
    return bytes;
  }
}

/** Without any context. */
export const squeezed = (payload: string | Buffer): Buffer => new Squeezer().squeeze(payload);

/** Letters of which hardly anything can be saved: they take five sixths of their size. */
export function noise(size: number): string {
  const random = randomOf(size);
  return Array.from({ length: size }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join('');
}
