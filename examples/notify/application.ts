/** The web application of the notices: a socket for those who wait, and a form for the one who knows. */
import type { Application } from '../application.js';
import { NotifyWebSocketServlet } from './notify.js';
import { PushMessageServlet } from './push-message-servlet.js';

export const notify: Application = {
  contextPath: '/test',
  endpoints: [NotifyWebSocketServlet],
  options: { servlets: [{ urlPattern: '/PushMessageServlet', servlet: PushMessageServlet }] },
  pages: { '/NotifyWebSocketServlet': '/notify/page.html' },
  answer: (request, response, container) => container.handle(request, response),
};
