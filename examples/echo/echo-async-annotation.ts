/** Collects the parts of a message, and sends it back whole, without waiting until it has gone. On the wire it is Tomcat's. [EX-E3] */
import { CloseReason, OnError, OnMessage, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';

/** What a message may have, in bytes: whoever collects parts looks after that, for parts themselves have no limit. */
const LARGEST = 1024 * 1024;

@ServerEndpoint('/websocket/echoAsyncAnnotation')
export class EchoAsyncAnnotation {
  #parts: (string | Buffer)[] = [];
  #size = 0;
  /** The message before. */
  #sending: Promise<void> = Promise.resolve();

  @OnMessage
  async text(session: Session, part: string, last: boolean): Promise<void> {
    const parts = await this.#collected(session, part, last);
    if (parts !== null) this.#sending = session.getAsyncRemote().sendText(parts.join(''));
  }

  @OnMessage
  async binary(session: Session, part: Buffer, last: boolean): Promise<void> {
    const parts = await this.#collected(session, part, last);
    if (parts !== null) this.#sending = session.getAsyncRemote().sendBinary(Buffer.concat(parts as Buffer[]));
  }

  /** All parts of the message, once the one before it has gone; null if this one has not ended, or has grown too large. */
  async #collected(session: Session, part: string | Buffer, last: boolean): Promise<(string | Buffer)[] | null> {
    this.#size += Buffer.byteLength(part);
    if (this.#size > LARGEST) {
      this.#parts = [];
      await session.close(new CloseReason(CloseReason.CloseCodes.TOO_BIG, `more than ${LARGEST} bytes`));
      return null;
    }
    this.#parts.push(part);
    if (!last) return null;
    const parts = this.#parts;
    this.#parts = [];
    this.#size = 0;
    await this.#sending;
    return parts;
  }

  @OnError
  failed(error: Error): void {
    report('EchoAsyncAnnotation', error);
  }
}
