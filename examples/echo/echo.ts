/** Two ways to send back what came: message by message, and part by part while the message is still arriving. */
import { OnError, OnMessage, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';

/** Whole messages: what a handler returns is sent to whoever wrote. */
@ServerEndpoint('/echo')
export class Echo {
  @OnMessage
  text(message: string): string {
    return message;
  }

  @OnMessage
  binary(message: Buffer): Buffer {
    return message;
  }

  @OnError
  failed(error: Error): void {
    report('Echo', error);
  }
}

/** Parts: a message of any size passes through, and never more than a part of it is held. Compatible with Tomcat's. [EX-E1] */
@ServerEndpoint('/websocket/echoAnnotation')
export class EchoAnnotation {
  @OnMessage
  text(session: Session, part: string, last: boolean): Promise<void> {
    return sent(session, session.getBasicRemote().sendText(part, last));
  }

  @OnMessage
  binary(session: Session, part: Buffer, last: boolean): Promise<void> {
    return sent(session, session.getBasicRemote().sendBinary(part, last));
  }

  @OnError
  failed(error: Error): void {
    report('EchoAnnotation', error);
  }
}

/** The next part comes when this one has gone: the handler's promise is what slows a fast writer down. */
async function sent(session: Session, sending: Promise<void>): Promise<void> {
  try {
    await sending;
  } catch {
    await session.close(); // sends reject with IOException only: nothing more will get through
  }
}
