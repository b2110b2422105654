/** The socket of the pages that wait for notices: they listen, and what they say is refused. [EX-N2] */
import { OnError, OnMessage, ServerEndpoint, UnsupportedOperationException } from 'margay';
import { report } from '../errors.js';

@ServerEndpoint('/NotifyWebSocketServlet')
export class NotifyWebSocketServlet {
  #hasSpoken = false;

  /** It goes to @OnError; the session stays open, and still gets notices. [EX-N3] */
  @OnMessage
  text(_text: string): void {
    throw new UnsupportedOperationException('a page that waits for notices sends no text');
  }

  @OnMessage
  binary(_bytes: Buffer): void {
    throw new UnsupportedOperationException('a page that waits for notices sends no binary');
  }

  /** A refusal is said once for each page: one that goes on talking fills no log. */
  @OnError
  failed(error: Error): void {
    if (error instanceof UnsupportedOperationException) {
      if (this.#hasSpoken) return;
      this.#hasSpoken = true;
    }
    report('NotifyWebSocketServlet', error);
  }
}
