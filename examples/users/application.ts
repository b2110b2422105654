/** The web application of the users, and how many are online as a page of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openSessions } from 'margay';
import type { Application } from '../application.js';
import { answerText, pathOf } from '../http.js';
import { WebSocketTest } from './users.js';

const CONTEXT = '/WebSocketTest';

export const users: Application = {
  contextPath: CONTEXT,
  endpoints: [WebSocketTest],
  pages: { '/websocket/{param}': '/users/page.html' },
  answer(request, response, container) {
    if (pathOf(request) !== `${CONTEXT}/count`) return false;
    answerCount(request, response, openSessions(container, WebSocketTest).size);
    return true;
  },
};

/** The number and nothing else; node sends a HEAD no body. */
function answerCount({ method }: IncomingMessage, response: ServerResponse, count: number): void {
  if (method === 'GET' || method === 'HEAD') answerText(response, 200, String(count));
  else answerText(response, 405, 'The count is there to be read: GET.\n', { Allow: 'GET, HEAD' });
}
