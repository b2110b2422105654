/** The web application of the notices: a socket for those who wait, and a form for the one who knows. */
import type { Application } from '../application.js';
import { pathOf } from '../http.js';
import { NotifyWebSocketServlet } from './notify.js';
import { PUSH_PATH, servePushMessage } from './push-message.js';

const CONTEXT = '/test';

export const notify: Application = {
  contextPath: CONTEXT,
  endpoints: [NotifyWebSocketServlet],
  pages: { '/NotifyWebSocketServlet': '/notify/page.html' },
  answer(request, response, container) {
    if (pathOf(request) !== CONTEXT + PUSH_PATH) return false;
    void servePushMessage(request, response, container);
    return true;
  },
};
