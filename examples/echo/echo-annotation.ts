/** Sends back what came, part by part, while the message is still arriving. On the wire it is Tomcat's. [EX-E1] */
import { OnError, OnMessage, PongMessage, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { sendBack } from './send-back.js';

/** A message of any size passes through, and never more than a part of it is held. */
@ServerEndpoint('/websocket/echoAnnotation')
export class EchoAnnotation {
  @OnMessage
  text(session: Session, part: string, last: boolean): Promise<void> {
    return sendBack(session, part, last);
  }

  @OnMessage
  binary(session: Session, part: Buffer, last: boolean): Promise<void> {
    return sendBack(session, part, last);
  }

  /** Nobody asked. */
  @OnMessage
  pong(_message: PongMessage): void {}

  @OnError
  failed(error: Error): void {
    report('EchoAnnotation', error);
  }
}
