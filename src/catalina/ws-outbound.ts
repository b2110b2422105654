/** The sending half of a connection: what is called first leaves first, whoever calls. [TC7-6] */
import { CloseReason } from '../api/close-reason.js';
import { IllegalArgumentException } from '../api/exceptions.js';
import type { Bytes } from '../api/tokens.js';
import { isBytes, spell } from '../runtime/bytes.js';
import { unpairedSurrogate, wrongArgument } from '../runtime/failures.js';
import { SENT } from '../runtime/settling.js';
import { unheard } from '../runtime/thenable.js';
import { Fragments } from './fragments.js';
import type { InboundConnection } from './inbound-connection.js';

const NOTHING = new Uint8Array(0);

/**
 * A promise settles when there is room for more; after a close it rejects with IOException `MARGAY_SEND_CLOSED`. One that nobody awaits
 * raises nothing.
 */
export class WsOutbound {
  readonly #connection: InboundConnection;
  readonly #fragments: Fragments;
  /** Bytes of a fragment. */
  readonly #byteSize: number;

  /** @internal */
  constructor(connection: InboundConnection, byteSize: number, charSize: number) {
    this.#connection = connection;
    this.#byteSize = byteSize;
    this.#fragments = new Fragments(connection, byteSize, charSize);
  }

  /** Adds a byte to the binary message that is being written; ends a text message first. */
  writeBinaryData(byte: number): Promise<void> {
    if (!Number.isInteger(byte)) throw wrongArgument('writeBinaryData(byte)', `byte is ${spell(byte)}; give a whole number`);
    return this.#sending(() => this.#fragments.byte(byte));
  }

  /**
   * Adds a character, or several, to the text message that is being written; ends a binary message first. Half of a surrogate pair waits
   * for the other half; one that stays alone is sent as U+FFFD.
   */
  writeTextData(char: string): Promise<void> {
    if (typeof char !== 'string') throw wrongArgument('writeTextData(char)', `char is ${spell(char)}; give a string`);
    return this.#sending(() => this.#fragments.chars(char));
  }

  /** Ends the message that is being written, then sends a whole one; above 16 KiB its bytes are read until the promise settles. */
  writeBinaryMessage(message: Bytes): Promise<void> {
    if (!isBytes(message))
      throw wrongArgument('writeBinaryMessage(message)', `message is ${spell(message)}; give a Buffer, or other bytes`);
    return this.#sending(() => {
      this.#fragments.end();
      return this.#connection.outbound.binary(message, 'writeBinaryMessage(message)', null);
    });
  }

  /** The same with text; what is longer than the byte buffer leaves in fragments. @throws IllegalArgumentException `MARGAY_SURROGATE` */
  writeTextMessage(message: string): Promise<void> {
    if (typeof message !== 'string') throw wrongArgument('writeTextMessage(message)', `message is ${spell(message)}; give a string`);
    if (!message.isWellFormed()) throw unpairedSurrogate(message);
    return this.#sending(() => {
      this.#fragments.end();
      if (message.length * 3 > this.#byteSize) return this.#fragments.text(message, true);
      return this.#connection.outbound.text(message, 'writeTextMessage(message)', null);
    });
  }

  /** Ends the message that is being written; does nothing without one. */
  flush(): Promise<void> {
    return this.#sending(() => this.#fragments.end());
  }

  /** At most 125 bytes; null: none. What is being written leaves first, as a fragment. */
  ping(data: Bytes | null): Promise<void> {
    return this.#control('ping', data);
  }

  /** At most 125 bytes; null: none. What is being written leaves first, as a fragment. */
  pong(data: Bytes | null): Promise<void> {
    return this.#control('pong', data);
  }

  /**
   * Sends what is being written as a fragment, then the close frame; 0: one without a code. `data` is the phrase, at most 123 bytes of
   * UTF-8. Settles when the frame has left; `onClose` is told when the peer has answered. A second call does nothing.
   * @throws IllegalArgumentException `MARGAY_CLOSE_CODE`, `MARGAY_CLOSE_PHRASE`, `MARGAY_ARGUMENT`
   */
  close(status: number, data: Bytes | null): Promise<void> {
    const reason = reasonOf(status, data);
    if (!this.#connection.sending) return SENT;
    void this.#fragments.push();
    return this.#connection.closeByUs(reason);
  }

  #control(kind: 'ping' | 'pong', data: Bytes | null): Promise<void> {
    return this.#sending(() => {
      this.#fragments.push();
      return this.#connection.outbound.control(kind, data ?? NOTHING, `${kind}(data)`, null);
    });
  }

  #sending(send: () => Promise<void> | undefined): Promise<void> {
    const objection = this.#connection.objection();
    if (objection === null) return send() ?? SENT;
    const refused = Promise.reject(objection);
    unheard(refused);
    return refused;
  }
}

/** @throws IllegalArgumentException */
function reasonOf(status: number, data: Bytes | null): CloseReason {
  if (status === 0) return new CloseReason(CloseReason.CloseCodes.NO_STATUS_CODE);
  const code = CloseReason.CloseCodes.getCloseCode(status);
  if (data === null || data === undefined) return new CloseReason(code);
  if (!isBytes(data)) throw wrongArgument('close(status, data)', `data is ${spell(data)}; give the phrase as bytes, or null`);
  return new CloseReason(code, phraseIn(data));
}

function phraseIn(data: Bytes): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data as ArrayBuffer); // or a view of one
  } catch (cause) {
    throw new IllegalArgumentException('close(status, data): data is no UTF-8, which a phrase has to be', cause);
  }
}
