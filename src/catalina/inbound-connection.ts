/** A connection as Tomcat 7 knew it: other answers to errors and to the peer's close, and a status for all that happens. [TC7-4, TC7-5] */
import { CloseReason } from '../api/close-reason.js';
import { errorOf, IOException, wordsOf } from '../api/exceptions.js';
import { SessionException } from '../api/session-exception.js';
import { Connection } from '../runtime/connection.js';
import { isLoss, sendClosed } from '../runtime/failures.js';
import type { MessageKind } from '../transport/spi.js';

const READ_TIMEOUT = 'org.apache.tomcat.websocket.READ_IDLE_TIMEOUT_MS';
const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;
const ABNORMAL = 1006;

export class InboundConnection extends Connection {
  /** What onClose will be told, once that is certain. */
  #status: number | null = null;
  /** onClose waits for it: we have closed, and what the peer says to that decides. */
  #decided: ((status: number) => void) | null = null;
  /** WsOutbound.close was called. */
  #isClosedByUs = false;
  /** Between two fragments of a message. */
  #isMidMessage = false;

  /** What onClose is told; a promise while only the peer can tell. `reason` is why the session has closed. */
  statusFor(reason: unknown): number | Promise<number> {
    if (this.#status !== null) return this.#status;
    if (!this.#isClosedByUs) return (reason as CloseReason).getCloseCode().getCode();
    return new Promise((resolve) => {
      this.#decided = resolve;
    });
  }

  /** ms; 0 or less: none of its own. */
  setReadTimeout(ms: number): void {
    if (ms > 0) this.session.getUserProperties().set(READ_TIMEOUT, ms);
  }

  /** The application closes; what the peer answers decides onClose's status. [TC7-6] */
  closeByUs(reason: CloseReason): Promise<void> {
    const flushed = this.close(reason); // which throws for a code that may not be sent
    if (this.#status === null) this.#isClosedByUs = true;
    return flushed;
  }

  /** What the outbound's methods fail with from now on; null while they work. [TC7-6] */
  objection(): IOException | null {
    if (this.sending) return null;
    if (this.#isClosedByUs) this.#decide(ABNORMAL);
    return sendClosed(this.session, this.reason);
  }

  override onPart(kind: MessageKind, data: string | Buffer, last: boolean): void {
    this.#isMidMessage = !last;
    super.onPart(kind, data, last);
  }

  /** Those between the fragments of a message are swallowed. [TC7-2] */
  protected override get tellsPongs(): boolean {
    return !this.#isMidMessage;
  }

  /** Whatever it says is a normal end; it is echoed as it stands, or refused. [TC7-5, TC7-7] */
  override onClosing(code: number, phrase: string): void {
    this.#decide(NORMAL);
    if (isEchoed(code)) super.onClosing(code, phrase);
    else super.onClosing(PROTOCOL_ERROR, '');
  }

  override onFailed(code: 1002 | 1007 | 1009, error: Error): void {
    this.#decide(error.name === 'CloseFrameError' ? NORMAL : code); // a close frame that is refused is one all the same
    super.onFailed(code, error);
  }

  override onClosed(error?: Error): void {
    if (this.#isClosedByUs) this.#decide(ABNORMAL);
    super.onClosed(error);
  }

  /** A callback has thrown, or the stream is broken, which is answered already. [TC7-4] */
  override failed(thrown: unknown): undefined {
    const error = errorOf(thrown);
    const isOpen = this.state === 'open';
    const isQuiet = error instanceof IOException || error instanceof SessionException;
    const { name } = this.opening.plan;
    if (!isLoss(error)) {
      this.opening.owner.erred();
      this.logger[isQuiet ? 'debug' : 'error'](
        { code: 'MARGAY_UNHANDLED_ERROR', endpoint: name, session: this.session.getId(), err: error },
        `${name} failed${isOpen ? ', and its connection is closed' : ''}: ${wordsOf(error)}`,
      );
    }
    if (!isOpen || isLoss(error)) return;
    if (!(error instanceof IOException)) return this.terminate() as undefined;
    this.#decide(PROTOCOL_ERROR);
    void this.close(new CloseReason(CloseReason.CloseCodes.PROTOCOL_ERROR));
  }

  /** The first to know decides. */
  #decide(status: number): void {
    this.#status ??= status;
    this.#decided?.(this.#status);
  }
}

/** 1005: an empty frame, which is answered with one. */
function isEchoed(code: number): boolean {
  return (code >= 1000 && code <= 1003) || code === 1005 || (code >= 1007 && code <= 1011) || code >= 3000;
}
