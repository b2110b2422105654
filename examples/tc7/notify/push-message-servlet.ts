/** The administrator's door to the pages that wait at the other servlet, whom it finds in the context that both share. [EX-N1] */
import type { MessageInbound } from 'margay/catalina';
import { NoticeServlet } from '../../notify/notice-servlet.js';
import { CONNECTIONS } from './notify-web-socket-servlet.js';

export class PushMessageServlet extends NoticeServlet {
  protected override tell(message: string): void {
    const connections = this.getServletContext().getAttribute(CONNECTIONS) as Set<MessageInbound>;
    for (const page of connections) void page.getWsOutbound().writeTextMessage(message);
  }
}
