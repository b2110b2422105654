/** What a request asks for, as a URL; whoever serves one endpoint is asked for the same host all the time. */
import { parseHost } from '../web/origin.js';
import type { Route } from './route.js';

/** The last one asked about: most requests name the same host. */
let known: { readonly host: string | null; readonly secure: boolean; readonly root: string | null } | null = null;

/** ws or wss, host, port and path, without the query; null if Host names none. [SES-9] */
export function requestUri({ caller, path }: Route): string | null {
  const { host, secure } = caller;
  if (known?.host !== host || known.secure !== secure) known = { host, secure, root: rootOf(host, secure) };
  return known.root && [known.root, ...path.segments.map(encodeURIComponent)].join('/'); // in one piece: it stays as long as the session
}

/** Scheme, host and port as URLs spell them, without a slash; null if they are none. */
function rootOf(text: string | null, secure: boolean): string | null {
  const host = text === null ? null : parseHost(text);
  if (host === null) return null;
  const written = `${secure ? 'wss' : 'ws'}://${host.host}${host.port === null ? '' : `:${host.port}`}`;
  return URL.canParse(written) ? new URL(written).href.slice(0, -1) : null;
}
