/** The near side's door for pages: the answer to a form, as text. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerText, formOf, LARGEST_FORM } from '../http.js';
import type { Access } from './access.js';

/** Where the form is sent: its field `access` is the text. */
export const ACCESS_PATH = '/relay/access';

/** Asks the remote side what the form says. Never rejects. */
export async function serveAccess(access: Access, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return answerText(response, 405, 'Post a form with the field "access".\n', { Allow: 'POST' });
  const form = await formOf(request).catch(() => null); // who leaves meanwhile hears nothing
  if (form === null) return answerText(response, 413, `A form has at most ${LARGEST_FORM} bytes.\n`);
  const text = form.get('access');
  if (text === null) return answerText(response, 400, 'The form has no field "access".\n');
  try {
    answerText(response, 200, await access.getAccess(text));
  } catch (error) {
    answerText(response, 502, `${(error as Error).message}\n`);
  }
}
