/** The notices as a web application of Tomcat 7's time: two servlets, and what web.xml said of them. [TC7-9] */
import type { Application } from '../../application.js';
import { NotifyWebSocketServlet } from './notify-web-socket-servlet.js';
import { PushMessageServlet } from './push-message-servlet.js';

export const tc7Notify: Application = {
  contextPath: '/tc7/test',
  options: {
    servlets: [
      { urlPattern: '/NotifyWebSocketServlet', servlet: NotifyWebSocketServlet },
      { urlPattern: '/PushMessageServlet', servlet: PushMessageServlet },
    ],
  },
  pages: { '/NotifyWebSocketServlet': '/notify/page.html#tc7' },
};
