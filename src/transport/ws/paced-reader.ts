/** What readers of a socket have in common: they read in slices, and say when the socket has to wait. [D-24, REL-11] */
import { readLater } from './read-turns.js';

/** What a reader leaves to others. */
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
  /** Bytes that came before the reader did. `shown` is called once the listener has been told of them, or wants no more. */
  preload(chunks: readonly Buffer[], shown?: () => void): void;
  push(chunk: Buffer, now: number): void;
  end(): void;
  pause(): void;
  resume(): void;
  stop(): void;
}

/** ms of reading in one go: little, for many may have something to read at the same time. */
const SLICE = 2;

export abstract class PacedReader {
  protected readonly owner: ReaderOwner;
  /** When the slice is over. */
  #until = 0;
  #running = false;
  #scheduled = false;
  #held = false;
  /** Waits for what was preloaded. */
  #shown: (() => void) | null = null;

  constructor(owner: ReaderOwner) {
    this.owner = owner;
  }

  /** Delivers nothing any more; what still comes is thrown away. */
  abstract stop(): void;

  /** Reads until there is nothing left, something stands in the way or that time has come. */
  protected abstract read(until: number): void;

  /** @internal */
  onPing(bytes: Buffer): void {
    this.owner.onPing(bytes);
  }

  /** @internal */
  onDefect(error: unknown): void {
    this.stop();
    this.owner.onDefect(error);
  }

  /** @internal */
  proceed(): void {
    this.#scheduled = false;
    this.run(performance.now());
  }

  /** A slice that begins now; nothing, if one is being read. */
  protected run(now: number): void {
    if (this.#running) return;
    this.#running = true;
    this.#until = now + SLICE;
    try {
      this.read(this.#until);
    } catch (error) {
      this.onDefect(error);
    } finally {
      this.#running = false;
    }
  }

  /** More of the slice that began before: whoever waits in microtasks has let nobody else have a turn. */
  protected goOn(): void {
    if (performance.now() > this.#until) this.schedule();
    else this.run(this.#until - SLICE);
  }

  /** Goes on in a later turn: never on the stack of whoever called `resume`, and others have their turn first. */
  protected schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    readLater(this);
  }

  protected get isRunning(): boolean {
    return this.#running;
  }

  protected whenShown(shown: (() => void) | undefined): void {
    this.#shown = shown ?? null;
  }

  /** What was preloaded has been read, as far as the listener takes it. */
  protected tellShown(): void {
    const shown = this.#shown;
    this.#shown = null;
    shown?.();
  }

  /** The listener takes no more for now. */
  protected stall(): void {
    this.hold();
    this.tellShown();
  }

  protected hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.owner.onHold();
  }

  protected release(): void {
    if (this.#shown !== null) this.tellShown();
    if (!this.#held) return;
    this.#held = false;
    this.owner.onRelease();
  }
}
