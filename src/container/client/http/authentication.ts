/** What we say to a 401 or a 407. [CLI-11] */

import type { Credentials } from '../../../api/connect-options.js';
import { wordsOf } from '../../../api/exceptions.js';
import { type Authenticator, authenticatorOf } from './authenticators.js';
import { basicAnswer } from './basic.js';
import { type Answer, type Challenge, challengeOf } from './challenge.js';
import { areFor } from './credentials.js';
import { digestAnswer, type RequestLine } from './digest.js';

/** The request that was refused. */
export interface Refused extends RequestLine {
  readonly uri: URL;
}

type BuiltIn = (challenge: Challenge, credentials: Credentials, request: RequestLine) => Answer;

const BUILT_IN: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['basic', basicAnswer],
  ['digest', digestAnswer],
]);

/**
 * Answers the first of the lines of `WWW-Authenticate`, or of `Proxy-Authenticate`, once. Never rejects; it takes as long as a
 * registered authenticator does.
 */
export async function answerTo(lines: readonly string[], credentials: Credentials | null, request: Refused): Promise<Answer> {
  const [line] = lines;
  const option = request.method === 'CONNECT' ? 'proxyAuth' : 'auth';
  if (line === undefined) return { objection: 'no challenge says how to authenticate' };
  const challenge = challengeOf(line);
  if (challenge === null) return { objection: 'the challenge cannot be read' };
  const { scheme, parameters } = challenge;
  const authenticator = authenticatorOf(scheme);
  const builtIn = BUILT_IN.get(scheme);
  if (authenticator === undefined && builtIn === undefined) {
    return { objection: `nobody answers the scheme "${scheme}"; call registerAuthenticator("${scheme}", …)` };
  }
  const realm = parameters.get('realm');
  if (credentials !== null && !areFor(credentials, realm)) {
    const asked = realm === undefined ? 'the challenge names no realm' : `the challenge's realm is ${JSON.stringify(realm)}`;
    return { objection: `${asked}, and ${option} is for ${JSON.stringify(credentials.realm)} only` };
  }
  if (authenticator !== undefined) return legal(await asked(authenticator, challenge, credentials, request), scheme);
  if (credentials === null) return { objection: `no user name and password are configured; set ${option}` };
  return legal((builtIn as BuiltIn)(challenge, credentials, request), scheme);
}

async function asked(
  authenticator: Authenticator,
  { scheme, source }: Challenge,
  credentials: Credentials | null,
  { method, uri }: Refused,
): Promise<Answer> {
  const { username = null, password = null, realm = null } = credentials ?? {};
  try {
    return { authorization: await authenticator(source, { method, uri: new URL(uri), username, password, realm }) };
  } catch (thrown) {
    return { objection: `the authenticator of "${scheme}" failed: ${wordsOf(thrown)}`, cause: thrown };
  }
}

/** Only what a header can have reaches the wire: what would end the line does not. */
function legal(answer: Answer, scheme: string): Answer {
  if ('objection' in answer) return answer;
  const { authorization } = answer as { authorization: unknown };
  if (typeof authorization === 'string' && /^[\t\x20-\x7e\x80-\xff]+$/.test(authorization) && authorization.trim() !== '') return answer;
  return { objection: `the answer to "${scheme}" is a value that no header can have` };
}
