/** Who we say we are to a server or a proxy that asks. [CLI-9, CLI-11] */
import type { Credentials } from '../../../api/connect-options.js';
import type { Objection } from './challenge.js';

/** A name and a password as bytes, one character for each. */
export interface Octets {
  readonly username: string;
  readonly password: string;
  /** The challenge asked for UTF-8. */
  readonly isUtf8: boolean;
}

/** In ISO-8859-1, or in UTF-8 where the challenge's `charset` says so; then in the one form RFC 7617, 2.1 wants. */
export function octetsOf({ username, password }: Credentials, charset: string | undefined): Octets | Objection {
  const isUtf8 = charset?.toLowerCase() === 'utf-8';
  const octets = isUtf8 ? utf8Octets : latin1Octets;
  const [name, word] = [octets(username), octets(password)];
  if (name !== null && word !== null) return { username: name, password: word, isUtf8 };
  const what = name === null ? 'user name' : 'password';
  return {
    objection: isUtf8
      ? `the ${what} has an unpaired surrogate, which UTF-8 cannot carry`
      : `the ${what} has a character that ISO-8859-1 has not, and the challenge does not say charset="UTF-8"`,
  };
}

/** Whether they may be shown to who asks in this realm; its bytes may have meant ISO-8859-1 or UTF-8. */
export function areFor({ realm }: Credentials, asked: string | undefined): boolean {
  return realm === undefined || realm === asked || (asked !== undefined && realm === Buffer.from(asked, 'latin1').toString());
}

function utf8Octets(text: string): string | null {
  return text.isWellFormed() ? Buffer.from(text.normalize('NFC')).toString('latin1') : null;
}

function latin1Octets(text: string): string | null {
  return /[^\0-\xff]/.test(text) ? null : text;
}
