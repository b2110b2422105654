/** Sends back what came through a Writer or an OutputStream, which end with the message. On the wire it is Tomcat's. [EX-E2] */
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { OnError, OnMessage, type OutputStream, ServerEndpoint, Session, type Writer } from 'margay';
import { report } from '../errors.js';

@ServerEndpoint('/websocket/echoStreamAnnotation')
export class EchoStreamAnnotation {
  /** Of the message that is arriving. */
  #writer: Writer | null = null;
  #stream: OutputStream | null = null;

  /** The writer sends a frame whenever it is full: what fits in it is one frame, however many parts it came in. */
  @OnMessage
  async text(session: Session, part: string, last: boolean): Promise<void> {
    this.#writer ??= session.getBasicRemote().getSendWriter();
    const writer = this.#writer;
    if (!writer.write(part)) await once(writer, 'drain');
    if (!last) return;
    this.#writer = null;
    await finished(writer.end());
  }

  /** Each part is on its way before the next is read, so the end of the message is a frame of its own. */
  @OnMessage
  async binary(session: Session, part: Buffer, last: boolean): Promise<void> {
    this.#stream ??= session.getBasicRemote().getSendStream();
    const stream = this.#stream;
    stream.write(part);
    await stream.flush();
    if (!last) return;
    this.#stream = null;
    await finished(stream.end());
  }

  @OnError
  failed(error: Error): void {
    report('EchoStreamAnnotation', error);
  }
}
