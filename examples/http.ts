/** What the examples' plain HTTP has in common: forms that are read, and short answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Of a form's body, in bytes. */
export const LARGEST_FORM = 65_536;

/** The path of a request as it stands in its URL, not decoded. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string;
}

/** null: it is too large, and was read but not kept, so that the answer finds somebody who reads. Rejects when its sender leaves. */
export async function formOf(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_FORM) chunks.push(chunk);
  }
  return size > LARGEST_FORM ? null : new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** Plain text, unless the headers say otherwise; nobody keeps a copy. */
export function answerText(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(text);
}
