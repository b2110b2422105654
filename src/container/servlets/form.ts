/** The parameters of a form that was posted. [TC7-8] */
import type { IncomingMessage } from 'node:http';
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

/** Reads the body. What is too large is read on and thrown away, so that the answer finds somebody who reads. */
export function formOf(request: IncomingMessage): Promise<Form> {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_FORM) return Promise.resolve('tooLarge');
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
