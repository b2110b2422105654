/** The other end of a session, as something to send to. */
import type { SendHandler, SendResult } from './send-result.js';
import type { OutputStream, Writer } from './streams.js';
import type { Bytes } from './tokens.js';

/**
 * What both views share. Every promise here may be dropped: a failure is then logged at debug and raises nothing. [REM-17]
 * A null or wrong argument is an IllegalArgumentException, thrown at the call. [REM-4]
 */
export interface RemoteEndpoint {
  /**
   * Sends a ping. Allowed at any time, between the parts of a message too. [REM-1]
   * @param data at most 125 bytes, copied
   * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_CONTROL_SIZE`; rejects with IOException `MARGAY_SEND_CLOSED`, and with
   * UnsupportedOperationException in a browser
   */
  sendPing(data: Bytes): Promise<void>;
  /** Sends a pong nobody asked for; as `sendPing`. */
  sendPong(data: Bytes): Promise<void>;
  /** Both views of a session have one answer; false at first. */
  getBatchingAllowed(): boolean;
  /**
   * With batching a send has succeeded when its bytes are in the batch. The batch is written when it exceeds 8192 bytes, at
   * `flushBatch`, before a ping or a pong, when batching is turned off and when the session closes. [REM-2]
   * @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no boolean, and after the session has closed
   */
  setBatchingAllowed(allowed: boolean): Promise<void>;
  /** Writes the batch; the time limit of a send holds for this one. Rejects with IOException `MARGAY_SEND_CLOSED`. [REM-12] */
  flushBatch(): Promise<void>;
}

export declare namespace RemoteEndpoint {
  /**
   * Sends whose promise settles once the message is accepted for this turn's write, or, with more than `highWaterMark` bytes
   * waiting, once the queue has drained. [REM-7] Whole messages queue in the order of the calls; a whole message between the
   * parts of another, or parts of two types, is an IllegalStateException `MARGAY_SEND_ORDER`. [REM-8, REM-15]
   * Should the peer take nothing for `blockingSendTimeout` while a send waits, that send rejects with SocketTimeoutException
   * `MARGAY_SEND_TIMEOUT`, @OnError hears of it, and the session ends with 1006. [REM-10]
   */
  interface Basic extends RemoteEndpoint {
    /**
     * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_SURROGATE` (an unpaired surrogate; nothing is written);
     * IllegalStateException `MARGAY_SEND_ORDER`, `MARGAY_SEND_BUSY` (option `strict`);
     * rejects with IOException `MARGAY_SEND_CLOSED`, `MARGAY_SEND_FAILED`
     */
    sendText(text: string): Promise<void>;
    /** Sends a part; `last` ends the message. A surrogate pair may not be split across two parts. */
    sendText(part: string, last: boolean): Promise<void>;
    /** As sendText. Bytes up to 16 KiB are copied; more must not be changed until the promise settles. [REM-5] */
    sendBinary(data: Bytes): Promise<void>;
    sendBinary(part: Bytes, last: boolean): Promise<void>;
    /**
     * A text message written piece by piece. Nothing else may be sent before `end()`, which finishes the message; without any
     * write there is none. Fragments of 8192 bytes leave as they fill. Destroyed before its end, or given half a surrogate
     * pair, the message is not completed: what was not sent yet never is, and if a fragment was, the session ends with 1011. [REM-9]
     * After a close the stream has failed already, with IOException `MARGAY_SEND_CLOSED`.
     * @throws IllegalStateException `MARGAY_SEND_ORDER`, `MARGAY_SEND_BUSY`; UnsupportedOperationException in a browser
     */
    getSendWriter(): Writer;
    /** The same for a binary message. */
    getSendStream(): OutputStream;
    /**
     * Sends an object through the first encoder, in the order of their declaration, whose type it is. Without one text, bytes
     * and plain values are sent as they are. What is sent while an async encoder works leaves behind it. [REM-16, COD-5]
     * @throws as sendText, IllegalArgumentException for null too; rejects also with EncodeException `MARGAY_NO_ENCODER`, or with
     * what the encoder threw: an EncodeException `MARGAY_ENCODE` with the cause, unless it is one, or a stream encoder's IOException
     */
    sendObject(data: unknown): Promise<void>;
  }

  /** Whole messages, with a time limit, and a handler instead of a promise for those who like it. */
  interface Async extends RemoteEndpoint {
    /** ms; the container's `asyncSendTimeout`, -1, at first. */
    getSendTimeout(): number;
    /**
     * @param ms for sends started later; 0 or less: none. At its expiry the send fails with SocketTimeoutException
     * `MARGAY_SEND_TIMEOUT` and the connection is dropped. [REM-12]
     * @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no number, and after the session has closed
     */
    setSendTimeout(ms: number): void;
    sendText(text: string): Promise<void>;
    /** The handler is called later, never inside this call. [REM-13] */
    sendText(text: string, handler: SendHandler | ((result: SendResult) => void)): void;
    sendBinary(data: Bytes): Promise<void>;
    sendBinary(data: Bytes, handler: SendHandler | ((result: SendResult) => void)): void;
    /** As that of Basic; what the encoder throws is told by the promise or the result. [REM-11] */
    sendObject(data: unknown): Promise<void>;
    sendObject(data: unknown, handler: SendHandler | ((result: SendResult) => void)): void;
  }
}
