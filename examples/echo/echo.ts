/** Sends back what came, message by message. */
import { OnError, OnMessage, ServerEndpoint } from 'margay';
import { report } from '../errors.js';

/** What a handler returns is sent to whoever wrote. */
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
