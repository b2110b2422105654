/** Answers a Basic challenge, as RFC 7617 has it. [CLI-11] */

import type { Credentials } from '../../../api/connect-options.js';
import type { Answer, Challenge } from './challenge.js';
import { octetsOf } from './credentials.js';

export function basicAnswer({ parameters }: Challenge, credentials: Credentials): Answer {
  const octets = octetsOf(credentials, parameters.get('charset'));
  if ('objection' in octets) return octets;
  const { username, password } = octets;
  if (username.includes(':')) return { objection: 'the user name has a colon, where Basic would end it' };
  if (/[^\x20-\x7e\x80-\xff]/.test(username + password))
    return { objection: 'the user name or the password has a control character; Basic has none' };
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`, 'latin1').toString('base64')}` };
}
