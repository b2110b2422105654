/** Who answers challenges of schemes that are not built in, or in place of one that is. [CLI-11] */
import type { Handled } from '../../../api/tokens.js';
import { spell } from '../../../runtime/bytes.js';
import { wrongArgument } from '../../../runtime/failures.js';
import { isToken } from '../../web/header-grammar.js';

/**
 * Makes the value of `Authorization`, or of `Proxy-Authorization` where the method is CONNECT. Called once for each challenge, with
 * the first line of `WWW-Authenticate` or `Proxy-Authenticate` as it came, and with what `auth` or `proxyAuth` say: null for what
 * they do not. A server of another origin than the one that was connected to, where a redirect led, is not answered. [CLI-10]
 */
export type Authenticator = (
  challenge: string,
  request: {
    readonly method: string;
    readonly uri: URL;
    readonly username: string | null;
    readonly password: string | null;
    readonly realm: string | null;
  },
) => Handled<string>;

const registered = new Map<string, Authenticator>();

/**
 * Has challenges of a scheme answered by a function, for all connections made from now on. Letter case makes no difference; a later
 * registration takes the place of an earlier one, and of the built-in `basic` and `digest`. What the function throws, or rejects
 * with, ends the attempt to connect. [CLI-11]
 * @throws IllegalArgumentException `MARGAY_ARGUMENT` for a scheme that is no token, or an authenticator that is no function
 */
export function registerAuthenticator(scheme: string, authenticator: Authenticator): void {
  const call = 'registerAuthenticator(scheme, authenticator)';
  if (typeof scheme !== 'string' || !isToken(scheme)) {
    const given = typeof scheme === 'string' ? JSON.stringify(scheme) : spell(scheme);
    throw wrongArgument(call, `scheme is ${given}; give the word that challenges begin with, such as "bearer"`);
  }
  if (typeof authenticator !== 'function') {
    throw wrongArgument(call, `authenticator is ${spell(authenticator)}; give a function (challenge, request) => value of Authorization`);
  }
  registered.set(scheme.toLowerCase(), authenticator);
}

/** By its scheme in lower case. */
export function authenticatorOf(scheme: string): Authenticator | undefined {
  return registered.get(scheme);
}
