/** Other people's servers, which take part with `--peers` where they are installed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DialectName } from './load/protocol.js';

export const PEERS = ['nest', 'socket.io', 'uws', 'tomcat'];

/** In which words a server is spoken to. */
export const dialectOf = (server: string): DialectName => (server === 'nest' || server === 'socket.io' ? server : 'plain');

/**
 * A package that is no dependency: from the folder that `--peers-from` names, or from the project's own.
 * @throws Error that says how to get it
 */
export async function peerPackage(name: string, install = `npm install --no-save ${name}`): Promise<any> {
  const from = process.env['BENCH_PEERS'];
  const { resolve } = createRequire(from === undefined ? import.meta.url : join(from, 'package.json'));
  let file: string;
  try {
    file = resolve(name);
  } catch {
    throw new Error(`${name} is not installed; ${install}, or name a folder that has it with --peers-from`);
  }
  const module = await import(pathToFileURL(file).href);
  return module.default ?? module;
}
