/** The header lines of a 101. [HS-6, HS-8] */
import { isToken } from '../web/header-grammar.js';
import type { HeaderMap } from '../web/header-map.js';
import { acceptOf } from '../web/websocket-key.js';

/** Headers that are the container's to write. */
const OURS = new Set(['upgrade', 'connection', 'sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions']);

/** What was agreed on; "" and null: no header. */
export interface Agreed {
  readonly key: string;
  readonly subprotocol: string;
  readonly extensions: string | null;
}

/**
 * Ours, then what modifyHandshake added; `ignored` hears of a name that is not its to set.
 * @throws Error for what no header can be: the answer is a 500 then
 */
export function answerHeaders(
  { key, subprotocol, extensions }: Agreed,
  added: HeaderMap,
  ignored: (name: string) => void,
): [string, string][] {
  const lines: [string, string][] = [['Sec-WebSocket-Accept', acceptOf(key)]];
  if (subprotocol !== '') lines.push(['Sec-WebSocket-Protocol', subprotocol]);
  if (extensions !== null) lines.push(['Sec-WebSocket-Extensions', extensions]);
  for (const [name, values] of added) {
    if (OURS.has(name.toLowerCase())) ignored(name);
    else for (const value of linesOf(name, values)) lines.push([name, value]);
  }
  return lines;
}

function linesOf(name: string, values: unknown): readonly string[] {
  if (!isToken(name)) throw new Error(`modifyHandshake set a header named ${JSON.stringify(name)}, which is no header name`);
  if (!Array.isArray(values)) {
    const value = JSON.stringify(values); // a string would be taken for its characters
    throw new Error(`modifyHandshake set ${name} to ${value}; give a list of lines: [${value}]`);
  }
  // What would end the line, or cannot be written in it, never reaches the wire.
  if (values.some((value) => typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))) {
    throw new Error(`modifyHandshake set ${name} to a value that no header can have`);
  }
  return values as readonly string[];
}
