/** The web application of the notifications. */
import type { Application } from '../application.js';
import { MyWebSocket } from './push.js';

export const push: Application = {
  contextPath: '/testwebSocket',
  endpoints: [MyWebSocket],
  pages: { '/mywebsocket': '/push/page.html' },
};
