/** What a session's next message has to respect: a message that has begun and is not ended, and encoders and streams at work. [REM-8, REM-9] */
import type { Session } from '../api/session.js';
import type { OutputStream, Writer } from '../api/streams.js';
import type { MessageKind } from '../transport/spi.js';
import { Detour, streamOf } from './detour.js';
import { type Running, sendClosed, sendOrder } from './failures.js';
import { type FragmentWay, OutgoingMessage } from './outgoing-message.js';
import type { Outlet } from './outlet.js';
import { refusalOf, type Sender } from './sender.js';
import type { SlowPeer } from './slow-peer.js';

/** Made for the first part, encoder or stream: most sessions send whole messages alone. */
export class Underway implements FragmentWay {
  readonly detour: Detour;
  /** Why the first part of the message was not taken: then none of it is. [REL-10] */
  leftOut: Error | null = null;
  readonly #sender: Sender;
  readonly #outlet: Outlet;
  readonly #slow: SlowPeer;
  /** The message that has begun, by the order of the calls, and is still to be ended. */
  #running: Running | null = null;
  /** The stream of that message. */
  #stream: Writer | OutputStream | null = null;

  constructor(sender: Sender, outlet: Outlet, slow: SlowPeer) {
    this.#sender = sender;
    this.#outlet = outlet;
    this.#slow = slow;
    this.detour = new Detour(outlet, this);
  }

  get session(): Session {
    return this.#sender.session;
  }

  get isIdle(): boolean {
    return this.#running === null && !this.detour.busy;
  }

  /** A stream is open: what waits behind it waits for the application. */
  get isStreaming(): boolean {
    return this.#stream !== null;
  }

  /** @throws IllegalStateException: nothing else may begin before a message has ended */
  mayBegin(what: string): void {
    if (this.#running !== null) throw sendOrder(what, this.#running);
  }

  /** @throws IllegalStateException: a part goes on with a message of its own kind, or begins one */
  mayGoOn(kind: MessageKind, what: string): void {
    if (this.#running !== kind) this.mayBegin(what);
  }

  /** A part; whether it is its message's first. */
  part(kind: MessageKind, last: boolean): boolean {
    const first = this.#running === null;
    this.#running = last ? null : kind;
    return first;
  }

  /** The application's own stream; its writes tell if the session sends no more, as those of a remote do. [REM-3, REM-9] */
  stream(what: 'writer' | 'stream'): Writer | OutputStream {
    const kind = what === 'writer' ? 'text' : 'binary';
    this.#stream = this.detour.stream(kind); // which throws where there are no streams
    this.#running = what;
    return this.#stream;
  }

  /** A stream of a session that sends no more. */
  deadStream(what: 'writer' | 'stream'): Writer | OutputStream {
    const kind = what === 'writer' ? 'text' : 'binary';
    return streamOf(new OutgoingMessage(this, kind, null, false)).destroy(refusalOf(this.#sender));
  }

  /** The session closes: a stream that was not ended is cut off. [CLO-7, CLO-14] */
  cutOff(): void {
    this.#stream?.destroy(sendClosed(this.session, this.#sender.reason));
  }

  /** @internal What an encoder writes was asked for when the object was sent. */
  turnedAway(message: OutgoingMessage): Promise<void> | undefined {
    if (!this.#slow.isWatched || message.isOfEncoder) return undefined;
    const objection = this.#slow.objection(this.detour.waiting);
    return objection === null ? undefined : this.#outlet.settling.told(Promise.reject(objection));
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
}
