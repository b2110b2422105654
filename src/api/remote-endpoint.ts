/** The other end of a session, as something to send to. */
import type { SendHandler, SendResult } from './send-result.js';
import type { Bytes } from './tokens.js';

/**
 * What both views share. Every promise here may be dropped: a failure is then logged at debug and raises nothing. [REM-17]
 * A null or wrong argument is an IllegalArgumentException, thrown at the call. [REM-4]
 */
export interface RemoteEndpoint {
  /**
   * Sends a ping. Allowed at any time, between the parts of a message too. [REM-1]
   * @param data at most 125 bytes, copied
   * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_CONTROL_SIZE`; rejects with IOException `MARGAY_SEND_CLOSED`
   */
  sendPing(data: Bytes): Promise<void>;
  /** Sends a pong nobody asked for; as `sendPing`. */
  sendPong(data: Bytes): Promise<void>;
}

export declare namespace RemoteEndpoint {
  /**
   * Sends whose promise settles once the message is accepted for this turn's write, or, with more than `highWaterMark` bytes
   * waiting, once the queue has drained. [REM-7] Whole messages queue in the order of the calls; a whole message between the
   * parts of another, or parts of two types, is an IllegalStateException `MARGAY_SEND_ORDER`. [REM-8, REM-15]
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
  }
}
