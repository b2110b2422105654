/** The way of one session from open to closed: who began it, and one @OnClose. [CLO-9] */
import { CloseReason } from '../api/close-reason.js';
import type { Session } from '../api/session.js';
import { abnormalTimeoutOf, closeTimeoutOf, reasonOf, wireCodeOf } from './close-codes.js';
import { Closing, type ClosingTimes, type Exit } from './closing.js';
import { connectionLost, isInflateFailure, sendFailed, streamBroken, wrongArgument } from './failures.js';
import type { Owning } from './own-times.js';
import type { Handler, Opening } from './plan.js';
import { soon } from './soon.js';
import { after, type Timer } from './timer.js';
import type { Step, Turns } from './turns.js';

/** Whose end it is. */
export interface Mortal extends Owning {
  readonly opening: Opening;
  readonly session: Session;
  readonly closeHandler: Handler | null;
  /** Runs a callback; `failed` hears of what it throws. */
  call(handler: Handler, event: unknown): PromiseLike<unknown> | undefined;
  failed(error: unknown): PromiseLike<unknown> | undefined;
  /** It has left `open`. */
  left(): void;
  /** The endpoint and its coders are let go; undefined: nothing to do. */
  release(): Promise<unknown> | undefined;
  /** @OnClose has settled. */
  ended(): void;
  /** Nothing more will happen. [D-27] */
  closed(): void;
}

type SendTimes = Pick<ClosingTimes, 'send' | 'isHurried'>;

/** No frame of ours is sent. */
const NONE: SendTimes = { send: 0, isHurried: false };

const NORMAL = reasonOf(1000, '');

/** What runs while coders and instances are let go. */
const RELEASE: Handler = Object.freeze({ member: 'destroy', invoke: () => undefined, reads: [] });

export class Ending {
  readonly #of: Mortal;
  readonly #exit: Exit;
  readonly #turns: Turns;
  /** Made on leaving `open`. */
  #closing: Closing | null = null;
  /** What @OnClose is told. */
  #reason: CloseReason | null = null;
  /** The peer's close frame, while it waits for its turn. */
  #peerClose: CloseReason | null = null;
  #patience: Timer | undefined;
  /** @OnClose has settled, and what it needed is let go. */
  #released = false;
  #ended = false;
  /** The socket is gone. */
  #gone = false;
  #closed = false;

  constructor(of: Mortal, exit: Exit, turns: Turns) {
    this.#of = of;
    this.#exit = exit;
    this.#turns = turns;
  }

  /** A close has begun, by whomever. */
  get begun(): boolean {
    return this.#closing !== null;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** @OnClose has settled. */
  get ended(): boolean {
    return this.#ended;
  }

  get reason(): CloseReason | null {
    return this.#reason;
  }

  /** The application closes. @throws IllegalArgumentException for a code that may not be sent [D-13] */
  close(reason: CloseReason = NORMAL): Promise<void> {
    if (typeof reason?.getCloseCode !== 'function') throw wrongArgument('close(reason)', `reason is ${String(reason)}`);
    if (this.#closing !== null) return this.#closing.flushed;
    const code = wireCodeOf(reason.getCloseCode().getCode());
    const undelivered = (error: Error) =>
      this.#turns.step(this.#of.opening.plan.error, () => this.#of.failed(sendFailed(this.#of.session, error)));
    const isAbnormal = reason.getCloseCode().getCode() === 1006; // that its frame found nobody is no news [CLO-11]
    return this.#ask(reason, code, reason.getReasonPhrase(), this.#ease, isAbnormal ? ignored : undelivered);
  }

  /** The container closes, with the same code on both sides. [CLO-14] */
  shutdown(code: number, phrase: string): void {
    if (this.#closing === null) void this.#ask(reasonOf(code, phrase), code, phrase, this.#ease, ignored);
  }

  /** The container closes after an error or a timeout: the endpoint is told 1006, and the error first if it does not know it. [CLO-8] */
  fail(wireCode: number, phrase: string, untold?: Error): void {
    if (this.#closing !== null) return;
    const first = untold && (() => this.#of.failed(untold));
    void this.#ask(reasonOf(1006, phrase), wireCode, '', this.#hurry, ignored, first);
  }

  /** The peer does not take what waits for it: that goes, and our frame follows what has left already, if it can. [REL-10] */
  forsake(error: Error): void {
    if (this.#closing !== null) return;
    const closing = this.#leave(reasonOf(1006, error.message), this.#peerClose === null ? 'asked' : 'answered', this.#hurry);
    if (this.#exit.discard(error)) this.#send(closing, 1008, 'slow reader', ignored);
    else this.#exit.terminate();
    soon(() => this.#finish()); // never on the stack of whoever sends [CLO-10]
  }

  /** TCP goes without a handshake. */
  drop(phrase: string): void {
    if (this.#closing === null) {
      this.#leave(reasonOf(1006, phrase), 'broken', NONE);
      this.#finish();
    }
    this.#exit.terminate();
  }

  /** The peer's close frame: it takes its turn behind the messages before it, but not for ever. [CLO-4, LIF-14] */
  peerCloses(code: number, phrase: string): void {
    if (this.#closing !== null) return this.#closing.peer();
    this.#peerClose = new CloseReason(CloseReason.CloseCodes.getCloseCode(code), phrase);
    this.#turns.step(null, () => this.#answer());
    if (this.#closing === null) this.#patience = after(this.#closeTimeout, () => this.#answer());
  }

  /** The peer sends no more and has said no goodbye: 1006, behind the messages before, whose handlers may still send. [LIF-14, CLO-13] */
  peerEnds(): void {
    if (this.#closing !== null) return this.#closing.broken();
    this.#turns.step(null, () => this.#ranDry());
    if (this.#closing === null) this.#patience = after(this.#closeTimeout, () => this.#ranDry());
  }

  /** The stream cannot be read any further. [CLO-15, D-09] */
  breaks(code: number, error: Error): void {
    if (this.#closing !== null) return this.#closing.broken();
    const told = streamBroken(this.#of.session, code, error);
    const wire = reasonOf(code, error.message);
    const closing = this.#leave(isInflateFailure(error) ? reasonOf(1006, error.message) : wire, 'broken', this.#hurry); // [EXT-14]
    closing.send(code, wire.getReasonPhrase(), ignored);
    this.#finish(() => this.#of.failed(told));
  }

  /** The socket is gone. */
  lost(error: Error | undefined): void {
    this.#gone = true;
    if (this.#closing !== null) this.#closing.gone();
    else if (error === undefined) this.#turns.step(null, () => this.#ranDry());
    else {
      const said = this.#peerClose; // that it went afterwards is no loss [CLO-13]
      this.#leave(said ?? reasonOf(1006, 'the connection was lost'), 'broken', NONE).gone();
      if (said !== null) this.#finish();
      else this.#finish(() => this.#of.failed(connectionLost(this.#of.session, error))); // [D-20]
    }
    this.#wait();
    this.#settle();
  }

  /** Waits no longer for the callback that runs: what follows it runs now. [LIF-13] */
  abandon(): void {
    this.#turns.drop();
    const { running, since } = this.#turns;
    if (running === null) return;
    const { plan, logger } = this.#of.opening;
    const ms = Math.round(performance.now() - since);
    const what = running === RELEASE ? `the destroy() of a coder or instance of ${plan.name}` : `${plan.name}.${running.member}()`;
    logger.warn(
      { code: 'MARGAY_ABANDONED_CALLBACK', endpoint: plan.name, member: running.member, session: this.#of.session.getId(), ms },
      `${what} has not settled after ${ms} ms although its session is over; going on without it`,
    );
    this.#turns.abandon();
  }

  /** We close first; a frame of theirs that waits for its turn is not reported any more. [CLO-17] */
  #ask(
    local: CloseReason,
    code: number | undefined,
    phrase: string,
    times: SendTimes,
    undelivered: (error: Error) => void,
    first?: Step,
  ): Promise<void> {
    const closing = this.#leave(local, this.#peerClose === null ? 'asked' : 'answered', times);
    this.#send(closing, code, phrase, undelivered);
    soon(() => this.#finish(first)); // never on the stack of whoever closes [CLO-10]
    return closing.flushed;
  }

  /** Their frame's turn has come. */
  #answer(): undefined {
    if (this.#closing !== null || this.#peerClose === null) return;
    const code = this.#peerClose.getCloseCode().getCode();
    const closing = this.#leave(this.#peerClose, 'answered', this.#ease);
    this.#send(closing, code === 1005 ? undefined : code, this.#peerClose.getReasonPhrase(), ignored);
    this.#finish();
  }

  /** Our frame leaves, unless its turn has come only after the socket was gone. */
  #send(closing: Closing, code: number | undefined, phrase: string, undelivered: (error: Error) => void): void {
    if (this.#gone) closing.gone();
    else closing.send(code, phrase, undelivered);
  }

  /** A plain end of the stream, behind everything that came before it. [CLO-13] */
  #ranDry(): undefined {
    if (this.#closing !== null) return;
    const closing = this.#leave(reasonOf(1006, 'the connection ended without a close frame'), 'broken', {
      send: this.#closeTimeout,
      isHurried: false,
    });
    if (this.#gone) closing.gone();
    else closing.end();
    this.#finish();
  }

  /** Leaves `open`, which happens once: nobody finds the session any more, and what was not delivered never is. */
  #leave(reason: CloseReason, phase: 'asked' | 'answered' | 'broken', first: SendTimes): Closing {
    clearTimeout(this.#patience);
    this.#reason = reason;
    const { send, isHurried } = first;
    const { settings, isClient = false } = this.#of.opening;
    const times = { send, isHurried, answer: this.#closeTimeout, linger: settings.lingerTimeout, isClient };
    const closing = new Closing(this.#exit, times, phase);
    this.#closing = closing; // before anybody hears of it, who might close the session then
    this.#of.opening.registry.delete(this.#of.session);
    this.#turns.drop();
    this.#of.left();
    return closing;
  }

  /** Queues the only @OnClose, behind the callback that runs and behind `first`, which tells @OnError. */
  #finish(first?: Step): void {
    const { closeHandler: handler } = this.#of;
    if (first !== undefined) this.#turns.step(this.#of.opening.plan.error, first);
    if (handler !== null) this.#turns.step(handler, () => this.#of.call(handler, this.#reason));
    this.#turns.step(null, () => this.#end());
    this.#wait();
  }

  /** @OnClose has settled; what @OnError was to hear meanwhile comes before that counts. [CLO-11] */
  #end(): undefined {
    if (!this.#turns.isLast) {
      this.#turns.step(null, () => this.#end());
      return;
    }
    if (!this.#released) {
      this.#released = true;
      this.#turns.step(RELEASE, () => this.#of.release());
      this.#turns.step(null, () => this.#end());
      return;
    }
    this.#ended = true;
    this.#of.ended();
    this.#settle();
  }

  /** Callbacks of a connection that is gone are waited for that long, each. [LIF-13] */
  #wait(): void {
    if (!this.#gone || this.#ended) return;
    clearTimeout(this.#patience);
    this.#patience = after(this.#closeTimeout, () => {
      this.abandon();
      this.#wait();
    });
  }

  #settle(): void {
    if (!this.#ended || !this.#gone || this.#closed) return;
    clearTimeout(this.#patience);
    this.#closed = true;
    this.#of.closed();
  }

  get #closeTimeout(): number {
    return closeTimeoutOf(this.#of, this.#of.opening.settings.closeTimeout);
  }

  /** A close that is asked for, or answered. [CLO-7] */
  get #ease(): SendTimes {
    return { send: this.#closeTimeout, isHurried: false };
  }

  /** After an error or a timeout. [CLO-11] */
  get #hurry(): SendTimes {
    const { settings } = this.#of.opening;
    return { send: abnormalTimeoutOf(this.#of, settings.abnormalCloseSendTimeout), isHurried: true };
  }
}

function ignored(): void {}
