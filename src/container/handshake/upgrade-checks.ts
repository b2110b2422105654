/** What a request must say before anybody is asked about it. [HS-1, HS-13, REL-5] */
import type { Offer } from '../../transport/spi.js';
import { hasToken } from '../web/header-grammar.js';
import { isKey } from '../web/websocket-key.js';
import { badConnection, badHttp, badKey, badVersion, type RefusedHandshake } from './refusals.js';

/** What HTTP itself asks for; `uri` is null if Host names none. */
export function httpObjection({ httpVersion, headers }: Offer, uri: string | null): RefusedHandshake | null {
  const lines = (name: string) => headers.get(name) ?? [];
  if (!/^1\.[1-9]/.test(httpVersion)) return badHttp(`HTTP/${httpVersion} cannot be upgraded; use HTTP/1.1.`);
  for (const name of ['host', 'sec-websocket-key', 'sec-websocket-version']) {
    if (lines(name).length > 1) return badHttp(`There are ${lines(name).length} ${name} headers; send one.`);
  }
  if (lines('transfer-encoding').length > 0 || lines('content-length').some((value) => value.trim() !== '0')) {
    return badHttp('An upgrade request has no body.');
  }
  return uri === null ? badHttp('The Host header is missing or names no host.') : null;
}

/** Rows 4 to 6. `takesAnyKey`: it only has to be there. [TC7-1] */
export function upgradeObjection({ headers }: Offer, takesAnyKey = false): RefusedHandshake | null {
  if (!hasToken(headers.get('connection') ?? [], 'upgrade')) return badConnection;
  if (!hasToken(headers.get('sec-websocket-version') ?? [], '13')) return badVersion;
  const key = (headers.get('sec-websocket-key')?.[0] ?? '').trim();
  return (takesAnyKey ? key !== '' : isKey(key)) ? null : badKey;
}
