/** The administrator's door to the pages that wait at the endpoint. It holds no session: the container knows who is there. [EX-N1] */
import { broadcast, openSessions, type ServerContainer } from 'margay';
import { NoticeServlet } from './notice-servlet.js';
import { NotifyWebSocketServlet } from './notify.js';

export class PushMessageServlet extends NoticeServlet {
  protected override tell(message: string): void {
    const container = this.getServletContext().getAttribute('jakarta.websocket.server.ServerContainer') as ServerContainer;
    void broadcast(openSessions(container, NotifyWebSocketServlet), message);
  }
}
