/** The near side's door for pages: the answer to a form, as text. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access.js';

/** Where the form is sent: its field `access` is the text. */
export const ACCESS_PATH = '/relay/access';

const LARGEST_FORM = 65_536; // bytes

/** Asks the remote side what the form says. Never rejects. */
export async function serveAccess(access: Access, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return answer(response, 405, 'Post a form with the field "access".\n', { Allow: 'POST' });
  const form = await formOf(request).catch(() => null); // who leaves meanwhile hears nothing
  if (form === null) return answer(response, 413, `A form has at most ${LARGEST_FORM} bytes.\n`);
  const text = form.get('access');
  if (text === null) return answer(response, 400, 'The form has no field "access".\n');
  try {
    answer(response, 200, await access.getAccess(text));
  } catch (error) {
    answer(response, 502, `${(error as Error).message}\n`);
  }
}

/** null: it is too large, and was read but not kept, so that the answer finds somebody who reads. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_FORM) chunks.push(chunk);
  }
  return size > LARGEST_FORM ? null : new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(text);
}
