/** The administrator's door: the notice in a form, or in a query, goes to every page that waits. [EX-N1] */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { broadcast, openSessions, type ServerContainer } from 'margay';
import { answerText, formOf, LARGEST_FORM } from '../http.js';
import { NotifyWebSocketServlet } from './notify.js';

/** Below the context path. */
export const PUSH_PATH = '/PushMessageServlet';

/** Answers GET and POST alike. Waits for no page, so a dead one is no hindrance. Never rejects. */
export async function servePushMessage(request: IncomingMessage, response: ServerResponse, container: ServerContainer): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'POST') {
    return answerText(response, 405, 'A notice comes with GET or POST, in the parameter "message".\n', { Allow: 'GET, POST' });
  }
  let message: string | null;
  try {
    message = await messageOf(request);
  } catch {
    return; // an administrator who left while writing has sent nothing
  }
  if (message === null) return answerText(response, 413, `A form has at most ${LARGEST_FORM} bytes.\n`);
  if (message !== '') void broadcast(openSessions(container, NotifyWebSocketServlet), message);
  const line = message === '' ? 'The message is empty!\n' : 'Send success!\n';
  answerText(response, 200, line, { 'Content-Type': 'text/html;charset=UTF-8' });
}

/** As a servlet's getParameter: the query's comes before the form's. "" when it is missing, null when the form is too large. */
async function messageOf(request: IncomingMessage): Promise<string | null> {
  const [, query = ''] = /\?(.*)$/s.exec(request.url ?? '') ?? [];
  const isForm = request.method === 'POST' && /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
  const form = await formOf(request);
  if (form === null) return null;
  return new URLSearchParams(query).get('message') ?? (isForm ? form.get('message') : null) ?? '';
}
