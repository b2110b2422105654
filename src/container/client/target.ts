/** The URI that a client is told to connect to. [CLI-3] */
import type { RequestFacts } from '../../runtime/plan.js';
import { badUri } from './client-problems.js';

/** @throws DeploymentException `MARGAY_URI` */
export function targetOf(given: unknown): URL {
  const text = typeof given === 'string' ? given : isUrl(given) ? given.href : null;
  if (text === null) throw badUri(given, 'give a URL, or its text: ws://host/path or wss://host/path');
  const uri = URL.canParse(text) ? new URL(text) : null;
  if (uri === null)
    throw badUri(text.replace(/\/\/.*@/s, '//'), 'is no URI with a scheme and a host; write ws://host/path or wss://host/path');
  const shown = uri.username === '' && uri.password === '' ? text : hidden(uri);
  if (uri.protocol !== 'ws:' && uri.protocol !== 'wss:') {
    throw badUri(shown, `${uri.protocol}// is not WebSocket; use ${uri.protocol === 'https:' ? 'wss' : 'ws'} and a host`);
  }
  if (uri.host === '') throw badUri(shown, 'names no host'); // untested: URL itself refuses ws and wss without one
  if (text.includes('#')) throw badUri(shown, 'has a fragment, which no server sees; leave out what begins with #');
  if (uri.username !== '' || uri.password !== '') {
    throw badUri(shown, 'has a user name or password, which ends up in logs; give the option auth instead');
  }
  return uri;
}

/** Of another realm's class, too. */
export function isUrl(value: unknown): value is URL {
  return (
    typeof value === 'object' && value !== null && typeof (value as URL).href === 'string' && typeof (value as URL).protocol === 'string'
  );
}

/** What a session tells of it. [SES-9, SES-10] */
export function requestOf(uri: URL): Pick<RequestFacts, 'uri' | 'queryString' | 'secure'> {
  const at = uri.href.indexOf('?');
  return {
    uri: at < 0 ? uri.href : uri.href.slice(0, at),
    queryString: at < 0 ? null : uri.href.slice(at + 1),
    secure: uri.protocol === 'wss:',
  };
}

function hidden(uri: URL): string {
  const copy = new URL(uri);
  copy.username = '';
  copy.password = '';
  return copy.href;
}
