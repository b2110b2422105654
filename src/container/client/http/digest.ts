/** Answers a Digest challenge, as RFC 7616 and before it RFC 2617 have it. [CLI-11] */
import { createHash, getHashes, randomBytes } from 'node:crypto';
import type { Credentials } from '../../../api/connect-options.js';
import { hasToken, isToken } from '../../web/header-grammar.js';
import type { Answer, Challenge } from './challenge.js';
import { type Octets, octetsOf } from './credentials.js';

/** A nonce is answered once, and a second 401 ends the attempt. */
const COUNT = '00000001';

/** What is asked for: the method and the target of the request line, for CONNECT `host:port`. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
}

/**
 * @param cnonce what the answer adds to the nonce: 128 random bits in hex, unless a test says otherwise
 */
export function digestAnswer(
  { parameters }: Challenge,
  credentials: Credentials,
  { method, target }: RequestLine,
  cnonce: string = randomBytes(16).toString('hex'),
): Answer {
  const [realm, nonce, opaque] = ['realm', 'nonce', 'opaque'].map((name) => parameters.get(name));
  if (realm === undefined || nonce === undefined) {
    return { objection: `the Digest challenge has no ${realm === undefined ? 'realm' : 'nonce'}` };
  }
  if (!hasToken([parameters.get('qop') ?? ''], 'auth')) {
    return { objection: 'the Digest challenge has no "auth" in its qop, and without it an answer could be used again' };
  }
  const algorithm = parameters.get('algorithm');
  const hash = hashOf(algorithm ?? 'MD5');
  if (hash === null) return { objection: `the Digest challenge asks for the algorithm ${JSON.stringify(algorithm)}, which node has not` };
  const octets = octetsOf(credentials, parameters.get('charset'));
  if ('objection' in octets) return octets;

  const { username, password } = octets;
  const ours = hash.of(`${username}:${realm}:${password}`);
  const secret = hash.isSession ? hash.of(`${ours}:${nonce}:${cnonce}`) : ours;
  const response = hash.of(`${secret}:${nonce}:${COUNT}:${cnonce}:auth:${hash.of(`${method}:${target}`)}`);
  const isHidden = parameters.get('userhash')?.toLowerCase() === 'true';
  const pairs = [
    isHidden ? `username="${hash.of(`${username}:${realm}`)}"` : named(octets),
    `realm=${quote(realm)}`,
    `uri=${quote(target)}`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    `nonce=${quote(nonce)}`,
    `nc=${COUNT}`,
    `cnonce=${quote(cnonce)}`,
    'qop=auth',
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(isHidden ? ['userhash=true'] : []),
  ];
  return { authorization: `Digest ${pairs.join(', ')}` };
}

interface Hash {
  /** A1 has the nonces in it: the algorithm ends in `-sess`. */
  readonly isSession: boolean;
  /** Of bytes, one character for each; in hex. */
  of(octets: string): string;
}

/** By the name that RFC 7616 or node has for it, letter case aside; null if node has none, or does not let us. */
function hashOf(algorithm: string): Hash | null {
  if (!isToken(algorithm)) return null; // it is sent back without quotes
  const bare = algorithm.replace(/-sess$/i, '');
  const names = [bare, bare.replace('-', '')].map((name) => name.toLowerCase()); // SHA-512-256 is sha512-256
  const name = getHashes().find((each) => names.includes(each.toLowerCase()));
  if (name === undefined) return null;
  const of = (octets: string) => createHash(name).update(octets, 'latin1').digest('hex');
  try {
    of('');
  } catch {
    return null; // untested: listed, and forbidden: MD5 where only FIPS is allowed
  }
  return { isSession: bare !== algorithm, of };
}

/** The user's name; `username*` (RFC 5987) for what the challenge wants in UTF-8 and no quoted string can have. */
function named({ username, isUtf8 }: Octets): string {
  if (!isUtf8 || /^[\t\x20-\x7e]*$/.test(username)) return `username=${quote(username)}`;
  const percent = (octet: string) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return `username*=UTF-8''${username.replace(/[^A-Za-z0-9!#$&+.^_`|~-]/g, percent)}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
