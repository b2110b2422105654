/** What a peer may say when it connects. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { IllegalArgumentException } from '../api/exceptions.js';
import { objectionsTo } from '../container/options/checks.js';

export interface PeerOptions {
  /** Further lines; instead of the line we would send under that name, and no line at all for an empty list. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Those it speaks, the best one first. Default: none. */
  readonly subprotocols?: readonly string[] | undefined;
  /** As a browser says it. Default: no line. */
  readonly origin?: string | undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

const KNOWN: Readonly<Record<keyof PeerOptions, (value: unknown) => string | null>> = {
  headers: (value) => {
    if (typeof value !== 'object' || value === null) return 'give an object of header lines';
    for (const [name, lines] of Object.entries(value)) if (!isHeader(name, lines)) return `${name} is no header, or has an illegal value`;
    return null;
  },
  subprotocols: (value) => (isList(value) ? null : 'give a list of names'),
  origin: (value) => (isText(value) ? null : 'give scheme://host[:port]'),
};

/** @throws IllegalArgumentException `MARGAY_ARGUMENT` for a path, `MARGAY_OPTION` for options */
export function checkRequest(call: string, path: unknown, options: unknown): asserts path is string {
  if (!isText(path) || !path.startsWith('/') || path.includes('#')) {
    const spelt = isText(path) ? JSON.stringify(path) : String(path);
    throw new IllegalArgumentException(`${call}(path): ${spelt} is no path of a request; write one that begins with "/" and has no "#"`);
  }
  const isBag = typeof options === 'object' && options !== null;
  const objections = isBag ? objectionsTo(options, KNOWN) : ['give an object'];
  if (objections.length > 0)
    throw new IllegalArgumentException(`${call}(path, options): ${objections.join('; and ')}`, undefined, 'MARGAY_OPTION');
}

/** What a client makes of a path that is written as people write it. */
export function targetOf(path: string): string {
  const { pathname, search } = new URL(`ws://localhost${path}`);
  return pathname + search;
}

function isHeader(name: string, lines: unknown): boolean {
  if (!isText(lines) && !isList(lines)) return false;
  try {
    validateHeaderName(name);
    for (const line of [lines].flat()) validateHeaderValue(name, line);
    return true;
  } catch {
    return false;
  }
}
