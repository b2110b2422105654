/** How sends settle: at once while there is room in the queue; else each waits for room, or for its own last byte, and not for ever. [REM-7] */
import type { Channel, MessageKind } from '../transport/spi.js';
import { blockingTimeoutOf } from './blocking-timeout.js';
import { sendFailed, sendStalled, sendTimeout } from './failures.js';
import { refusalOf, type Sender } from './sender.js';
import type { SlowPeer } from './slow-peer.js';
import { soon } from './soon.js';
import { after, type Timer } from './timer.js';

/**
 * How long a send may take, in ms from the moment it is handed to the channel. 0 or less: for ever. null: as a send of the Basic
 * remote, as long as the peer takes something within the session's blocking timeout. [REM-10, REM-12]
 */
export type Limit = number | null;

interface Waiter {
  /** For its own last byte; else for the queue to be below the mark. */
  readonly own: boolean;
  /** A message or a part of one; else a ping or a pong. */
  readonly isData: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  timer: Timer | undefined;
}

/** One waiter for all sends of a kind that wait for room, so that a queue of tiny messages costs about its bytes. [REL-10] */
interface Room {
  readonly waiter: Waiter;
  readonly promise: Promise<void>;
  readonly limit: Limit;
  /** ms, 0 or less: for ever. */
  readonly ms: number;
  readonly since: number;
}

/** Whose failure is logged already. */
const told = new WeakSet<Promise<void>>();

/** Every send that succeeds at once is this one promise. [REM-17] */
export const SENT: Promise<void> = Promise.resolve();

export class Settling {
  readonly #sender: Sender;
  readonly #channel: Channel;
  readonly #slow: SlowPeer;
  /** Tells how much waits in front of what is sent now: the channel, or the batch. */
  gauge: Pick<Channel, 'bufferedAmount'>;
  /** The sends that have not settled; made when the first one has to wait. */
  #waiters: Set<Waiter> | null = null;
  /** The latest of each kind. */
  #rooms: Room[] = [];

  constructor(sender: Sender, channel: Channel, slow: SlowPeer) {
    this.#sender = sender;
    this.#channel = channel;
    this.#slow = slow;
    this.gauge = channel;
  }

  /** Something has not settled. */
  get isAwaited(): boolean {
    return this.#waiters !== null && this.#waiters.size > 0;
  }

  /** A message, or a part of one, has not settled. */
  get isBusy(): boolean {
    for (const { isData } of this.#waiters ?? []) if (isData) return true;
    return false;
  }

  /** For what has just been handed to the channel: a promise that may be dropped. */
  accepted(limit: Limit): Promise<void> {
    return this.#hasRoom ? SENT : this.told(this.room(limit));
  }

  /** A promise while the queue is above the mark. */
  room(limit: Limit, isData = true): Promise<void> | undefined {
    if (this.#hasRoom) return undefined;
    const ms = limit ?? this.#blockingTimeout;
    const known = this.#rooms.findIndex((room) => room.limit === limit && room.ms === ms && room.waiter.isData === isData);
    const since = performance.now();
    const latest = this.#rooms[known];
    if (latest !== undefined && (ms <= 0 || since - latest.since < ms / 100)) return latest.promise;
    let waiter!: Waiter;
    const promise = new Promise<void>((resolve, reject) => {
      waiter = { own: false, isData, resolve, reject, timer: undefined };
    });
    this.#add(waiter, limit);
    this.#rooms.splice(known < 0 ? this.#rooms.length : known, 1, { waiter, promise, limit, ms, since });
    return promise;
  }

  /** Settles when the socket has taken the last byte of what is sent in the call, for until then it is the caller's own. [REM-5] */
  lastByte(send: (done: (error?: Error) => void) => void, limit: Limit): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { own: true, isData: true, resolve, reject, timer: undefined };
      this.#add(waiter, limit);
      send((error) => this.#settle(waiter, error && sendFailed(this.#sender.session, error)));
      if (this.gauge.bufferedAmount > this.#slow.from) this.#slow.watch();
    });
  }

  /** A promise that nobody awaits raises no unhandledRejection; its failure is logged. [REM-17] */
  told(sent: Promise<void> | undefined): Promise<void> {
    if (sent === undefined) return SENT;
    if (told.has(sent)) return sent;
    told.add(sent);
    sent.catch((err: unknown) => {
      const { logger, session } = this.#sender;
      logger.debug({ code: 'MARGAY_SEND_DROPPED', session: session.getId(), err }, 'a send failed');
    });
    return sent;
  }

  /** The session sends no more. */
  refused(): Promise<void> {
    return this.told(Promise.reject(refusalOf(this.#sender)));
  }

  /** The same for a whole message, which may be kept for the session that follows. */
  refusedOrKept(kind: MessageKind | 'object', message: unknown, limit: Limit): Promise<void> {
    const { opening, session, settings } = this.#sender;
    const kept = opening.away?.keep(session, { kind, message, limit }, settings.slowPeer.cap) ?? null;
    return kept === null ? this.refused() : this.told(kept);
  }

  /** The queue has become shorter. */
  drained(): void {
    if (this.#waiters === null || this.#waiters.size === 0) return;
    if (this.#channel.bufferedAmount > this.#sender.settings.highWaterMark) return;
    for (const waiter of this.#waiters) if (!waiter.own) this.#settle(waiter);
  }

  /** The socket is gone: what has not left never will. [REM-14] */
  gone(error: Error): void {
    for (const waiter of this.#waiters ?? []) this.#settle(waiter, error);
  }

  get #hasRoom(): boolean {
    const waiting = this.gauge.bufferedAmount;
    if (waiting <= this.#slow.from) return true;
    this.#slow.watch();
    return waiting <= this.#sender.settings.highWaterMark;
  }

  #add(waiter: Waiter, limit: Limit): void {
    this.#waiters ??= new Set();
    this.#waiters.add(waiter);
    if (limit !== null) {
      if (limit > 0) waiter.timer = after(limit, () => this.#expired(waiter, limit));
      return;
    }
    const patience = this.#blockingTimeout;
    if (patience > 0) this.#watch(waiter, patience, patience);
  }

  #settle(waiter: Waiter, error?: Error): void {
    if (this.#waiters?.delete(waiter) !== true) return;
    clearTimeout(waiter.timer);
    if (!waiter.own) this.#rooms = this.#rooms.filter((room) => room.waiter !== waiter);
    if (error === undefined) waiter.resolve();
    else waiter.reject(error);
  }

  #expired(waiter: Waiter, ms: number): void {
    const error = sendTimeout(this.#sender.session, ms);
    this.#settle(waiter, error);
    this.#sender.sendExpired(error);
  }

  /** Looks again whenever the peer could have been silent for that long: a queue that moves is no reason to give up. [REM-10] */
  #watch(waiter: Waiter, patience: number, rest: number): void {
    waiter.timer = after(rest, () => {
      const silence = performance.now() - this.#channel.lastWritten;
      if (silence < patience - 1) return this.#watch(waiter, patience, patience - silence);
      const error = sendStalled(this.#sender.session, patience);
      this.#settle(waiter, error);
      soon(() => this.#sender.sendStalled(error)); // who waits for it hears of the timeout, not of the close that follows
    });
  }

  /** ms; the session's own property wins, read for each send. [EXT-2] */
  get #blockingTimeout(): number {
    return blockingTimeoutOf(this.#sender) ?? this.#sender.settings.blockingSendTimeout;
  }
}
