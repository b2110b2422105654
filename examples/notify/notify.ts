/** The socket of the pages that wait for notices: they listen, and what they say is refused. [EX-N2] */
import { OnError, OnMessage, ServerEndpoint, UnsupportedOperationException } from 'margay';
import { report } from '../errors.js';

@ServerEndpoint('/NotifyWebSocketServlet')
export class NotifyWebSocketServlet {
  /** It goes to @OnError; the session stays open, and still gets notices. [EX-N3] */
  @OnMessage
  text(_text: string): void {
    throw new UnsupportedOperationException('a page that waits for notices sends no text');
  }

  @OnMessage
  binary(_bytes: Buffer): void {
    throw new UnsupportedOperationException('a page that waits for notices sends no binary');
  }

  @OnError
  failed(error: Error): void {
    report('NotifyWebSocketServlet', error);
  }
}
