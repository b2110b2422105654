/** What the page imports: the modules of yjs and of the library below it, as they were installed. No build step. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { answerText, pathOf } from '../http.js';

const FOLDER = '/co-edit/modules/';

const manifest = createRequire(import.meta.url).resolve('yjs/package.json');
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['yjs', dirname(manifest)],
  ['lib0', dirname(createRequire(manifest).resolve('lib0/package.json'))],
]);

/** A package, and plain names below it: no path leads out of it. */
const MODULE = /^([a-z0-9]+)\/((?:[a-z0-9_-]+\/)*[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.m?js)$/i;

export function serveModule(request: IncomingMessage, response: ServerResponse): boolean {
  const path = pathOf(request);
  if (!path.startsWith(FOLDER)) return false;
  void answer(request, response, path.slice(FOLDER.length));
  return true;
}

async function answer({ method }: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') return answerText(response, 405, 'Modules are there to be read.\n', { Allow: 'GET, HEAD' });
  const [, name = '', file = ''] = MODULE.exec(path) ?? [];
  const folder = PACKAGES.get(name);
  const text = folder === undefined ? null : await readFile(join(folder, file), 'utf8').catch(() => null);
  if (text === null) return answerText(response, 404, 'There is no such module.\n');
  answerText(response, 200, text, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-cache' });
}
