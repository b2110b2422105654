/** Compresses on node's thread pool, with zlib's memory only while it has to. [EXT-14, REL-15] */
import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { type DeflateOptions, OUTPUT, withoutTrailer } from './deflate.js';
import { Shelf } from './shelf.js';
import { type Entrant, Turnstile } from './turnstile.js';

/** What zlib gets at once: some milliseconds of a thread's time. */
const INPUT = 256 * 1024;

/** One thread stays free for files, names and what is being inflated. */
const { UV_THREADPOOL_SIZE: threads } = process.env;
const turnstile = new Turnstile(Math.max(1, (Number(threads) || 4) - 1));

const OWNER = Symbol('deflater');
type Stream = DeflateRaw & { [OWNER]?: Deflater };

const shelf = new Shelf<Stream>();

/** A message, or a part of one. */
interface Work {
  readonly bytes: Uint8Array;
  /** How far zlib has been given them. */
  at: number;
  readonly last: boolean;
  readonly done: (deflated: Buffer) => void;
}

/** Takes one piece after the other, and keeps its context until it is closed. */
export class Deflater implements Entrant {
  readonly #options: DeflateOptions;
  readonly #onError: (error: Error) => void;
  /** From the first bytes on. */
  #stream: Stream | null = null;
  #slices: Buffer[] = [];
  #work: Work | null = null;
  #isInside = false;
  #isClosed = false;

  constructor(options: DeflateOptions, onError: (error: Error) => void) {
    this.#options = options;
    this.#onError = onError;
  }

  /** One piece at a time; its bytes stay untouched until then. `last` ends a message. The callback is never called once the deflater is closed. */
  deflate(bytes: Uint8Array, last: boolean, done: (deflated: Buffer) => void): void {
    this.#work = { bytes, at: 0, last, done };
    turnstile.enter(this, bytes.length);
  }

  /** Lets go of zlib's memory. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const stream = this.#stream;
    this.#stream = null;
    this.#slices = [];
    const isIdle = this.#work === null;
    this.#work = null;
    if (stream !== null) {
      delete stream[OWNER];
      if (isIdle) shelf.put(kindOf(this.#options), stream);
      else stream.close(); // a thread may be in it: node waits for that
    }
    if (!turnstile.forget(this)) this.#leave();
  }

  /** @internal */
  admitted(): void {
    this.#isInside = true;
    try {
      this.#stream ??= this.#take();
    } catch (error) {
      this.failed(error as Error); // no memory for one more
      return;
    }
    this.#feed();
  }

  #take(): Stream {
    const stream = shelf.take(kindOf(this.#options)) ?? made(this.#options);
    stream[OWNER] = this;
    return stream;
  }

  #feed(): void {
    const work = this.#work as Work;
    const stream = this.#stream as Stream;
    const from = work.at;
    work.at = Math.min(work.bytes.length, from + INPUT);
    stream.write(work.bytes.subarray(from, work.at), (error) => {
      if (error || this.#stream !== stream) return; // 'error' tells, and who has been closed is not asked
      if (work.at === work.bytes.length) stream.flush(constants.Z_SYNC_FLUSH, () => this.#flushed(stream, work));
      else this.#goOn(work);
    });
  }

  /** Others may go first. */
  #goOn(work: Work): void {
    this.#isInside = false; // before it asks: its next turn may come at once
    if (!turnstile.stays(this, work.at)) return;
    this.#isInside = true;
    this.#feed();
  }

  #flushed(stream: Stream, work: Work): void {
    if (this.#stream !== stream) return;
    const slices = this.#slices;
    this.#slices = [];
    this.#work = null;
    this.#leave();
    const deflated = slices.length === 1 ? (slices[0] as Buffer) : Buffer.concat(slices);
    try {
      work.done(work.last ? withoutTrailer(deflated) : deflated);
    } catch (defect) {
      this.#onError(defect as Error);
    }
  }

  #leave(): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    turnstile.leave();
  }

  /** @internal */
  slice(bytes: Buffer): void {
    this.#slices.push(bytes);
  }

  /** @internal */
  failed(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#onError(error);
  }
}

const kindOf = ({ windowBits, level, memLevel }: DeflateOptions): string => `${windowBits} ${level} ${memLevel}`;

function made({ windowBits, level = constants.Z_DEFAULT_COMPRESSION, memLevel = constants.Z_DEFAULT_MEMLEVEL }: DeflateOptions): Stream {
  const stream: Stream = createDeflateRaw({ windowBits, level, memLevel, chunkSize: OUTPUT });
  stream.on('data', onData);
  stream.on('error', onError);
  return stream;
}

function onData(this: Stream, slice: Buffer): void {
  this[OWNER]?.slice(slice);
}

// untested: zlib compresses whatever it is given, unless it has no memory
function onError(this: Stream, error: Error): void {
  this[OWNER]?.failed(error);
}
