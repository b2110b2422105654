/** What is said to a challenge, and by whom. */
import { describe, expect, it } from '@jest/globals';
import type { Credentials } from '../../../../../src/api/connect-options.js';
import { answerTo, type Refused } from '../../../../../src/container/client/http/authentication.js';
import { type Authenticator, registerAuthenticator } from '../../../../../src/container/client/http/authenticators.js';

const REFUSED: Refused = { method: 'GET', uri: new URL('wss://a.example/chat?x=1'), target: '/chat?x=1' };
const CONNECT: Refused = { method: 'CONNECT', uri: new URL('wss://a.example/chat'), target: 'a.example:443' };
const ANNA: Credentials = { username: 'anna', password: 'secret' };

/** What is said, or why nothing is. */
async function said(lines: readonly string[] | string, who: Credentials | null = ANNA, refused = REFUSED): Promise<string> {
  const answer = await answerTo([lines].flat(), who, refused);
  return 'objection' in answer ? answer.objection : answer.authorization;
}

const basic = (text: string, encoding: 'latin1' | 'utf8' = 'utf8') => `Basic ${Buffer.from(text, encoding).toString('base64')}`;

describe('Basic', () => {
  it.each<[string, string, string, string]>([
    ['Basic realm="r"', 'Aladdin', 'open sesame', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='], // RFC 7617, 2
    ['basic realm=r', 'anna', 'a:b', basic('anna:a:b')],
    ['BASIC', 'anna', '', basic('anna:')],
    ['Basic realm="r"', 'test', '123\u00a3', basic('test:123\u00a3', 'latin1')],
    ['Basic realm="r", charset="UTF-8"', 'test', '123\u00a3', 'Basic dGVzdDoxMjPCow=='], // RFC 7617, 2.1
    ['Basic realm="r", charset=utf-8', '\u0141ukasz', '\u20ac', basic('\u0141ukasz:\u20ac')],
    ['Basic realm="r", charset=UTF-8', 'A\u030a', 'o\u0308', basic('\u00c5:\u00f6')],
    ['Basic realm="r", charset="ISO-8859-2"', '\u00c5', '', basic('\u00c5:', 'latin1')],
  ])('[CLI-11] %s by %s with %s', async (line, username, password, authorization) => {
    expect(await said(line, { username, password })).toBe(authorization);
  });

  it.each<[string, string, string, RegExp]>([
    ['Basic realm="r"', 'a:b', 'x', /^the user name has a colon/],
    ['Basic realm="r"', '\u0141ukasz', 'x', /^the user name has a character that ISO-8859-1 has not/],
    ['Basic realm="r"', 'anna', '\u20ac', /^the password has a character that ISO-8859-1 has not/],
    ['Basic realm="r", charset=UTF-8', 'anna', '\ud800', /^the password has an unpaired surrogate/],
    ['Basic realm="r"', 'anna', 'secret\n', /control character/],
    ['Basic realm="r"', 'an\x7fna', 'secret', /control character/],
  ])('[CLI-11] %s cannot be answered by %j with %j', async (line, username, password, objection) => {
    expect(await said(line, { username, password })).toMatch(objection);
  });
});

describe('a challenge', () => {
  it('[CLI-11] is the first line; the others count for nothing', async () => {
    expect(await said(['Basic realm="r"', 'Digest realm="r", nonce="n", qop=auth'])).toBe(basic('anna:secret'));
    expect(await said(['Digest realm="r", nonce="n", qop=auth', 'Basic realm="r"'])).toMatch(
      /^Digest username="anna".*, uri="\/chat\?x=1"/,
    );
    expect(await said(['Strange', 'Basic realm="r"'])).toMatch(/nobody answers the scheme "strange"/);
    expect(await said(['', 'Basic realm="r"'])).toBe('the challenge cannot be read');
  });

  it.each([
    [[], 'no challenge says how to authenticate'],
    [['Basic realm="r'], 'the challenge cannot be read'],
    [['Bearer realm="r"'], 'nobody answers the scheme "bearer"; call registerAuthenticator("bearer", …)'],
    [['constructor realm="r"'], 'nobody answers the scheme "constructor"; call registerAuthenticator("constructor", …)'],
    [['Digest realm="r", nonce="n"'], expect.stringMatching(/qop/)],
  ])('[CLI-11] %j is not answered: %s', async (lines, objection) => {
    expect(await said(lines)).toEqual(objection);
  });

  it('[CLI-9, CLI-11] is not answered without a name and a password, and says which option has them', async () => {
    expect(await said('Basic realm="r"', null)).toBe('no user name and password are configured; set auth');
    expect(await said('Digest realm="r", nonce="n", qop=auth', null, CONNECT)).toBe(
      'no user name and password are configured; set proxyAuth',
    );
  });

  it('[CLI-11] of a proxy has host and port for its uri', async () => {
    expect(await said('Digest realm="r", nonce="n", qop=auth', ANNA, CONNECT)).toMatch(/, uri="a\.example:443", /);
  });

  it('[REL-5] has no answer that would end the line', async () => {
    const answered = await said('Digest realm="r", nonce="n", qop=auth', { username: 'a\r\nX: y', password: '' });
    expect(answered).toBe('the answer to "digest" is a value that no header can have');
  });
});

describe('the realm', () => {
  it.each<[string, string]>([
    ['Basic realm="a b"', 'a b'],
    ['Digest realm="a\\"b", nonce="n", qop=auth', 'a"b'],
    ['Basic realm="caf\u00e9"', 'caf\u00e9'],
    ['Basic realm="caf\u00c3\u00a9"', 'caf\u00e9'], // its bytes are UTF-8
    ['Basic realm=""', ''],
  ])('[CLI-9, CLI-11] of %s is %j', async (line, realm) => {
    expect(await said(line, { ...ANNA, realm })).toMatch(/^(Basic|Digest) /);
  });

  it.each<[string, string, string]>([
    ['Basic realm="b"', 'a', 'the challenge\'s realm is "b", and auth is for "a" only'],
    ['Basic realm="A"', 'a', 'the challenge\'s realm is "A", and auth is for "a" only'],
    ['Digest realm="a ", nonce="n", qop=auth', 'a', 'the challenge\'s realm is "a ", and auth is for "a" only'],
    ['Basic', 'a', 'the challenge names no realm, and auth is for "a" only'],
    ['Basic', '', 'the challenge names no realm, and auth is for "" only'],
  ])('[CLI-9, CLI-11] of %s is not %j', async (line, realm, objection) => {
    expect(await said(line, { ...ANNA, realm })).toBe(objection);
    expect(await said(line, { ...ANNA, realm }, CONNECT)).toBe(objection.replace(' auth ', ' proxyAuth '));
  });
});

describe('registerAuthenticator', () => {
  it('[CLI-11, EXT-17] has a scheme answered, with the challenge as it came', async () => {
    const calls: Parameters<Authenticator>[] = [];
    registerAuthenticator('Negotiate', (...call) => {
      calls.push(call);
      return Promise.resolve('Negotiate abc==');
    });
    expect(await said([' nEGOTIATE  YII= , Basic realm="r"'], { ...ANNA, realm: undefined })).toBe('Negotiate abc==');
    const { method, uri } = REFUSED;
    expect(calls).toEqual([[' nEGOTIATE  YII= , Basic realm="r"', { method, uri, ...ANNA, realm: null }]]);
    expect(calls[0]?.[1].uri).not.toBe(uri); // what is done to it changes nothing
  });

  it('[CLI-11, EXT-17] needs no name and password', async () => {
    let request: Parameters<Authenticator>[1] | undefined;
    registerAuthenticator('token', (_, asked) => {
      request = asked;
      return 'Token abc';
    });
    expect(await said('Token', null, CONNECT)).toBe('Token abc');
    expect(request).toMatchObject({ method: 'CONNECT', username: null, password: null, realm: null });
  });

  it('[CLI-11] is not asked for another realm than the configured one', async () => {
    let realm: string | null = null;
    registerAuthenticator('realmed', (_, request) => {
      realm = request.realm;
      return 'Realmed x';
    });
    expect(await said('Realmed realm=b', { ...ANNA, realm: 'a' })).toBe('the challenge\'s realm is "b", and auth is for "a" only');
    expect(realm).toBeNull();
    expect(await said('Realmed realm=a', { ...ANNA, realm: 'a' })).toBe('Realmed x');
    expect(realm).toBe('a');
  });

  it.each<[string, Authenticator]>([
    [
      'throws',
      () => {
        throw new Error('no ticket');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no ticket'))],
  ])('[CLI-11] what one that %s says is the objection', async (how, authenticator) => {
    registerAuthenticator(how, authenticator);
    const answer = await answerTo([how], ANNA, REFUSED);
    expect(answer).toMatchObject({ objection: `the authenticator of "${how}" failed: no ticket`, cause: { message: 'no ticket' } });
  });

  it.each([[undefined], [null], [7], [{}], [''], [' \t'], ['a\nb'], ['a\rb'], ['a\0b'], ['\u0101']])(
    '[CLI-11] %j is no answer',
    async (value) => {
      registerAuthenticator('odd', () => value as string);
      expect(await said('odd')).toBe('the answer to "odd" is a value that no header can have');
    },
  );

  it('[CLI-11] the last one of a scheme answers', async () => {
    registerAuthenticator('twice', () => 'first');
    registerAuthenticator('TWICE', () => 'second');
    expect(await said('Twice')).toBe('second');
  });

  it.each<[unknown, string]>([
    ['', 'scheme is "";'],
    ['two words', 'scheme is "two words";'],
    ['a,b', 'scheme is "a,b";'],
    [null, 'scheme is null;'],
    [7, 'scheme is a number;'],
  ])('[CLI-11] %j is no scheme', (scheme, words) => {
    expect(() => registerAuthenticator(scheme as string, () => '')).toThrow(
      expect.objectContaining({ name: 'IllegalArgumentException', code: 'MARGAY_ARGUMENT', message: expect.stringContaining(words) }),
    );
  });

  it.each<[unknown, string]>([
    [undefined, 'authenticator is undefined;'],
    [{}, 'authenticator is an object;'],
    ['x', 'authenticator is a string;'],
  ])('[CLI-11] %j is no authenticator', async (authenticator, words) => {
    expect(() => registerAuthenticator('unheard', authenticator as Authenticator)).toThrow(
      expect.objectContaining({ name: 'IllegalArgumentException', code: 'MARGAY_ARGUMENT', message: expect.stringContaining(words) }),
    );
    expect(await said('unheard')).toMatch(/nobody answers/);
  });

  // The last ones: they stay for the rest of the file.
  it.each(['basic', 'Digest'])('[CLI-11] takes the place of %s', async (scheme) => {
    const line = `${scheme} realm="r", nonce="n", qop=auth`;
    expect(await said(line)).toMatch(/^(Basic|Digest) /);
    registerAuthenticator(scheme, () => 'mine');
    expect(await said(line)).toBe('mine');
    expect(await said(line, null)).toBe('mine');
  });
});
