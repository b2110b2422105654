/** Reads a socket's chunks one after another, as fast as the house, zlib and the others on this thread allow. [D-24] */
import type { ChannelListener } from '../spi.js';
import { FrameParser, type ParserOptions } from './frame-parser.js';

/** What the reader leaves to others. */
export interface ReaderOwner {
  /** The bytes are lent for the call. */
  onPing(bytes: Buffer): void;
  /** Nothing more should be read from the socket for now. */
  onHold(): void;
  /** What was said by `onHold` no longer holds. */
  onRelease(): void;
  /** The stream has ended, and everything before its end has been delivered. */
  onEnd(): void;
  /** The listener threw, and the reader has stopped. */
  onDefect(error: unknown): void;
}

/** What reads a socket's chunks. */
export interface Reader {
  readonly bytesReceived: number;
  readonly framesReceived: number;
  readonly messagesReceived: number;
  /** No event will come any more. */
  readonly isOver: boolean;
  preload(chunks: readonly Buffer[]): void;
  push(chunk: Buffer, now: number): void;
  end(): void;
  pause(): void;
  resume(): void;
  stop(): void;
}

/** [REL-11] Milliseconds of reading in one go. */
export const SLICE = 10;

export class FrameReader implements Reader {
  bytesReceived = 0;
  readonly #owner: ReaderOwner;
  readonly #parser: FrameParser;
  /** The chunk in hand, null when there is nothing to read, and those that came meanwhile. */
  #chunk: Buffer | null = null;
  #later: Buffer[] | null = null;
  #running = false;
  #scheduled = false;
  #held = false;
  #ended = false;

  constructor(listener: ChannelListener, owner: ReaderOwner, options: ParserOptions) {
    this.#owner = owner;
    this.#parser = new FrameParser(listener, this, options);
  }

  get framesReceived(): number {
    return this.#parser.framesReceived;
  }

  get messagesReceived(): number {
    return this.#parser.messagesReceived;
  }

  get isOver(): boolean {
    return this.#parser.over;
  }

  /** Bytes that came before the reader did: read in a later turn, in front of all others. [REL-7] */
  preload(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) {
      this.bytesReceived += chunk.length;
      if (chunk.length > 0) this.#queue(chunk);
    }
    if (this.#chunk !== null) this.#schedule();
  }

  /** The chunk is the reader's from now on: it unmasks in place. */
  push(chunk: Buffer, now: number): void {
    this.bytesReceived += chunk.length;
    if (this.#parser.over || chunk.length === 0) return;
    const isFirst = this.#chunk === null;
    this.#queue(chunk);
    if (isFirst) this.#run(now);
    else this.#hold();
  }

  /** No more will come. */
  end(): void {
    this.#ended = true;
    if (this.#chunk === null) this.#run(0);
  }

  pause(): void {
    this.#parser.pause();
  }

  resume(): void {
    if (this.#parser.resume() && this.#chunk !== null && !this.#running) this.#schedule();
  }

  /** All it was given has been read; if not, `onHold` is told of that, and `onRelease` once it has. */
  isDry(): boolean {
    if (this.#chunk === null) return true;
    this.#hold();
    return false;
  }

  /** Delivers nothing any more; what still comes is thrown away. */
  stop(): void {
    this.#parser.stop();
    this.#chunk = null;
    this.#later = null;
    this.#release();
  }

  /** @internal */
  onPing(bytes: Buffer): void {
    this.#owner.onPing(bytes);
  }

  /** @internal What kept the parser busy is done. */
  onReady(): void {
    this.#run(performance.now());
  }

  /** @internal */
  onDefect(error: unknown): void {
    this.stop();
    this.#owner.onDefect(error);
  }

  /** @internal */
  proceed(): void {
    this.#scheduled = false;
    this.#run(performance.now());
  }

  #queue(chunk: Buffer): void {
    if (this.#chunk === null) {
      this.#chunk = chunk;
      this.#parser.at = 0;
    } else if (this.#later === null) {
      this.#later = [chunk];
    } else {
      this.#later.push(chunk);
    }
  }

  #run(now: number): void {
    if (this.#running) return;
    this.#running = true;
    try {
      this.#read(now + SLICE);
    } catch (error) {
      this.onDefect(error);
    } finally {
      this.#running = false;
    }
  }

  #read(until: number): void {
    while (this.#chunk !== null) {
      const outcome = this.#parser.read(this.#chunk, until);
      if (outcome === 'stalled') this.#hold();
      else if (outcome === 'late') this.#schedule();
      if (outcome !== 'dry') return;
      this.#chunk = this.#later?.shift() ?? null;
      this.#parser.at = 0;
    }
    this.#later = null;
    this.#release();
    if (!this.#ended) return;
    this.#ended = false;
    this.#owner.onEnd();
  }

  /** Goes on in a later turn: never on the stack of whoever called `resume`, and others have their turn first. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(proceed, this);
  }

  #hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#owner.onHold();
  }

  #release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#owner.onRelease();
  }
}

const proceed = (reader: FrameReader): void => reader.proceed();
