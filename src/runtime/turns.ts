/** The callbacks of one session: one at a time, in order. [LIF-6] */
import type { Handler, MessageHandler, View } from './plan.js';
import { isThenable } from './thenable.js';
import { weightOf } from './weight.js';

/** Whose callbacks they are. */
export interface TurnHost extends View {
  readonly endpoint: object;
  /** Sends what a message handler returned; a promise if the peer is slow to take it. May throw. */
  reply(value: unknown, handler: Handler): Promise<void> | undefined;
  /** Tells @OnError; never throws and never rejects. */
  failed(error: unknown): PromiseLike<unknown> | undefined;
  /** An abandoned callback has failed after all. */
  failedLate(error: unknown): void;
  pauseReading(): void;
  resumeReading(): void;
}

/** What may wait for a running callback before reading stops. [LIF-8] */
export interface Backlog {
  readonly backlogEvents: number;
  readonly backlogBytes: number;
}

/** Something that waits: a message for its handler, or a step in the life of the session. */
type Turn =
  | { readonly handler: MessageHandler; readonly event: unknown; readonly last: boolean; size: number; readonly step: null }
  | { readonly handler: Handler | null; readonly step: Step };

/** A step calls its callback itself, and never throws or rejects. */
export type Step = () => PromiseLike<unknown> | undefined;

/** What runs while the application has stopped the session. [EXT-1] */
const HALTED: Handler = Object.freeze({ member: '', invoke: () => undefined, reads: [] });

/** What runs when a step has no callback of the user's. */
const NOBODY: Handler = Object.freeze({ member: '', invoke: () => undefined, reads: [] });

export class Turns {
  readonly #host: TurnHost;
  readonly #backlog: Backlog;
  #running: Handler | null = null;
  /** Null while nothing waits. */
  #queue: Turn[] | null = null;
  #messages = 0;
  #bytes = 0;
  #paused = false;
  /** Grows when a running callback is given up, so that its end is no longer waited for. */
  #epoch = 0;
  /** When the running callback turned out to take longer. */
  #since = 0;

  constructor(host: TurnHost, backlog: Backlog) {
    this.#host = host;
    this.#backlog = backlog;
  }

  /** The callback that has not settled yet. */
  get running(): Handler | null {
    return this.#running === HALTED ? null : this.#running;
  }

  /** When that callback began to be waited for; `performance.now()`. */
  get since(): number {
    return this.#since;
  }

  /** Messages that wait behind it. */
  get waiting(): number {
    return this.#messages;
  }

  /** Twice as much waits as may: only pongs between the pieces of a message that is being read come that far. [LIF-8] */
  get overfull(): boolean {
    return this.#messages >= 2 * this.#backlog.backlogEvents;
  }

  /** Nothing waits behind what runs. */
  get isLast(): boolean {
    return this.#queue === null;
  }

  /** Delivers a message, now or when those before it are done. */
  take(handler: MessageHandler, event: unknown, last: boolean): void {
    if (this.#running !== null) return this.#wait(handler, event, last);
    this.#deliver(handler, event, last);
    if (this.#running === null && this.#queue !== null) this.#next();
  }

  /** More has come of a message that is read while it arrives; as long as it waits it counts. [LIF-8] */
  grow(event: unknown, data: string | Buffer): void {
    const turn = this.#queue?.findLast((each) => each.step === null && each.event === event);
    if (turn === undefined || turn.step !== null) return;
    const bytes = weightOf(data);
    turn.size += bytes;
    this.#bytes += bytes;
    this.#limit();
  }

  /** Takes a step of the session's life, now or in its turn; the handler is whose callback it runs. */
  step(handler: Handler | null, step: Step): void {
    this.#push({ handler, step });
    if (this.#running === null) this.#next();
  }

  /** Lets nothing run, behind what runs now, until the promise is kept. */
  halt(until: Promise<void>): void {
    this.#queue = [{ handler: HALTED, step: () => until }, ...(this.#queue ?? [])];
    if (this.#running === null) this.#next();
  }

  /** Forgets the messages that wait; steps stay. Reading goes on, for the peer's close frame is yet to come. */
  drop(): void {
    const steps = this.#queue?.filter((turn) => turn.step !== null) ?? [];
    this.#queue = steps.length > 0 ? steps : null;
    this.#messages = 0;
    this.#bytes = 0;
    this.#readOn();
  }

  /** No longer waits for the callback that runs. [LIF-13] */
  abandon(): void {
    if (this.#running === null) return;
    this.#epoch++;
    this.#done();
  }

  #wait(handler: MessageHandler, event: unknown, last: boolean): void {
    const size = weightOf(event);
    this.#push({ handler, event, last, size, step: null });
    this.#messages++;
    this.#bytes += size;
    this.#limit();
  }

  /** A list that is emptied goes: it would keep the room it once had. */
  #push(turn: Turn): void {
    if (this.#queue === null) this.#queue = [turn];
    else this.#queue.push(turn);
  }

  #limit(): void {
    if (this.#paused || (this.#messages < this.#backlog.backlogEvents && this.#bytes < this.#backlog.backlogBytes)) return;
    this.#paused = true;
    this.#host.pauseReading();
  }

  /** A handler that stays synchronous pays for no promise and no queue. */
  #deliver(handler: MessageHandler, event: unknown, last: boolean): void {
    this.#running = handler;
    let pending: PromiseLike<unknown> | undefined;
    try {
      const result = handler.invoke(this.#host.endpoint, this.#host, event, last);
      if (isThenable(result)) return void this.#settle(handler, result);
      if (result !== undefined && result !== null) pending = this.#host.reply(result, handler);
    } catch (error) {
      pending = this.#host.failed(error);
    }
    if (pending === undefined) this.#running = null;
    else void this.#settle(NOBODY, pending);
  }

  /** Waits for a callback, then sends what it came to; the turn ends when that is done. */
  async #settle(handler: Handler, result: PromiseLike<unknown>): Promise<void> {
    const epoch = this.#epoch;
    this.#since = performance.now();
    try {
      const value = await result;
      if (epoch !== this.#epoch) return;
      if (handler !== NOBODY && value !== undefined && value !== null) await this.#host.reply(value, handler);
    } catch (error) {
      if (epoch !== this.#epoch) return this.#host.failedLate(error);
      await this.#host.failed(error);
    }
    if (epoch === this.#epoch) this.#done();
  }

  #done(): void {
    this.#running = null;
    this.#next();
  }

  #next(): void {
    while (this.#running === null) {
      const turn = this.#queue?.shift();
      if (turn === undefined) break;
      if (this.#queue?.length === 0) this.#queue = null;
      if (turn.step === null) {
        this.#messages--;
        this.#bytes -= turn.size;
        this.#deliver(turn.handler, turn.event, turn.last);
        continue;
      }
      this.#running = turn.handler ?? NOBODY;
      const pending = turn.step();
      if (pending === undefined) this.#running = null;
      else void this.#settle(NOBODY, pending);
    }
    this.#readOn();
  }

  #readOn(): void {
    if (!this.#paused || this.#messages > 0) return;
    this.#paused = false;
    this.#host.resumeReading();
  }
}
