/** A client of an endpoint under test. */
import { CloseReason } from '../api/close-reason.js';
import type { Bytes } from '../api/tokens.js';
import { isBytes, spell } from '../runtime/bytes.js';
import { wireCodeOf } from '../runtime/close-codes.js';
import { controlSize, unpairedSurrogate, wrongArgument } from '../runtime/failures.js';
import type { Done, MessageKind } from '../transport/spi.js';
import type { ClientEnd } from './client-end.js';
import { type Closed, partsBegun, peerClosed } from './failures.js';
import type { Mailbox } from './mailbox.js';

/**
 * What sends returns a promise that settles once the engine has taken the message: with a server that does not read, later. It rejects with
 * IOException `MARGAY_SEND_CLOSED`, and raises nothing if nobody awaits it.
 * What waits takes what has come and nobody has taken yet, or what comes next; after 2000 ms of real time it rejects with
 * SocketTimeoutException `MARGAY_TIMEOUT`, which tells what came so far, and with EOFException `MARGAY_EOF` and the close code as soon as
 * the connection is closed and nothing is left. Messages stand in one line, pongs in another.
 */
export interface Peer {
  /** What was agreed on; "" for none. */
  readonly subprotocol: string;
  /**
   * A whole message: text of a string, else binary.
   * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_SURROGATE`; IllegalStateException `MARGAY_SEND_ORDER` between parts
   */
  send(message: string | Bytes): Promise<void>;
  /**
   * A part of a message, which it ends if it is the last.
   * @throws as `send`; IllegalStateException `MARGAY_SEND_ORDER` for a part of the other type
   */
  sendPart(part: string | Bytes, last: boolean): Promise<void>;
  /**
   * At most 125 bytes; default none.
   * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_CONTROL_SIZE`
   */
  ping(data?: Bytes): Promise<void>;
  /** The next message. Rejects with IllegalStateException if it is binary, and leaves it there. */
  text(): Promise<string>;
  /** The next message. Rejects with IllegalStateException if it is text, and leaves it there. */
  binary(): Promise<Buffer>;
  /** The next message, parsed. Rejects with IllegalStateException if it is binary, DecodeException if it is no JSON, and leaves it there. */
  json<T = unknown>(): Promise<T>;
  /** The data of the next pong. */
  pong(): Promise<Buffer>;
  /**
   * Says goodbye; without a code as a browser does, by an empty close frame, which endpoints see as 1005. Resolves once the server has
   * answered and the connection is gone; rejects after 2000 ms. Raises nothing if nobody awaits it. If the connection is closed it
   * does nothing.
   * @throws IllegalArgumentException `MARGAY_CLOSE_CODE` for a code that may not be sent, `MARGAY_CLOSE_PHRASE`, `MARGAY_ARGUMENT`
   */
  close(code?: number, phrase?: string): Promise<void>;
  /** How the connection ended, whoever ended it: the server's code, 1005 if it gave none, 1006 if there was no goodbye. */
  closed(): Promise<Closed>;
  /** The connection is lost, without a goodbye: endpoints see 1006. */
  terminate(): void;
  /** `close()`, if it is still open; does not fail. */
  [Symbol.asyncDispose](): Promise<void>;
}

export class MemoryPeer implements Peer {
  readonly subprotocol: string;
  readonly #end: ClientEnd;
  readonly #mailbox: Mailbox;
  /** What is being sent in parts. */
  #begun: MessageKind | null = null;

  constructor(end: ClientEnd, mailbox: Mailbox, subprotocol: string) {
    this.#end = end;
    this.#mailbox = mailbox;
    this.subprotocol = subprotocol;
  }

  send(message: string | Bytes): Promise<void> {
    checkMessage('send', message);
    if (this.#begun !== null) throw partsBegun('send', this.#begun);
    const { channel } = this.#end;
    return this.#sent('send', (done) => (typeof message === 'string' ? channel.text(message, done) : channel.binary(message, done)));
  }

  sendPart(part: string | Bytes, last: boolean): Promise<void> {
    checkMessage('sendPart', part);
    if (typeof last !== 'boolean') throw wrongArgument('sendPart(part, last)', `last is ${spell(last)}`);
    const kind = typeof part === 'string' ? 'text' : 'binary';
    const isFirst = this.#begun === null;
    if (!isFirst && this.#begun !== kind) throw partsBegun('sendPart', this.#begun as MessageKind);
    this.#begun = last ? null : kind;
    return this.#sent('sendPart', (done) => this.#end.channel.part(kind, part, isFirst, last, done));
  }

  ping(data: Bytes = new Uint8Array()): Promise<void> {
    if (!isBytes(data)) throw wrongArgument('ping(data)', `data is ${spell(data)}; give bytes`);
    if (data.byteLength > 125) throw controlSize('ping(data)', data.byteLength);
    return this.#sent('ping', (done) => this.#end.channel.ping(data, done));
  }

  text(): Promise<string> {
    return this.#mailbox.text();
  }

  binary(): Promise<Buffer> {
    return this.#mailbox.binary();
  }

  json<T = unknown>(): Promise<T> {
    return this.#mailbox.json() as Promise<T>;
  }

  pong(): Promise<Buffer> {
    return this.#mailbox.nextPong();
  }

  close(code?: number, phrase = ''): Promise<void> {
    if (code === undefined && phrase !== '') throw wrongArgument('close(code, phrase)', 'a phrase needs a code; write close(1000, phrase)');
    if (code !== undefined) new CloseReason(CloseReason.CloseCodes.getCloseCode(code), phrase);
    this.#end.close(code === undefined ? undefined : wireCodeOf(code), phrase);
    return unheard(this.#mailbox.closed('the server to answer the close').then(() => {}));
  }

  closed(): Promise<Closed> {
    return this.#mailbox.closed('the connection to be closed');
  }

  terminate(): void {
    this.#end.channel.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => this.terminate());
  }

  #sent(verb: string, send: (done: Done) => void): Promise<void> {
    const sent = new Promise<void>((resolve, reject) => {
      send((error) => (error === undefined ? resolve() : reject(peerClosed(verb, this.#mailbox.end, error))));
    });
    return unheard(sent);
  }
}

/** The same promise, which raises nothing if nobody awaits it. */
function unheard(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}

function checkMessage(verb: string, message: unknown): void {
  if (typeof message !== 'string') {
    if (!isBytes(message)) throw wrongArgument(`${verb}(message)`, `message is ${spell(message)}; give a string or bytes`);
  } else if (!message.isWellFormed()) throw unpairedSurrogate(message);
}
