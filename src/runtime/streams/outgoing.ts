/** The streams of outgoing messages, made of node's: Writer and OutputStream. [REM-9, D-02] */
import { nextTick } from 'node:process';
import { Writable } from 'node:stream';
import { type OutputStream, STREAM, type Writer } from '../../api/streams.js';
import { isBytes, spell } from '../bytes.js';
import { unpairedSurrogate, wrongArgument } from '../failures.js';
import type { Sink, Streams } from '../streams.js';

type Told = (error?: Error | null) => void;

/** Bytes of a fragment. [EXT-8] */
const SIZE = 8192;
/** Stands in node's queue for a flush, so that it takes its turn behind the writes before it. */
const FLUSH = Buffer.alloc(0);

/** How much of a chunk has been taken, in its own units, and how many bytes that made. */
interface Filled {
  readonly read: number;
  readonly written: number;
}

/** Collects what is written, and sends it as a fragment whenever the buffer is full. */
abstract class Outgoing<Chunk extends string | Buffer> extends Writable {
  readonly #sink: Sink;
  #buffer: Buffer | null = null;
  #used = 0;
  /** There was a write, of nothing perhaps: there will be a message. */
  #isMessage = false;

  constructor(sink: Sink) {
    super({ decodeStrings: false, highWaterMark: SIZE });
    this.#sink = sink;
    this.on('error', ignored); // told by callback, promise and event; nobody has to listen [LIF-11]
  }

  /** The chunk as `fill` takes it. @throws IllegalArgumentException for what it cannot be [REM-4] */
  protected abstract checked(chunk: unknown): Chunk;
  /** What of a chunk can be sent now. @throws IllegalArgumentException */
  protected abstract whole(chunk: Chunk): Chunk;
  /** Why the message may not end here; null if it may. */
  protected abstract objection(): Error | null;
  protected abstract fill(chunk: Chunk, at: number, room: Buffer): Filled;

  override write(chunk: unknown, encoding?: BufferEncoding | Told, told?: Told): boolean {
    const data = this.checked(chunk);
    const tell = typeof encoding === 'function' ? encoding : told;
    const over = this.#over;
    if (over === null) return super.write(data, 'utf8', tell);
    const isFailed = this.errored !== null;
    nextTick(() => {
      tell?.(over);
      if (!isFailed) this.emit('error', over);
    });
    return false;
  }

  flush(): Promise<void> {
    const flushed = new Promise<void>((resolve, reject) => {
      const over = this.#over;
      if (over !== null) reject(over);
      else super.write(FLUSH, 'utf8', (error) => (error ? reject(this.errored ?? error) : resolve()));
    });
    flushed.catch(ignored); // may be dropped [REM-17]
    return flushed;
  }

  override end(chunk?: unknown, encoding?: BufferEncoding | Told, told?: Told): this {
    const tell = [chunk, encoding, told].find((each): each is Told => typeof each === 'function');
    if (typeof chunk !== 'function' && chunk !== undefined && chunk !== null) this.write(chunk);
    if (!this.writableEnded) this.#sink.ending();
    return super.end(tell && ((error?: Error | null) => tell(error ? (this.errored ?? error) : undefined)));
  }

  override _write(chunk: Chunk, _encoding: BufferEncoding, done: Told): void {
    if ((chunk as unknown) === FLUSH) return this.#used > 0 ? later(this.#send(false), done) : done();
    this.#isMessage = true;
    let data: Chunk;
    try {
      data = this.whole(chunk);
    } catch (error) {
      return done(error as Error);
    }
    this.#pour(data, 0, done);
  }

  override _final(done: Told): void {
    const objection = this.objection();
    if (objection !== null) return done(objection);
    if (this.#isMessage) return later(this.#send(true), done);
    this.#sink.nothing();
    done();
  }

  override _destroy(error: Error | null, done: Told): void {
    this.#sink.abandoned(error);
    done(error);
  }

  /** Goes on when there is room: that is how a slow peer slows the writer down. */
  #pour(chunk: Chunk, from: number, done: Told): void {
    let at = from;
    while (at < chunk.length) {
      this.#buffer ??= Buffer.allocUnsafe(SIZE);
      const { read, written } = this.fill(chunk, at, this.#buffer.subarray(this.#used));
      at += read;
      this.#used += written;
      if (at >= chunk.length) break;
      const wait = this.#send(false);
      if (wait === undefined) continue;
      wait.then(() => this.#pour(chunk, at, done), done);
      return;
    }
    done();
  }

  #send(last: boolean): Promise<void> | undefined {
    const bytes = (this.#buffer ?? FLUSH).subarray(0, this.#used);
    this.#used = 0;
    return this.#sink.fragment(bytes, last);
  }

  /** What a write fails with now; null while there may be one. */
  get #over(): Error | null {
    return this.errored ?? (this.writableEnded || this.destroyed ? this.#sink.endedError() : null);
  }
}

class TextOutgoing extends Outgoing<string> {
  readonly [STREAM] = 'Writer';
  /** The first half of a pair whose other half is still to be written. */
  #half = '';

  protected checked(chunk: unknown): string {
    if (typeof chunk !== 'string') throw wrongArgument('write(chunk)', `chunk is ${spell(chunk)}; a Writer takes text`);
    return chunk;
  }

  protected whole(chunk: string): string {
    const text = this.#half + chunk;
    const unit = text.charCodeAt(text.length - 1);
    this.#half = unit >= 0xd800 && unit < 0xdc00 ? text.slice(-1) : '';
    const data = this.#half === '' ? text : text.slice(0, -1);
    if (!data.isWellFormed()) throw unpairedSurrogate(data);
    return data;
  }

  protected objection(): Error | null {
    return this.#half === '' ? null : unpairedSurrogate(this.#half);
  }

  /** Never splits a character. */
  protected fill(text: string, at: number, room: Buffer): Filled {
    return utf8.encodeInto(text.slice(at, at + room.length), room); // no character is shorter than a byte a unit, so none is cut that would fit
  }
}

class BinaryOutgoing extends Outgoing<Buffer> {
  readonly [STREAM] = 'OutputStream';

  protected checked(chunk: unknown): Buffer {
    if (!isBytes(chunk)) throw wrongArgument('write(chunk)', `chunk is ${spell(chunk)}; an OutputStream takes bytes`);
    return ArrayBuffer.isView(chunk) ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.from(chunk);
  }

  protected whole(bytes: Buffer): Buffer {
    return bytes;
  }

  protected objection(): null {
    return null;
  }

  protected fill(bytes: Buffer, at: number, room: Buffer): Filled {
    const read = bytes.copy(room, 0, at);
    return { read, written: read };
  }
}

const utf8 = new TextEncoder();

function later(wait: Promise<void> | undefined, done: Told): void {
  if (wait === undefined) done();
  else wait.then(() => done(), done);
}

function ignored(): void {}

/** For the door. */
export const outgoingStreams: Pick<Streams, 'writer' | 'outputStream'> = {
  writer: (sink) => new TextOutgoing(sink) as Writer,
  outputStream: (sink) => new BinaryOutgoing(sink) as OutputStream,
};
