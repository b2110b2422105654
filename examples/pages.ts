/** A little web server for the example pages: the files of this folder, as they are on disk. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Plain names only, so no path leads out of the folder, and the TypeScript beside the pages is not served. */
const PAGE = /^(?:\/[a-z0-9-]+)+\.(html|css|js|svg)$/i;

/** The pages need nobody but the server they came from; chat's text arrives as HTML, so its scripts would be our own fault. */
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:";

/** Answers a plain HTTP request: a page, or a short text that says why not. Never rejects. */
export async function servePage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return answer(request, response, 405, 'text/plain; charset=utf-8', 'The pages are there to be read: GET or HEAD.\n', {
      Allow: 'GET, HEAD',
    });
  }
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  const file = path === '/' ? '/index.html' : path;
  const type = TYPES[PAGE.exec(file)?.[1]?.toLowerCase() ?? ''];
  const page = type === undefined ? null : await readFile(join(FOLDER, file)).catch(() => null);
  if (type === undefined || page === null)
    return answer(request, response, 404, 'text/plain; charset=utf-8', `There is nothing at ${path}; the examples are at /\n`);
  answer(request, response, 200, type, page);
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache', // edit a page, reload, see it
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The compiler copies no pages, so they are read from the source folder, wherever this file was compiled to. */
const FOLDER = join(projectOf(dirname(fileURLToPath(import.meta.url))), 'examples');

function projectOf(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}: where are the pages?`);
  return projectOf(parent);
}
