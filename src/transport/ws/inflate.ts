/** Compressed messages on their way in. [EXT-14] */
import { constants, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib';
import type { DeflateParameters } from '../spi.js';
import { Allowance } from './allowance.js';
import { Shelf } from './shelf.js';

/** What the sender has cut off the end of a message (RFC 7692, 7.2.2). */
const TRAILER = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const SLICE = 8 * 1024;

/** A message whose compressed bytes are no more may be inflated in one go (at the worst they are blocks of nothing: a few milliseconds) … */
const SMALL_DEFLATED = 4 * 1024;
/** … if no more than this comes out: about a millisecond's work. [REL-15] */
const SMALL_INFLATED = 256 * 1024;
/** All that is inflated so in one turn of the event loop. */
const atOnce = new Allowance(2 * 1024 * 1024);
/** Messages that threads have inflated may end all at the same time: so much of them in one turn, and the rest in the next ones. */
const ending = new Allowance(4 * 1024 * 1024);

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

/** One that is in the middle of a message is not here, so that a message which is never finished keeps nobody waiting. */
const shelf = new Shelf<Stream>();

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
  /** What has come out of the message so far, and whether all of it was fed. */
  #size = 0;
  #isLast = false;
  /** How often it was closed. */
  #life = 0;

  constructor(options: InflateOptions, owner: InflaterOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Whether one call may do for a message of one frame. */
  fitsInOneGo(deflated: number): boolean {
    return this.#options.noContextTakeover && deflated <= SMALL_DEFLATED;
  }

  /** A whole small message at once; null if much or more than `limit` would come out, or has in this turn; or zlib's error. */
  inOneGo(bytes: Buffer, limit: number): Buffer | Error | null {
    if (atOnce.isUsedUp) return null;
    try {
      const inflated = inflateRawSync(Buffer.concat([bytes, TRAILER], bytes.length + TRAILER.length), {
        windowBits: this.#options.windowBits,
        finishFlush: constants.Z_SYNC_FLUSH,
        chunkSize: bytes.length < 512 ? 2048 : SLICE,
        maxOutputLength: Math.max(1, Math.min(limit, SMALL_INFLATED)), // node takes no 0 here
      });
      atOnce.spend(inflated.length);
      return inflated;
    } catch (error) {
      atOnce.spend(Math.min(limit, SMALL_INFLATED));
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
    this.#isLast = last;
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

  /** A message has ended, and all of it has come out: without context takeover the stream is for others. [REL-15] */
  messageEnds(): void {
    const stream = this.#stream;
    this.#size = 0;
    if (stream === null || !this.#options.noContextTakeover) return;
    this.#stream = null;
    delete stream[OWNER];
    stream.pause();
    shelf.put(kindOf(this.#options), stream);
  }

  /** Frees the stream; nothing more comes out of it. */
  close(): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#life++;
    if (stream === null) return;
    delete stream[OWNER];
    stream.close();
  }

  #open(): Stream {
    const stream = shelf.take(kindOf(this.#options)) ?? made(this.#options);
    stream[OWNER] = this;
    return stream;
  }

  #settle(): void {
    if (this.#consumed && this.#stream !== null && this.#stream.readableLength === 0) this.tell(this.#life);
  }

  /** @internal Everything that was fed has come out. */
  tell(life: number): void {
    if (this.#life !== life) return; // closed meanwhile
    if (this.#isLast && ending.isUsedUp) {
      setImmediate(tell, this, life);
      return;
    }
    if (this.#isLast) ending.spend(this.#size);
    this.#owner.onInflated();
  }

  /** @internal */
  slice(bytes: Buffer): void {
    this.#size += bytes.length;
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
    this.tell(this.#life);
  }
}

const tell = (inflater: Inflater, life: number): void => inflater.tell(life);

const kindOf = ({ windowBits }: InflateOptions): string => String(windowBits);

function made({ windowBits }: InflateOptions): Stream {
  const stream: Stream = createInflateRaw({ windowBits, chunkSize: SLICE });
  stream.on('data', onData);
  stream.on('error', onError);
  stream.on('end', onEnd);
  return stream;
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
