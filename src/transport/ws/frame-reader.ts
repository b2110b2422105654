/** Reads a socket's chunks one after another, as fast as the house, zlib and the others on this thread allow. [D-24] */
import type { ChannelListener } from '../spi.js';
import { FrameParser, type ParserOptions } from './frame-parser.js';
import { PacedReader, type Reader, type ReaderOwner } from './paced-reader.js';

export class FrameReader extends PacedReader implements Reader {
  bytesReceived = 0;
  readonly #parser: FrameParser;
  /** The chunk in hand, null when there is nothing to read, and those that came meanwhile. */
  #chunk: Buffer | null = null;
  #later: Buffer[] | null = null;
  #ended = false;

  constructor(listener: ChannelListener, owner: ReaderOwner, options: ParserOptions) {
    super(owner);
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
  preload(chunks: readonly Buffer[], shown?: () => void): void {
    this.whenShown(shown);
    for (const chunk of chunks) {
      this.bytesReceived += chunk.length;
      if (chunk.length > 0) this.#queue(chunk);
    }
    if (this.#chunk !== null) this.schedule();
  }

  /** The chunk is the reader's from now on: it unmasks in place. */
  push(chunk: Buffer, now: number): void {
    this.bytesReceived += chunk.length;
    if (this.#parser.over || chunk.length === 0) return;
    const isFirst = this.#chunk === null;
    this.#queue(chunk);
    if (isFirst) this.run(now);
    else this.hold();
  }

  /** No more will come. */
  end(): void {
    this.#ended = true;
    if (this.#chunk === null) this.run(0);
  }

  pause(): void {
    this.#parser.pause();
    this.tellShown();
  }

  resume(): void {
    if (this.#parser.resume() && this.#chunk !== null && !this.isRunning) this.schedule();
  }

  /** All it was given has been read; if not, `onHold` is told of that, and `onRelease` once it has. */
  isDry(): boolean {
    if (this.#chunk === null) return true;
    this.hold();
    return false;
  }

  /** Delivers nothing any more; what still comes is thrown away. */
  stop(): void {
    this.#parser.stop();
    this.#chunk = null;
    this.#later = null;
    this.release();
  }

  /** @internal What kept the parser busy is done. */
  onReady(): void {
    this.run(performance.now());
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

  protected read(until: number): void {
    while (this.#chunk !== null) {
      const outcome = this.#parser.read(this.#chunk, until);
      if (outcome === 'stalled') this.stall();
      else if (outcome === 'late') this.schedule();
      if (outcome !== 'dry') return;
      this.#chunk = this.#later?.shift() ?? null;
      this.#parser.at = 0;
    }
    this.#later = null;
    this.release();
    if (!this.#ended) return;
    this.#ended = false;
    this.owner.onEnd();
  }
}
