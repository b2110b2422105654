/** A notification for everybody: what one page sends pops up on all; the server passes texts on and knows nothing of their form. [EX-P1] */
import { OnError, OnMessage, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';

@ServerEndpoint('/mywebsocket')
export class MyWebSocket {
  /**
   * Nobody waits for a slow reader: `slowPeer` bounds what waits for it. What is returned goes to whoever wrote, who is read again when
   * it has left: nobody pushes faster than they read.
   */
  @OnMessage
  push(session: Session, text: string): string {
    for (const each of session.getOpenSessions()) if (each !== session) void each.getAsyncRemote().sendText(text);
    return text;
  }

  @OnError
  failed(error: Error): void {
    report('MyWebSocket', error);
  }
}
