/** A message that leaves in fragments, as a stream writes it. It keeps its place in the line from its beginning to its end. [REM-9] */
import type { Session } from '../api/session.js';
import type { MessageKind } from '../transport/spi.js';
import { streamDestroyed, streamEnded } from './failures.js';
import type { Limit } from './settling.js';
import type { Sink } from './streams.js';

/** Where its fragments go. */
export interface FragmentWay {
  readonly session: Session;
  /** Asked before the first fragment: rejects, if the message is not taken. [REL-10] */
  turnedAway(message: OutgoingMessage): Promise<void> | undefined;
  fragment(message: OutgoingMessage, bytes: Uint8Array, first: boolean, last: boolean): Promise<void> | undefined;
  /** The application writes no more of it: what it sends now comes behind it. */
  ended(message: OutgoingMessage): void;
  /** It has begun and will never end. */
  broken(error: Error): void;
}

export class OutgoingMessage implements Sink {
  readonly kind: MessageKind;
  /** For each of its fragments. */
  readonly limit: Limit;
  /** Else the application's own. */
  readonly isOfEncoder: boolean;
  readonly #way: FragmentWay;
  /** Settles once its last fragment has been handed over, or it was given up. */
  readonly over: Promise<void>;
  /** Why it was given up. */
  failure: Error | null = null;
  /** Whether its last fragment has to wait for room. */
  outcome: Promise<void> | undefined;
  #isEnded = false;
  #isOver = false;
  #begun = false;
  #settle: () => void = () => {};
  /** Until its turn has come. */
  #turn: Promise<void> | null;
  #come: () => void = () => {};

  constructor(way: FragmentWay, kind: MessageKind, limit: Limit, isOfEncoder: boolean) {
    this.kind = kind;
    this.limit = limit;
    this.isOfEncoder = isOfEncoder;
    this.#way = way;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#turn = new Promise((resolve) => {
      this.#come = resolve;
    });
  }

  /** What was sent before it has been handed over. */
  takeTurn(): Promise<void> {
    this.#turn = null;
    this.#come();
    return this.over;
  }

  fragment(bytes: Uint8Array, last: boolean): Promise<void> | undefined {
    return this.#turn === null ? this.#put(bytes, last) : this.#turn.then(() => this.#put(bytes, last));
  }

  ending(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#way.ended(this);
  }

  nothing(): void {
    this.#finish();
  }

  abandoned(error: Error | null): void {
    if (this.#isOver) return;
    this.failure = error ?? streamDestroyed(this.#way.session);
    this.ending();
    if (this.#begun) this.#way.broken(this.failure);
    this.#finish();
  }

  endedError(): Error {
    return streamEnded(this.#way.session);
  }

  #put(bytes: Uint8Array, last: boolean): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    const first = !this.#begun;
    const away = first ? this.#way.turnedAway(this) : undefined;
    if (away !== undefined) return away; // which fails the stream
    this.#begun = true;
    const accepted = this.#way.fragment(this, bytes, first, last);
    if (!last) return accepted;
    this.outcome = accepted;
    this.#finish();
    return accepted;
  }

  #finish(): void {
    this.#isOver = true;
    this.#settle();
  }
}
