/** The header lines of one request for a connection. [CLI-4, CLI-5] */
import { randomBytes } from 'node:crypto';
import { offerOf } from '../../negotiation/agreement.js';
import { HeaderMap } from '../../web/header-map.js';
import type { Errand } from '../reach.js';

/** As a configurator sees them, before it changes them. */
export function requestHeaders(uri: URL, { config, options }: Errand, authorization: string | null): HeaderMap {
  const headers = new HeaderMap();
  headers.set('Host', [uri.host]);
  headers.set('Upgrade', ['websocket']);
  headers.set('Connection', ['Upgrade']);
  headers.set('Sec-WebSocket-Version', ['13']);
  headers.set('Sec-WebSocket-Key', [randomBytes(16).toString('base64')]);
  const [subprotocols, extensions] = [config.getPreferredSubprotocols(), config.getExtensions()];
  if (subprotocols.length > 0) headers.set('Sec-WebSocket-Protocol', [...subprotocols]);
  if (extensions.length > 0) headers.set('Sec-WebSocket-Extensions', [offerOf(extensions)]);
  if (options.origin !== undefined) headers.set('Origin', [options.origin]);
  if (authorization !== null) headers.set('Authorization', [authorization]);
  return headers;
}

/** One line for each name; an empty list is none. */
export function linesOf(headers: ReadonlyMap<string, readonly string[]>): [name: string, value: string][] {
  return [...headers].filter(([, values]) => values.length > 0).map(([name, values]) => [name, values.join(', ')]);
}
