/** What a session sends: one order for all of it, whichever remote it came through. [REM-15] */
import type { Session } from '../api/session.js';
import type { OutputStream, Writer } from '../api/streams.js';
import type { Bytes } from '../api/tokens.js';
import type { Channel, Done, MessageKind } from '../transport/spi.js';
import { isBytes, spell } from './bytes.js';
import { Detour, streamOf } from './detour.js';
import { coderFor } from './encoding.js';
import { controlSize, type Running, sendBusy, sendClosed, sendFailed, sendOrder, unpairedSurrogate, wrongArgument } from './failures.js';
import { type FragmentWay, OutgoingMessage } from './outgoing-message.js';
import { COPIED, Outlet } from './outlet.js';
import { messageOf, unlessLeftOut } from './reply.js';
import type { Sender } from './sender.js';
import { type Limit, SENT } from './settling.js';
import { SlowPeer } from './slow-peer.js';

/** Most sends find `#running` null, the detour idle and no batch: then they go to the channel, and nothing is made for them. */
export class Outbound implements FragmentWay {
  /** Messages are held back until there are enough of them. [REM-2] */
  isBatching = false;
  readonly #sender: Sender;
  readonly #channel: Channel;
  readonly #outlet: Outlet;
  readonly #slow: SlowPeer;
  /** The message that has begun, by the order of the calls, and is still to be ended. */
  #running: Running | null = null;
  /** Why its first part was not taken: then none of it is. [REL-10] */
  #leftOut: Error | null = null;
  /** The stream of that message. */
  #stream: Writer | OutputStream | null = null;
  /** Made for the first encoder or stream. */
  #detour: Detour | null = null;

  constructor(sender: Sender, channel: Channel) {
    this.#sender = sender;
    this.#channel = channel;
    this.#slow = new SlowPeer(sender, channel);
    this.#outlet = new Outlet(sender, channel, this.#slow);
  }

  get session(): Session {
    return this.#sender.session;
  }

  text(text: string, call: string, limit: Limit): Promise<void> {
    if (typeof text !== 'string') throw wrongArgument(call, `text is ${spell(text)}; give a string, or sendObject what an encoder takes`);
    if (!text.isWellFormed()) throw unpairedSurrogate(text);
    if (!this.#sender.sending) return this.#outlet.settling.refused();
    this.#mayBegin('a whole text message');
    const away = this.#slow.isWatched ? this.#turnedAway() : undefined;
    if (away !== undefined) return away;
    if (this.#detour?.busy) return this.#outlet.settling.told(this.#detour.put('text', text, true, true, limit));
    this.#outlet.to.text(text);
    return this.#accepted(limit);
  }

  binary(data: Bytes, call: string, limit: Limit): Promise<void> {
    if (!isBytes(data)) throw wrongArgument(call, `data is ${spell(data)}; give a Buffer, or other bytes`);
    if (!this.#sender.sending) return this.#outlet.settling.refused();
    this.#mayBegin('a whole binary message');
    const away = this.#slow.isWatched ? this.#turnedAway() : undefined;
    if (away !== undefined) return away;
    if (this.#detour?.busy) return this.#outlet.settling.told(this.#detour.put('binary', data, true, true, limit));
    if (data.byteLength > COPIED) return this.#outlet.settling.told(this.#outlet.put('binary', data, true, true, limit));
    this.#outlet.to.binary(data);
    return this.#accepted(limit);
  }

  part(kind: MessageKind, data: string | Bytes, last: boolean, call: string, limit: Limit): Promise<void> {
    if (kind === 'text' ? typeof data !== 'string' : !isBytes(data)) throw wrongArgument(call, `part is ${spell(data)}`);
    if (typeof last !== 'boolean') throw wrongArgument(call, `last is ${spell(last)}`);
    if (typeof data === 'string' && !data.isWellFormed()) throw unpairedSurrogate(data);
    if (!this.#sender.sending) return this.#outlet.settling.refused();
    if (this.#running !== null && this.#running !== kind) throw sendOrder(`a part of a ${kind} message`, this.#running);
    this.#mayOverlap(`a part of a ${kind} message`);
    const first = this.#running === null;
    this.#running = last ? null : kind;
    if (first) this.#leftOut = this.#slow.isWatched ? this.#objection() : null;
    else this.#leftOut ??= this.#slow.overflow(this.#detour?.waiting ?? 0);
    if (this.#leftOut !== null) return this.#outlet.settling.told(Promise.reject(this.#leftOut));
    if (this.#detour?.busy) return this.#outlet.settling.told(this.#detour.put(kind, data, first, last, limit));
    if (typeof data !== 'string' && data.byteLength > COPIED)
      return this.#outlet.settling.told(this.#outlet.put(kind, data, first, last, limit));
    this.#outlet.to.part(kind, data, first, last);
    return this.#accepted(limit);
  }

  /** Allowed at any time: it waits for no encoder and no stream, and takes what is held back along. [REM-1, REM-2] */
  control(kind: 'ping' | 'pong', data: Bytes, call: string, limit: Limit): Promise<void> {
    if (!isBytes(data)) throw wrongArgument(call, `data is ${spell(data)}`);
    if (data.byteLength > 125) throw controlSize(call, data.byteLength);
    if (!this.#sender.sending) return this.#outlet.settling.refused();
    const overflow = this.#slow.overflow(this.#detour?.waiting ?? 0);
    if (overflow !== null) return this.#outlet.settling.told(Promise.reject(overflow));
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
    if (!this.#sender.sending) return this.#outlet.settling.refused();
    this.#mayBegin('an object');
    const away = this.#slow.isWatched ? this.#turnedAway() : undefined;
    if (away !== undefined) return away;
    try {
      return this.#outlet.settling.told(
        coder === null ? this.#given(messageOf(value, call), limit) : this.#detoured.through(coder, value, limit),
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
    if (!this.#sender.sending) throw sendClosed(this.#sender.session, this.#sender.reason);
    this.#mayBegin('a reply');
    if (this.#slow.isWatched && this.#turnedAway() !== undefined) return undefined;
    if (isText && !this.#detour?.busy) {
      this.#outlet.to.text(value);
      const sent = this.#accepted(0);
      return sent === SENT ? undefined : sent;
    }
    const coder = isText || (typeof value === 'object' && isBytes(value)) ? null : coderFor(value, this.#sender);
    const sent = coder === null ? this.#given(messageOf(value, member), 0) : this.#detoured.through(coder, value, 0)?.catch(unlessLeftOut);
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
    if (!this.#sender.sending) throw wrongArgument('setBatchingAllowed(allowed)', `session ${this.session.getId()} is closed`);
    this.isBatching = allowed;
    return this.#inTurn(() => this.#outlet.holdBack(allowed, limit));
  }

  flushBatch(limit: Limit): Promise<void> {
    return this.#sender.sending ? this.#inTurn(() => this.#outlet.flush(limit)) : this.#outlet.settling.refused();
  }

  /** The close frame, behind all that was sent before; a stream that was not ended is cut off. [CLO-7, CLO-14] */
  close(code: number | undefined, phrase: string, done: Done): void {
    this.#stream?.destroy(sendClosed(this.session, this.#sender.reason));
    this.#atLast(() => this.#channel.close(code, phrase, done), done);
  }

  /** Our direction ends, behind all that was sent before. */
  end(): void {
    this.#stream?.destroy(sendClosed(this.session, this.#sender.reason));
    this.#atLast(() => this.#channel.end());
  }

  overtake(): boolean {
    return this.#detour?.overtake(sendFailed(this.session, undefined)) ?? false;
  }

  /** Nothing of what waits will leave; false: and no close frame either. [REL-10] */
  discard(error: Error): boolean {
    this.#detour?.abort(error);
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
    if (this.#slow.isWatched) this.#slow.moved();
    this.#outlet.settling.drained();
  }

  /** The socket is gone: what has not left never will. [REM-14] */
  gone(cause: Error | undefined): void {
    const error = sendFailed(this.session, cause);
    this.#outlet.settling.gone(error);
    this.#detour?.abort(error);
  }

  /** @internal What an encoder writes was asked for when the object was sent. */
  turnedAway(message: OutgoingMessage): Promise<void> | undefined {
    return this.#slow.isWatched && !message.isOfEncoder ? this.#turnedAway() : undefined;
  }

  /** @internal */
  fragment(message: OutgoingMessage, bytes: Uint8Array, first: boolean, last: boolean): Promise<void> | undefined {
    this.#outlet.to.part(message.kind, bytes, first, last);
    const sent = this.#outlet.settling.room(message.limit);
    return sent === undefined ? undefined : this.#outlet.settling.told(sent);
  }

  /** @internal */
  ended(message: OutgoingMessage): void {
    if (message.isOfEncoder) return;
    this.#running = null;
    this.#stream = null;
  }

  /** @internal */
  broken(error: Error): void {
    this.#sender.messageBroken(error);
  }

  /** Nothing else may begin before a message has ended. [REM-8, REM-9] */
  #mayBegin(what: string): void {
    if (this.#running !== null) throw sendOrder(what, this.#running);
    this.#mayOverlap(what);
  }

  /** Rejects, if a further message is not taken. [REL-10] */
  #turnedAway(): Promise<void> | undefined {
    const objection = this.#objection();
    return objection === null ? undefined : this.#outlet.settling.told(Promise.reject(objection));
  }

  #objection(): Error | null {
    return this.#slow.objection(this.#detour?.waiting ?? 0);
  }

  #mayOverlap(what: string): void {
    if (this.#sender.settings.strict && (this.#outlet.settling.isBusy || this.#detour?.busy)) throw sendBusy(what);
  }

  /** A message that is ours. */
  #given(message: string | Bytes, limit: Limit): Promise<void> | undefined {
    return this.#detour?.busy ? this.#detour.whole(message, limit) : this.#outlet.whole(message, limit);
  }

  #opened(what: 'writer' | 'stream'): Writer | OutputStream {
    const { sending, reason } = this.#sender;
    const kind = what === 'writer' ? 'text' : 'binary';
    // its writes tell, as those of a remote do [REM-3]
    if (!sending) return streamOf(new OutgoingMessage(this, kind, null, false)).destroy(sendClosed(this.session, reason));
    this.#mayBegin(`a send ${what}`);
    this.#running = what;
    this.#stream = this.#detoured.stream(kind);
    return this.#stream;
  }

  get #detoured(): Detour {
    this.#detour ??= new Detour(this.#outlet, this);
    return this.#detour;
  }

  /** Of batches: behind what was sent before, but a stream that is still open is not waited for. */
  #inTurn(put: () => Promise<void> | undefined): Promise<void> {
    return this.#outlet.settling.told(this.#detour?.busy && this.#stream === null ? this.#detour.inTurn(put) : put());
  }

  #atLast(action: () => void, done?: Done): void {
    const last = () => {
      this.#outlet.release();
      action();
    };
    if (this.#detour?.busy) this.#detour.atLast(last, done);
    else last();
  }

  #accepted(limit: Limit): Promise<void> {
    if (this.#outlet.to.bufferedAmount <= this.#slow.from) return SENT;
    return this.#outlet.settling.told(this.#outlet.settling.room(limit));
  }
}
