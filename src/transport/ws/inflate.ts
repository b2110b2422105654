/** Compressed messages on their way in. [EXT-14] */
import { constants, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib';
import type { DeflateParameters } from '../spi.js';

/** What the sender has cut off the end of a message (RFC 7692, 7.2.2). */
const TRAILER = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const SLICE = 8 * 1024;

/** A message whose compressed bytes are no more may be inflated in one go (at the worst they are blocks of nothing: a few milliseconds) … */
const SMALL_DEFLATED = 4 * 1024;
/** … if no more than this comes out: about a millisecond's work. [REL-15] */
const SMALL_INFLATED = 256 * 1024;

/** How the peer compresses. */
export interface InflateOptions {
  readonly noContextTakeover: boolean;
  readonly windowBits: number;
}

/** The peer's half of what was agreed on. */
export function inflateOptions(deflate: DeflateParameters, isServer: boolean): InflateOptions {
  return isServer
    ? { noContextTakeover: deflate.clientNoContextTakeover, windowBits: deflate.clientMaxWindowBits }
    : { noContextTakeover: deflate.serverNoContextTakeover, windowBits: deflate.serverMaxWindowBits };
}

/** Whom an inflater tells; it calls no more once it is closed. */
export interface InflaterOwner {
  /** One of the others threw. */
  onDefect(error: unknown): void;
  /** At most 8 KiB. */
  onSlice(bytes: Buffer): void;
  /** Everything that was fed has come out. */
  onInflated(): void;
  onInflateError(error: Error): void;
}

const OWNER = Symbol('inflater');
type Stream = InflateRaw & { [OWNER]?: Inflater };

/** One connection's way to inflate: in one call, or in slices on node's thread pool. */
export class Inflater {
  readonly #options: InflateOptions;
  readonly #owner: InflaterOwner;
  /** Kept from message to message if the peer keeps its context. */
  #stream: Stream | null = null;
  /** zlib has consumed what it was fed; slices of it may still wait for `resume`. */
  #consumed = true;
  #paused = false;
  /** What is being inflated ends its frame. */
  #endsFrame = false;
  /** A block marked as the last has been read: what its frame still holds says nothing. */
  #isDone = false;

  constructor(options: InflateOptions, owner: InflaterOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Whether one call may do for a message of one frame. */
  fitsInOneGo(deflated: number): boolean {
    return this.#options.noContextTakeover && deflated <= SMALL_DEFLATED;
  }

  /** A whole small message at once; null if much or more than `limit` would come out, or zlib's error. */
  inOneGo(bytes: Buffer, limit: number): Buffer | Error | null {
    try {
      return inflateRawSync(Buffer.concat([bytes, TRAILER], bytes.length + TRAILER.length), {
        windowBits: this.#options.windowBits,
        finishFlush: constants.Z_SYNC_FLUSH,
        chunkSize: bytes.length < 512 ? 2048 : SLICE,
        maxOutputLength: Math.max(1, Math.min(limit, SMALL_INFLATED)), // node takes no 0 here
      });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? null : (error as Error);
    }
  }

  /** One piece at a time: the next after `onInflated`. The bytes stay untouched until then. */
  feed(bytes: Buffer, endsFrame: boolean, last: boolean): void {
    this.#endsFrame = endsFrame;
    if (this.#isDone) {
      this.#isDone = !endsFrame;
      this.#owner.onInflated();
      return;
    }
    this.#stream ??= this.#open();
    const stream = this.#stream;
    this.#consumed = false;
    const all = last ? Buffer.concat([bytes, TRAILER], bytes.length + TRAILER.length) : bytes;
    stream.write(all, (error) => {
      if (error || this.#stream !== stream) return; // 'error' tells, and who has been closed is not asked
      this.#consumed = true;
      this.#settle();
    });
    if (!this.#paused) stream.resume();
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  /** Slices come later, never from within. */
  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  /** A message has ended: without context takeover the stream costs memory for nothing. [REL-15] */
  messageEnds(): void {
    if (this.#options.noContextTakeover) this.close();
  }

  /** Frees the stream; nothing more comes out of it. */
  close(): void {
    const stream = this.#stream;
    this.#stream = null;
    if (stream === null) return;
    delete stream[OWNER];
    stream.close();
  }

  #open(): Stream {
    const stream: Stream = createInflateRaw({ windowBits: this.#options.windowBits, chunkSize: SLICE });
    stream[OWNER] = this;
    stream.on('data', onData);
    stream.on('error', onError);
    stream.on('end', onEnd);
    return stream;
  }

  #settle(): void {
    if (this.#consumed && this.#stream !== null && this.#stream.readableLength === 0) this.#owner.onInflated();
  }

  /** @internal */
  slice(bytes: Buffer): void {
    try {
      this.#owner.onSlice(bytes);
    } catch (defect) {
      this.#owner.onDefect(defect);
    }
    this.#settle();
  }

  /** @internal */
  failed(error: Error): void {
    this.close();
    try {
      this.#owner.onInflateError(error);
    } catch (defect) {
      this.#owner.onDefect(defect);
    }
  }

  /**
   * @internal A block marked as the last has been read: legal (RFC 7692, 7.2.3.4), and what follows begins without context. What
   * zlib was given with it is ignored; so is the rest of the frame, or the cutting into segments would decide. [REL-7]
   */
  ended(): void {
    this.close();
    this.#isDone = !this.#endsFrame;
    this.#owner.onInflated();
  }
}

function onData(this: Stream, bytes: Buffer): void {
  this[OWNER]?.slice(bytes);
}

function onError(this: Stream, error: Error): void {
  this[OWNER]?.failed(error);
}

function onEnd(this: Stream): void {
  this[OWNER]?.ended();
}
