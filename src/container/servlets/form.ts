/** The parameters of a form that was posted. [TC7-8] */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { queryParameters } from '../../runtime/query.js';

/** Bytes of a body that is read. */
export const LARGEST_FORM = 65_536;

type Parameters = ReadonlyMap<string, readonly string[]>;

const NONE: Parameters = new Map();

/** What a body has come to: parameters, or what is wrong with it. `left`: the peer has gone. */
export type Form = { readonly parameters: Parameters } | 'tooLarge' | 'left';

/** Whether its body holds parameters. */
export function isForm(request: IncomingMessage | undefined): request is IncomingMessage {
  const type = request?.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return request?.method === 'POST' && type === 'application/x-www-form-urlencoded';
}

/** node's parser has stopped at its head, for what may be another protocol: the body never comes. */
export const isUpgrading = (request: IncomingMessage): boolean => (request as { upgrade?: unknown }).upgrade === true;

/** Asks for the body of one who waits to be asked; on a server of the application's node has done that. (RFC 9110, 10.1.1) */
export function invite({ headers, httpVersion, socket }: IncomingMessage): void {
  const isWaiting = httpVersion !== '1.0' && headers.expect?.toLowerCase() === '100-continue';
  if (isWaiting && !isTooLarge(headers)) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
}

const isTooLarge = (headers: IncomingHttpHeaders): boolean => Number(headers['content-length'] ?? 0) > LARGEST_FORM;

/** Reads the body. What is too large is read on and thrown away, so that the answer finds somebody who reads. */
export function formOf(request: IncomingMessage): Promise<Form> {
  if (isTooLarge(request.headers)) return Promise.resolve('tooLarge');
  if (request.readableEnded) return Promise.resolve({ parameters: NONE }); // somebody has read it before us
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_FORM) chunks.push(chunk);
      else resolve('tooLarge');
    });
    request.on('end', () => resolve({ parameters: queryParameters(Buffer.concat(chunks).toString('utf8')) }));
    request.on('close', () => resolve('left')); // behind the end it changes nothing
    request.on('error', () => resolve('left'));
  });
}
