/** A message encoded once, to be written to many. */
import type { Bytes, MessageKind, Prepared } from '../spi.js';
import { type DeflateOptions, deflateInOneGo } from './deflate.js';
import { Deflater } from './deflater.js';
import { FIN, opcodeOf, plainHeaderSize, RSV1, writeHeader } from './frame-header.js';
import { viewOf } from './frame-writer.js';

type Ready = (frame: Buffer | null) => void;

export class PreparedMessage implements Prepared {
  readonly kind: MessageKind;
  readonly size: number;
  /** As a server sends it uncompressed. */
  readonly frame: Buffer;
  readonly payload: Buffer;
  /** As a server sends it compressed without context; made when the first asks, with the options of the first. */
  #deflated: Buffer | null = null;
  #options: DeflateOptions | null = null;
  #waiting: Ready[] = [];

  constructor(message: string | Bytes) {
    this.kind = typeof message === 'string' ? 'text' : 'binary';
    const view = typeof message === 'string' ? null : viewOf(message);
    this.size = view === null ? Buffer.byteLength(message as string) : view.length;
    const at = plainHeaderSize(this.size);
    this.frame = Buffer.allocUnsafe(at + this.size);
    writeHeader(this.frame, 0, FIN | opcodeOf(this.kind), this.size, 0);
    this.payload = this.frame.subarray(at);
    if (view === null) this.payload.write(message as string);
    else this.payload.set(view);
  }

  /** Calls back with the compressed frame, at once if it is there or quickly made; with null if it was made differently. */
  deflated(options: DeflateOptions, ready: Ready): void {
    this.#options ??= options;
    const same = isSame(this.#options, options);
    if (same && this.#deflated === null && this.#waiting.length === 0) this.#deflateInOneGo(options);
    if (!same) ready(null);
    else if (this.#deflated !== null) ready(this.#deflated);
    else if (this.#waiting.push(ready) === 1) this.#deflate(options);
  }

  #deflateInOneGo(options: DeflateOptions): void {
    const deflated = deflateInOneGo(this.payload, options);
    if (deflated !== null) this.#deflated = this.#framed(deflated);
  }

  #deflate(options: DeflateOptions): void {
    const tell = (): void => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const each of waiting) each(this.#deflated);
    };
    const deflater = new Deflater(options, tell);
    deflater.deflate(this.payload, true, (bytes) => {
      this.#deflated = this.#framed(bytes);
      deflater.close();
      tell();
    });
  }

  #framed(deflated: Buffer): Buffer {
    const at = plainHeaderSize(deflated.length);
    const frame = Buffer.allocUnsafe(at + deflated.length);
    writeHeader(frame, 0, FIN | RSV1 | opcodeOf(this.kind), deflated.length, 0);
    deflated.copy(frame, at);
    return frame;
  }
}

const isSame = (a: DeflateOptions, b: DeflateOptions): boolean =>
  a === b || (a.windowBits === b.windowBits && a.level === b.level && a.memLevel === b.memLevel);
