/** One live conversation: an engine's channel below, an endpoint above. */
import type { CloseReason } from '../api/close-reason.js';
import { wordsOf } from '../api/exceptions.js';
import type { Channel, ChannelListener, Intake, MessageKind } from '../transport/spi.js';
import { Ending, type Mortal } from './ending.js';
import { ErrorDesk } from './error-desk.js';
import { Inbox } from './inbox.js';
import { SKIP } from './limits.js';
import { Opened } from './opened.js';
import { Outbound } from './outbound.js';
import { type Failures, guarded, valuesOf } from './path-values.js';
import type { Handler, Live, MessageHandler, Opening } from './plan.js';
import { ReceivedPong } from './pong.js';
import { BACKLOG, Reading } from './reading.js';
import { type Conversation, LiveSession } from './session.js';
import { Suspension } from './suspension.js';
import { isThenable, settled } from './thenable.js';
import { ticker } from './ticker.js';
import { type SessionStatistics, statisticsOf } from './traffic.js';
import { type TurnHost, Turns } from './turns.js';
import { Vigil, type Watched } from './vigil.js';

export class Connection extends Opened implements ChannelListener, TurnHost, Conversation, Mortal, Live, Watched {
  readonly session: LiveSession;
  readonly inbox: Inbox;
  /** The path parameters as the handlers take them. */
  readonly values: readonly unknown[];
  maxIdleTimeout: number;
  readonly #channel: Channel;
  readonly #turns: Turns;
  /** Made for the first send. */
  #outbound: Outbound | null = null;
  /** Made when the end comes in sight. */
  #ending: Ending | null = null;
  readonly #vigil: Vigil;
  readonly #failures: Failures;
  readonly #reading: Reading;
  #suspension: Suspension | null = null;

  constructor(channel: Channel, opening: Opening) {
    super(opening);
    const { plan, settings } = opening;
    const { values, failures } = valuesOf(plan.values, opening.request.pathParameters);
    this.values = values;
    this.session = new LiveSession(this);
    this.maxIdleTimeout = settings.maxIdleTimeout;
    this.#channel = channel;
    this.#turns = new Turns(this, settings);
    this.#vigil = new Vigil(this, channel);
    this.#failures = failures;
    this.#reading = new Reading(channel);
    this.inbox = new Inbox(this.#turns, this.#reading, plan, failures, settings);
  }

  get outbound(): Outbound {
    this.#outbound ??= new Outbound(this, this.#channel);
    return this.#outbound;
  }

  get state(): 'open' | 'closing' | 'closed' {
    return this.isClosed ? 'closed' : this.#isEnding ? 'closing' : 'open';
  }

  get reason(): CloseReason | null {
    return this.#ending?.reason ?? null;
  }

  get hasEnded(): boolean {
    return this.#ending?.ended === true;
  }

  get statistics(): SessionStatistics {
    return statisticsOf(this.#channel, this.#outbound?.dropped ?? 0);
  }

  get sending(): boolean {
    return this.#ending === null || !(this.#ending.begun || this.#ending.gone);
  }

  get closeHandler(): Handler | null {
    return guarded(this.opening.plan.close, this.#failures);
  }

  get suspension(): Suspension {
    this.#suspension ??= new Suspension(this.#turns, this.#reading, this.inbox, this.logger);
    return this.#suspension;
  }

  close(reason?: CloseReason): Promise<void> {
    const flushed = this.#end.close(reason);
    return this.opening.away?.closed(this.session, reason) ?? flushed;
  }

  /** The container stops. [CLO-14] */
  shutdown(): void {
    this.#end.shutdown(1001, 'the container is closing');
  }

  abandon(): void {
    this.#end.abandon();
  }

  terminate(): void {
    this.#channel.terminate();
  }

  // What the channel tells.

  onOpened(): void {
    this.opening.owner.opened(this);
    this.opening.registry.add(this.session); // before @OnOpen [SES-20]
    ticker.add(this.#vigil);
    this.opening.away?.began(this.session);
    const handler = guarded(this.opening.plan.open, this.#failures);
    if (handler === null) this.#opened();
    else this.#turns.step(handler, () => this.#open(handler));
  }

  intake(kind: MessageKind): Intake {
    return this.#isEnding ? SKIP : this.inbox.intake(kind);
  }

  onText(text: string): void {
    if (!this.#isEnding) this.#turns.take(this.inbox.taker as MessageHandler, text, true);
  }

  onBinary(bytes: Buffer): void {
    if (!this.#isEnding) this.#turns.take(this.inbox.taker as MessageHandler, bytes, true);
  }

  onPart(kind: MessageKind, data: string | Buffer, last: boolean): void {
    if (this.#isEnding) return;
    const taker = this.inbox.taker as MessageHandler;
    if (taker.form === 'stream') this.inbox.flow(taker, kind, data, last);
    else this.#turns.take(taker, data, last);
  }

  onPong(bytes: Buffer): void {
    if (this.#vigil.recognises(bytes)) return;
    const { pong } = this.inbox.handlers;
    if (pong !== null && this.tellsPongs && !this.#isEnding && !this.#turns.overfull) this.#turns.take(pong, new ReceivedPong(bytes), true);
  }

  /** Somebody is to hear of pongs just now. */
  protected get tellsPongs(): boolean {
    return true;
  }

  onDrained(): void {
    this.#outbound?.drained();
  }

  onClosing(code: number, phrase: string): void {
    this.#vigil.peerIsDone();
    this.inbox.cutOff('the peer has closed');
    this.#end.peerCloses(code, phrase);
  }

  onEnded(): void {
    this.#vigil.peerIsDone();
    this.inbox.cutOff('the peer has ended the connection');
    this.#end.peerEnds();
  }

  onFailed(code: 1002 | 1007 | 1009, error: Error): void {
    this.inbox.cutOff(error.message);
    this.#end.breaks(code, error);
  }

  onClosed(error?: Error): void {
    this.#outbound?.gone(error);
    this.inbox.cutOff('the connection was lost');
    this.#suspension?.lift(); // what was kept is delivered, then the end
    this.#end.lost(error);
  }

  // What its parts ask for.

  reply(value: unknown, handler: Handler): Promise<void> | undefined {
    return this.outbound.reply(value, handler.member);
  }

  call(handler: Handler, event: unknown): PromiseLike<unknown> | undefined {
    try {
      const result = handler.invoke(this.endpoint, this, event, true);
      return isThenable(result) ? settled(result, (error) => this.#failedIn(handler, error)) : undefined;
    } catch (error) {
      return this.failed(error);
    }
  }

  failed(error: unknown): PromiseLike<unknown> | undefined {
    return this.#errors.tell(error);
  }

  failedLate(error: unknown): void {
    this.#errors.log(error, 'failed when it was no longer waited for');
  }

  pauseReading(): void {
    this.#reading.hold(BACKLOG);
  }

  resumeReading(): void {
    this.#reading.release(BACKLOG);
  }

  sendExpired(error: Error): void {
    this.#end.drop(error.message); // no handshake with a peer that takes nothing [REM-12]
  }

  sendStalled(error: Error): void {
    this.#end.fail(1001, error.message, error);
  }

  tooSlow(error: Error): void {
    this.#end.forsake(error);
  }

  messageBroken(error: Error): void {
    this.#end.fail(1011, wordsOf(error));
  }

  left(): void {
    this.#outbound?.stop();
    this.#vigil.peerIsDone();
    this.inbox.cutOff('the session is closing');
    this.#suspension?.lift();
    this.inbox.complete();
    this.opening.away?.left(this.session, this.reason as CloseReason);
  }

  closed(): void {
    this.isClosed = true;
    ticker.delete(this.#vigil);
    this.opening.place.free();
    this.opening.owner.closed(this);
  }

  get reading(): boolean {
    return this.#reading.isOn && !this.inbox.held;
  }

  get hold(): Watched['hold'] {
    const { running, since, waiting } = this.#turns;
    return { running, since, waiting: waiting + (this.inbox.held ? 1 : 0) };
  }

  fellSilent(what: string, ms: number): void {
    this.#end.fail(1001, `session ${this.session.getId()} had no ${what} for ${ms} ms`);
  }

  look(now: number): void {
    this.#outbound?.look(now);
  }

  unanswered(): void {
    this.#end.drop('no answer to ping'); // [REL-12]
  }

  get #end(): Ending {
    this.#ending ??= new Ending(this, this.outbound, this.#turns);
    return this.#ending;
  }

  get #isEnding(): boolean {
    return this.#ending?.begun === true;
  }

  /** Nothing is kept there: one for each error. */
  get #errors(): ErrorDesk {
    return new ErrorDesk(this, guarded(this.opening.plan.error, this.#failures));
  }

  /** Runs @OnOpen. A failure ends the session behind what @OnOpen sent and @OnError sends. [LIF-10, CLO-18, D-16] */
  async #open(handler: Handler): Promise<void> {
    try {
      await handler.invoke(this.endpoint, this, undefined, true);
    } catch (error) {
      await this.#failedIn(handler, error);
      return this.#end.fail(1011, wordsOf(error));
    }
    this.#opened();
  }

  /** @OnOpen has completed, which may be after the end has begun. */
  #opened(): void {
    this.inbox.complete();
    this.opening.away?.opened(this);
  }

  /** @OnError hears of it, unless the callback is no longer waited for: then another may be running, or the session is closed. [LIF-6] */
  #failedIn(handler: Handler, error: unknown): PromiseLike<unknown> | undefined {
    if (this.#turns.running === handler) return this.failed(error);
    this.failedLate(error);
    return undefined;
  }
}
