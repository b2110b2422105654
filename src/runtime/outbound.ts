/** What a session sends: one order for all of it, whichever remote it came through. [REM-15] */
import type { OutputStream, Writer } from '../api/streams.js';
import type { Bytes } from '../api/tokens.js';
import type { Channel, Done, MessageKind } from '../transport/spi.js';
import { isBytes, spell } from './bytes.js';
import type { Detour } from './detour.js';
import { coderFor } from './encoding.js';
import { controlSize, noPings, sendBusy, sendClosed, sendFailed, unpairedSurrogate, wrongArgument } from './failures.js';
import { COPIED, Outlet } from './outlet.js';
import { messageOf, unlessLeftOut } from './reply.js';
import type { Sender } from './sender.js';
import { type Limit, SENT } from './settling.js';
import { SlowPeer } from './slow-peer.js';
import { Underway } from './underway.js';

export class Outbound {
  /** Messages are held back until there are enough of them. [REM-2] */
  isBatching = false;
  /**
   * The last message found the session open, nothing under way, no batch and a short queue, and nothing but its like has been
   * sent since: the next goes straight to the channel. A broadcast to thousands has no time to ask all that of each.
   */
  #isFree = false;
  /** Bytes waiting, up to which a send settles at once. */
  readonly #from: number;
  readonly #sender: Sender;
  readonly #channel: Channel;
  readonly #outlet: Outlet;
  readonly #slow: SlowPeer;
  #underway: Underway | null = null;

  constructor(sender: Sender, channel: Channel) {
    this.#sender = sender;
    this.#channel = channel;
    this.#slow = new SlowPeer(sender, channel);
    this.#from = this.#slow.from;
    this.#outlet = new Outlet(sender, channel, this.#slow);
  }

  text(text: string, call: string, limit: Limit): Promise<void> {
    if (typeof text !== 'string') throw wrongArgument(call, `text is ${spell(text)}; give a string, or sendObject what an encoder takes`);
    if (!text.isWellFormed()) throw unpairedSurrogate(text);
    if (!this.#isFree) return this.#whole('text', text, limit);
    this.#channel.text(text);
    return this.#accepted(limit);
  }

  binary(data: Bytes, call: string, limit: Limit): Promise<void> {
    if (!isBytes(data)) throw wrongArgument(call, `data is ${spell(data)}; give a Buffer, or other bytes`);
    if (!this.#isFree || data.byteLength > COPIED) return this.#whole('binary', data, limit);
    this.#channel.binary(data);
    return this.#accepted(limit);
  }

  part(kind: MessageKind, data: string | Bytes, last: boolean, call: string, limit: Limit): Promise<void> {
    if (kind === 'text' ? typeof data !== 'string' : !isBytes(data)) throw wrongArgument(call, `part is ${spell(data)}`);
    if (typeof last !== 'boolean') throw wrongArgument(call, `last is ${spell(last)}`);
    if (typeof data === 'string' && !data.isWellFormed()) throw unpairedSurrogate(data);
    if (!this.#sender.sending) return this.#outlet.settling.refused();
    const what = `a part of a ${kind} message`;
    const underway = this.#way;
    underway.mayGoOn(kind, what);
    this.#mayOverlap(what);
    const first = underway.part(kind, last);
    if (first) underway.leftOut = this.#objection;
    else underway.leftOut ??= this.#slow.overflow(underway.detour.waiting);
    if (underway.leftOut !== null) return this.#outlet.settling.told(Promise.reject(underway.leftOut));
    return this.#outlet.settling.told(this.#next.put(kind, data, first, last, limit));
  }

  /** Allowed at any time: it waits for no encoder and no stream, and takes what is held back along. [REM-1, REM-2] */
  control(kind: 'ping' | 'pong', data: Bytes, call: string, limit: Limit): Promise<void> {
    if (!isBytes(data)) throw wrongArgument(call, `data is ${spell(data)}`);
    if (data.byteLength > 125) throw controlSize(call, data.byteLength);
    this.#isFree = false;
    if (!this.#sender.sending) return this.#outlet.settling.refused();
    const objection = this.#channel.hasPings === false ? noPings(call) : this.#slow.overflow(this.#waiting);
    if (objection !== null) return this.#outlet.settling.told(Promise.reject(objection));
    this.#outlet.release();
    this.#channel[kind](data);
    return this.#outlet.settling.told(this.#outlet.settling.room(limit, false));
  }

  /** An object through its encoder; text, bytes and plain values need none. [REM-16] */
  object(value: unknown, call: string, limit: Limit): Promise<void> {
    if (value === null || value === undefined)
      throw wrongArgument(call, `data is ${spell(value)}; give text, bytes, a plain value, or an object that an encoder takes`);
    const coder = coderFor(value, this.#sender);
    if (coder === null && typeof value === 'string') return this.text(value, call, limit);
    if (coder === null && isBytes(value)) return this.binary(value, call, limit);
    this.#isFree = false;
    if (!this.#sender.sending) return this.#outlet.settling.refusedOrKept('object', value, limit);
    this.#mayBegin('an object');
    const away = this.#turnedAway();
    if (away !== undefined) return away;
    try {
      return this.#outlet.settling.told(
        coder === null ? this.#next.whole(messageOf(value, call), limit) : this.#way.detour.through(coder, value, limit),
      );
    } catch (error) {
      return this.#outlet.settling.told(Promise.reject(error)); // what an encoder throws is no fault of the call [COD-8]
    }
  }

  /**
   * What a handler has returned: text and bytes pass encoders by, and are given away, so nothing waits for their last byte.
   * Undefined once it is accepted, or left out because the peer is too slow. [ANN-13, REL-10]
   */
  reply(value: unknown, member: string): Promise<void> | undefined {
    const isText = typeof value === 'string';
    if (isText && !value.isWellFormed()) throw unpairedSurrogate(value);
    if (isText && this.#isFree) {
      this.#channel.text(value);
      const sent = this.#accepted(0);
      return sent === SENT ? undefined : sent;
    }
    this.#isFree = false;
    if (!this.#sender.sending) throw sendClosed(this.#sender.session, this.#sender.reason);
    this.#mayBegin('a reply');
    if (this.#turnedAway() !== undefined) return undefined;
    const coder = isText || (typeof value === 'object' && isBytes(value)) ? null : coderFor(value, this.#sender);
    const sent =
      coder === null ? this.#next.whole(messageOf(value, member), 0) : this.#way.detour.through(coder, value, 0)?.catch(unlessLeftOut);
    this.#clear();
    return sent === undefined ? undefined : this.#outlet.settling.told(sent);
  }

  /** A text message as a stream. [REM-9] */
  writer(): Writer {
    return this.#opened('writer') as Writer;
  }

  outputStream(): OutputStream {
    return this.#opened('stream') as OutputStream;
  }

  /** @throws IllegalArgumentException for what is no boolean, and after a close [REM-3] */
  setBatching(allowed: boolean, limit: Limit): Promise<void> {
    if (typeof allowed !== 'boolean') throw wrongArgument('setBatchingAllowed(allowed)', `allowed is ${spell(allowed)}`);
    if (!this.#sender.sending) throw wrongArgument('setBatchingAllowed(allowed)', `session ${this.#sender.session.getId()} is closed`);
    this.isBatching = allowed;
    return this.#inTurn(() => this.#outlet.holdBack(allowed, limit));
  }

  flushBatch(limit: Limit): Promise<void> {
    return this.#sender.sending ? this.#inTurn(() => this.#outlet.flush(limit)) : this.#outlet.settling.refused();
  }

  /** The session sends no more. */
  stop(): void {
    this.#isFree = false;
  }

  /** The close frame, behind all that was sent before. [CLO-7, CLO-14] */
  close(code: number | undefined, phrase: string, done: Done): void {
    this.#underway?.cutOff();
    this.#atLast(() => this.#channel.close(code, phrase, done), done);
  }

  /** Our direction ends, behind all that was sent before. */
  end(): void {
    this.#underway?.cutOff();
    this.#atLast(() => this.#channel.end());
  }

  overtake(): boolean {
    return this.#underway?.detour.overtake(sendFailed(this.#sender.session, undefined)) ?? false;
  }

  /** Nothing of what waits will leave; false: and no close frame either. [REL-10] */
  discard(error: Error): boolean {
    this.#underway?.detour.abort(error);
    return this.#outlet.discard(error);
  }

  terminate(): void {
    this.#channel.terminate();
  }

  /** Messages that were not taken because the peer was too slow. */
  get dropped(): number {
    return this.#slow.dropped;
  }

  /** The Async remote's own time for a send, which is the peer's too. [REL-10] */
  set sendTimeout(ms: number) {
    this.#slow.sendTimeout = ms;
  }

  /** Whether the peer still takes something. */
  look(now: number): void {
    if (this.#slow.isWatched) this.#slow.look(now);
  }

  /** The queue has become shorter. */
  drained(): void {
    if (this.#isFree || !this.#slow.isWatched) return; // and nobody waits for room
    this.#slow.moved();
    this.#outlet.settling.drained();
  }

  /** The socket is gone: what has not left never will. [REM-14] */
  gone(cause: Error | undefined): void {
    this.stop();
    if (this.#underway === null && !this.#outlet.settling.isAwaited) return;
    const error = sendFailed(this.#sender.session, cause);
    this.#outlet.settling.gone(error);
    this.#underway?.detour.abort(error);
  }

  #whole(kind: MessageKind, data: string | Bytes, limit: Limit): Promise<void> {
    this.#isFree = false;
    if (!this.#sender.sending) return this.#outlet.settling.refusedOrKept(kind, data, limit);
    this.#mayBegin(`a whole ${kind} message`);
    const away = this.#turnedAway();
    if (away !== undefined) return away;
    const isCopied = typeof data === 'string' || data.byteLength <= COPIED;
    const sent = isCopied && this.#busy === null ? this.#outlet.whole(data, limit) : this.#next.put(kind, data, true, true, limit);
    this.#clear();
    return this.#outlet.settling.told(sent);
  }

  /** Nothing else may begin before a message has ended. [REM-8, REM-9] */
  #mayBegin(what: string): void {
    this.#underway?.mayBegin(what);
    this.#mayOverlap(what);
  }

  #mayOverlap(what: string): void {
    if (this.#sender.settings.strict && (this.#outlet.settling.isBusy || this.#busy !== null)) throw sendBusy(what);
  }

  /** Rejects, if a further message is not taken. [REL-10] */
  #turnedAway(): Promise<void> | undefined {
    const objection = this.#objection;
    return objection === null ? undefined : this.#outlet.settling.told(Promise.reject(objection));
  }

  get #objection(): Error | null {
    return this.#slow.isWatched ? this.#slow.objection(this.#waiting) : null;
  }

  /** The detour, while what is sent now has to wait there. */
  get #busy(): Detour | null {
    const underway = this.#underway;
    return underway?.detour.busy ? underway.detour : null;
  }

  /** Where a message goes that is sent now. */
  get #next(): Detour | Outlet {
    return this.#busy ?? this.#outlet;
  }

  get #waiting(): number {
    return this.#underway?.detour.waiting ?? 0;
  }

  #opened(what: 'writer' | 'stream'): Writer | OutputStream {
    const underway = this.#way;
    if (!this.#sender.sending) return underway.deadStream(what);
    this.#mayBegin(`a send ${what}`);
    return underway.stream(what);
  }

  /** For what is not just a whole message. */
  get #way(): Underway {
    this.#isFree = false;
    this.#underway ??= new Underway(this.#sender, this.#outlet, this.#slow);
    return this.#underway;
  }

  /** Of batches: behind what was sent before, but a stream that is still open is not waited for. */
  #inTurn(put: () => Promise<void> | undefined): Promise<void> {
    this.#isFree = false;
    const detour = this.#underway?.isStreaming ? null : this.#busy;
    return this.#outlet.settling.told(detour === null ? put() : detour.inTurn(put));
  }

  #atLast(action: () => void, done?: Done): void {
    const last = () => {
      this.#outlet.release();
      action();
    };
    const detour = this.#busy;
    if (detour === null) last();
    else detour.atLast(last, done);
  }

  /** Behind a message that went its way: has the next one anything to respect? */
  #clear(): void {
    const isIdle = this.#underway?.isIdle ?? true;
    this.#isFree = isIdle && !this.#slow.isWatched && this.#outlet.to === this.#channel && !this.#sender.settings.strict;
  }

  #accepted(limit: Limit): Promise<void> {
    if (this.#channel.bufferedAmount <= this.#from) return SENT;
    this.#isFree = false;
    return this.#outlet.settling.told(this.#outlet.settling.room(limit));
  }
}
