/** What a session sends: one order for all of it, whichever remote it came through. [REM-15] */
import type { CloseReason } from '../api/close-reason.js';
import type { Logger } from '../api/logger.js';
import type { Session } from '../api/session.js';
import type { Bytes } from '../api/tokens.js';
import type { Channel, MessageKind } from '../transport/spi.js';
import { isBytes, spell } from './bytes.js';
import { controlSize, sendBusy, sendClosed, sendFailed, sendOrder, sendTimeout, unpairedSurrogate, wrongArgument } from './failures.js';
import { after, type Timer } from './timer.js';

/** Whose messages they are. */
export interface Sender {
  readonly session: Session;
  /** False once sends are refused. */
  readonly sending: boolean;
  /** Why it closes, as far as it is known. */
  readonly reason: CloseReason | null;
  readonly logger: Logger;
  readonly settings: { readonly highWaterMark: number; readonly strict: boolean };
  /** One line, under that name: id, path, state. */
  spelled(name: string): string;
  /** A send took longer than it may: the connection goes. */
  sendExpired(error: Error): void;
}

/** Every send that succeeds at once is this one promise. [REM-17] */
const SENT: Promise<void> = Promise.resolve();

/** Above this a binary payload is not copied, and its promise settles when the socket has taken its last byte. [REM-7] */
const COPIED = 16 * 1024;

/** What a send waits for. */
interface Wait {
  /** Its own last byte; else for the queue to be below the mark. */
  readonly own: boolean;
  /** A message or a part of one; else a ping or a pong. */
  readonly isData: boolean;
  /** ms; 0 or less: none. */
  readonly timeout: number;
}

/** A send that has not settled. */
interface Waiter extends Wait {
  resolve(): void;
  reject(error: Error): void;
  readonly timer: Timer | undefined;
}

export class Outbound {
  readonly #sender: Sender;
  readonly #channel: Channel;
  /** The type of the message that is being sent in parts. */
  #parts: MessageKind | null = null;
  /** The sends that have not settled; made when the first one has to wait. */
  #waiters: Set<Waiter> | null = null;

  constructor(sender: Sender, channel: Channel) {
    this.#sender = sender;
    this.#channel = channel;
  }

  /** `timeout` in ms; 0 or less: none. */
  text(text: string, call: string, timeout = 0): Promise<void> {
    if (typeof text !== 'string') throw wrongArgument(call, `text is ${spell(text)}`);
    if (!text.isWellFormed()) throw unpairedSurrogate(text);
    if (!this.#sender.sending) return this.#refused();
    this.#mayBegin('a whole text message');
    this.#channel.text(text);
    return this.#accepted(timeout);
  }

  binary(data: Bytes, call: string, timeout = 0): Promise<void> {
    if (!isBytes(data)) throw wrongArgument(call, `data is ${spell(data)}`);
    if (!this.#sender.sending) return this.#refused();
    this.#mayBegin('a whole binary message');
    if (data.byteLength > COPIED) return this.#left((done) => this.#channel.binary(data, done), timeout);
    this.#channel.binary(data);
    return this.#accepted(timeout);
  }

  /** What a handler has returned: given away, so nothing waits for its last byte. Undefined once it is accepted. */
  given(message: string | Bytes): Promise<void> | undefined {
    const isText = typeof message === 'string';
    if (isText && !message.isWellFormed()) throw unpairedSurrogate(message);
    if (!this.#sender.sending) throw sendClosed(this.#sender.session, this.#sender.reason);
    this.#mayBegin(isText ? 'a text reply' : 'a binary reply');
    if (isText) this.#channel.text(message);
    else this.#channel.binary(message);
    return this.#channel.bufferedAmount <= this.#sender.settings.highWaterMark
      ? undefined
      : this.#wait({ own: false, isData: true, timeout: 0 });
  }

  part(kind: MessageKind, data: string | Bytes, last: boolean, call: string): Promise<void> {
    if (kind === 'text' ? typeof data !== 'string' : !isBytes(data)) throw wrongArgument(call, `part is ${spell(data)}`);
    if (typeof last !== 'boolean') throw wrongArgument(call, `last is ${spell(last)}`);
    if (typeof data === 'string' && !data.isWellFormed()) throw unpairedSurrogate(data);
    if (!this.#sender.sending) return this.#refused();
    if (this.#parts !== null && this.#parts !== kind) throw sendOrder(`a part of a ${kind} message`, this.#parts);
    this.#mayOverlap(`a part of a ${kind} message`);
    const first = this.#parts === null;
    this.#parts = last ? null : kind;
    if (typeof data !== 'string' && data.byteLength > COPIED) {
      return this.#left((done) => this.#channel.part(kind, data, first, last, done), 0);
    }
    this.#channel.part(kind, data, first, last);
    return this.#accepted(0);
  }

  control(kind: 'ping' | 'pong', data: Bytes, call: string): Promise<void> {
    if (!isBytes(data)) throw wrongArgument(call, `data is ${spell(data)}`);
    if (data.byteLength > 125) throw controlSize(call, data.byteLength);
    if (!this.#sender.sending) return this.#refused();
    this.#channel[kind](data);
    return this.#accepted(0, false);
  }

  /** The queue has become shorter. */
  drained(): void {
    if (this.#waiters === null || this.#waiters.size === 0) return;
    if (this.#channel.bufferedAmount > this.#sender.settings.highWaterMark) return;
    for (const waiter of this.#waiters) {
      if (waiter.own) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** The socket is gone: what has not left never will. [REM-14] */
  gone(cause: Error | undefined): void {
    for (const waiter of this.#waiters ?? []) waiter.reject(sendFailed(this.#sender.session, cause));
    this.#waiters = null;
  }

  /** A whole message may not begin between the parts of another. [REM-8] */
  #mayBegin(what: string): void {
    if (this.#parts !== null) throw sendOrder(what, this.#parts);
    this.#mayOverlap(what);
  }

  #mayOverlap(what: string): void {
    if (!this.#sender.settings.strict || this.#waiters === null) return;
    for (const { isData } of this.#waiters) if (isData) throw sendBusy(what);
  }

  #accepted(timeout: number, isData = true): Promise<void> {
    if (this.#channel.bufferedAmount <= this.#sender.settings.highWaterMark) return SENT;
    return this.#wait({ own: false, isData, timeout });
  }

  /** Settles when the socket has taken the payload's last byte, for until then it is the caller's own. */
  #left(send: (done: (error?: Error) => void) => void, timeout: number): Promise<void> {
    let waiter!: Waiter;
    const promise = this.#wait({ own: true, isData: true, timeout }, (made) => {
      waiter = made;
    });
    send((error) => {
      if (this.#waiters?.delete(waiter) !== true) return;
      if (error === undefined) waiter.resolve();
      else waiter.reject(sendFailed(this.#sender.session, error));
    });
    return promise;
  }

  #wait(wait: Wait, made?: (waiter: Waiter) => void): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        ...wait,
        timer: wait.timeout > 0 ? after(wait.timeout, () => this.#expired(waiter)) : undefined,
        resolve: () => {
          clearTimeout(waiter.timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(waiter.timer);
          reject(error);
        },
      };
      this.#waiters ??= new Set();
      this.#waiters.add(waiter);
      made?.(waiter);
    });
    return this.#mayBeDropped(promise);
  }

  #expired(waiter: Waiter): void {
    this.#waiters?.delete(waiter);
    const error = sendTimeout(this.#sender.session, waiter.timeout);
    waiter.reject(error);
    this.#sender.sendExpired(error);
  }

  #refused(): Promise<void> {
    return this.#mayBeDropped(Promise.reject(sendClosed(this.#sender.session, this.#sender.reason)));
  }

  /** A promise that nobody awaits raises no unhandledRejection; its failure is logged. [REM-17] */
  #mayBeDropped(promise: Promise<void>): Promise<void> {
    promise.catch((err: unknown) => {
      this.#sender.logger.debug({ code: 'MARGAY_SEND_DROPPED', session: this.#sender.session.getId(), err }, 'a send failed');
    });
    return promise;
  }
}
