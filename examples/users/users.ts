/** Somebody's windows among themselves: a text reaches the windows of the same user, and nobody else's. [EX-U1] */
import { broadcast, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { Windows } from './windows.js';

const windows = new Windows();

@ServerEndpoint('/websocket/{param}')
export class WebSocketTest {
  @OnOpen
  open(session: Session, @PathParam('param') uid: string): void {
    windows.add(uid, session);
    print(session);
  }

  /** What is returned goes to the window that wrote, which waits for none of the others. */
  @OnMessage
  text(session: Session, text: string, @PathParam('param') uid: string): string {
    const line = `${uid}:${text}`;
    void broadcast(windows.besides(uid, session), line);
    return line;
  }

  @OnClose
  close(session: Session, @PathParam('param') uid: string): void {
    windows.remove(uid, session);
    print(session);
  }

  @OnError
  failed(error: Error): void {
    report('WebSocketTest', error);
  }
}

/** The new total: in @OnOpen the session is one of the open ones, in @OnClose it no longer is. */
function print(session: Session): void {
  console.log(`users: ${session.getOpenSessions().size} online`);
}
