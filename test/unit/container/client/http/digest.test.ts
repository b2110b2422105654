/** Digest answers: the examples of both RFCs, and what each word of a challenge changes. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Challenge, challengeOf } from '../../../../../src/container/client/http/challenge.js';
import { digestAnswer } from '../../../../../src/container/client/http/digest.js';

const MUFASA = { username: 'Mufasa', password: 'Circle Of Life' };
const GET = { method: 'GET', target: '/dir/index.html' };
const PLAIN = 'realm="r", nonce="n", qop="auth"';

function answer(parameters: string, who = MUFASA, request = GET, cnonce = 'c'): string {
  const given = digestAnswer(challengeOf(`Digest ${parameters}`) as Challenge, who, request, cnonce);
  return 'objection' in given ? given.objection : given.authorization;
}

/** What the answer says, by name. */
function said(parameters: string, who = MUFASA, request = GET, cnonce = 'c'): Record<string, string> {
  const text = answer(parameters, who, request, cnonce);
  expect(text).toMatch(/^Digest /);
  const pairs = text.slice('Digest '.length).matchAll(/([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^",]+))(?:, |$)/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, bare]) => [name as string, quoted ?? (bare as string)]));
}

const hex = (hash: string, text: string | Buffer) => createHash(hash).update(text).digest('hex');

/** As the RFC spells it out, of ASCII. */
function responseOf(hash: string, { realm = 'r', isSession = false } = {}): string {
  const plain = hex(hash, `Mufasa:${realm}:Circle Of Life`);
  return hex(hash, `${isSession ? hex(hash, `${plain}:n:c`) : plain}:n:00000001:c:auth:${hex(hash, 'GET:/dir/index.html')}`);
}

describe('the examples', () => {
  it('[CLI-11] RFC 2617, 3.5', () => {
    const parameters =
      'realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
    expect(answer(parameters, { username: 'Mufasa', password: 'Circle Of Life' }, GET, '0a4f113b')).toBe(
      'Digest username="Mufasa", realm="testrealm@host.com", uri="/dir/index.html", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'nc=00000001, cnonce="0a4f113b", qop=auth, response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
  });

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('[CLI-11] RFC 7616, 3.9.1, %s', (algorithm, response) => {
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
    const opaque = 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS';
    const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
    const parameters = `realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="${opaque}"`;
    expect(said(parameters, { username: 'Mufasa', password: 'Circle of Life' }, GET, cnonce)).toEqual({
      ...{ username: 'Mufasa', realm: 'http-auth@example.org', uri: '/dir/index.html', algorithm, nonce, opaque, cnonce, response },
      ...{ nc: '00000001', qop: 'auth' },
    });
  });

  it.each([
    ['true', { username: '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b', userhash: 'true' }],
    ['false', { 'username*': "UTF-8''J%C3%A4s%C3%B8n%20Doe" }],
  ])('[CLI-11] RFC 7616, 3.9.2, as erratum 4897 has it, userhash=%s', (userhash, name) => {
    const parameters =
      'realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
      `opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=${userhash}`;
    const jason = { username: 'J\u00e4s\u00f8n Doe', password: 'Secret, or not?' };
    const cnonce = 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v';
    const words = said(parameters, jason, { method: 'GET', target: '/doe.json' }, cnonce);
    expect(words).toMatchObject({ ...name, response: '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5' });
    expect(Object.keys(words).filter((each) => each.startsWith('user'))).toEqual(Object.keys(name));
  });
});

describe('the algorithm', () => {
  it.each([
    ['MD5', 'md5'],
    ['md5', 'md5'],
    ['"MD5"', 'md5'],
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA256', 'sha256'],
    ['SHA-384', 'sha384'],
    ['SHA-512', 'sha512'],
    ['SHA-512-256', 'sha512-256'],
    ['SHA3-256', 'sha3-256'],
  ])('[CLI-11] %s is %s, with -sess too', (algorithm, hash) => {
    const bare = algorithm.replaceAll('"', '');
    expect(said(`${PLAIN}, algorithm=${algorithm}`)).toMatchObject({ algorithm: bare, response: responseOf(hash) });
    for (const sess of ['-sess', '-SESS']) {
      const words = said(`${PLAIN}, algorithm=${bare}${sess}`);
      expect(words).toMatchObject({ algorithm: `${bare}${sess}`, response: responseOf(hash, { isSession: true }) });
    }
  });

  it('[CLI-11] is MD5 where none is named, and is not named then', () => {
    expect(said(PLAIN)['response']).toBe(responseOf('md5'));
    expect(Object.keys(said(PLAIN))).not.toContain('algorithm');
  });

  it.each(['none', 'SHA', '""', '-sess', '__proto__', '"MD5, x=1"', '"SHA-512/256"', '"md5\\""'])(
    '[CLI-11] there is none called %s',
    (algorithm) => {
      expect(answer(`${PLAIN}, algorithm=${algorithm}`)).toMatch(/^the Digest challenge asks for the algorithm ".*", which node has not$/);
    },
  );
});

describe('what a challenge needs', () => {
  it.each([
    ['nonce="n", qop=auth', 'the Digest challenge has no realm'],
    ['realm="r", qop=auth', 'the Digest challenge has no nonce'],
    ['realm="r", nonce="n"', expect.stringMatching(/no "auth" in its qop/)],
    ['realm="r", nonce="n", qop=auth-int', expect.stringMatching(/no "auth" in its qop/)],
    ['realm="r", nonce="n", qop=""', expect.stringMatching(/no "auth" in its qop/)],
    ['realm="r", nonce="n", qop="author"', expect.stringMatching(/no "auth" in its qop/)],
  ])('[CLI-11] %s: %j', (parameters, objection) => {
    expect(answer(parameters)).toEqual(objection);
  });

  it.each(['auth', '"auth"', '"auth-int,auth"', '"auth-int , AUTH"'])('[CLI-11] qop=%s is answered with auth', (qop) => {
    expect(said(`realm="r", nonce="n", qop=${qop}`)).toMatchObject({ qop: 'auth', nc: '00000001', response: responseOf('md5') });
  });
});

describe('what is said', () => {
  it('[CLI-11] is another cnonce each time, of 128 bits', () => {
    const once = () => digestAnswer(challengeOf(`Digest ${PLAIN}`) as Challenge, MUFASA, GET) as { authorization: string };
    const cnonces = Array.from({ length: 20 }, () => /cnonce="([0-9a-f]{32})"/.exec(once().authorization)?.[1]);
    expect(new Set(cnonces).size).toBe(20);
    expect(cnonces).not.toContain(undefined);
  });

  it('[CLI-11] has opaque as it came, and only if it came', () => {
    expect(said(`${PLAIN}, opaque="a\\"b"`)['opaque']).toBe('a\\"b');
    expect(said(`${PLAIN}, opaque=""`)['opaque']).toBe('');
    expect(Object.keys(said(PLAIN))).not.toContain('opaque');
  });

  it('[CLI-11] has the target and the method of the request, for a proxy host and port', () => {
    const words = said(PLAIN, MUFASA, { method: 'CONNECT', target: 'a.example:443' });
    const response = hex('md5', `${hex('md5', 'Mufasa:r:Circle Of Life')}:n:00000001:c:auth:${hex('md5', 'CONNECT:a.example:443')}`);
    expect(words).toMatchObject({ uri: 'a.example:443', response });
  });

  it('[CLI-11] quotes what has quotes and backslashes in it, and hashes it without', () => {
    const words = said('realm="a\\"\\\\b", nonce="n", qop=auth', { username: 'x"y\\z', password: 'p"\\' });
    expect(words).toMatchObject({ username: 'x\\"y\\\\z', realm: 'a\\"\\\\b' });
    const secret = hex('md5', 'x"y\\z:a"\\b:p"\\');
    expect(words['response']).toBe(hex('md5', `${secret}:n:00000001:c:auth:${hex('md5', 'GET:/dir/index.html')}`));
  });
});

describe('letters beyond ASCII', () => {
  const ANNA = { username: '\u00c5nna', password: 'm\u00f6n' };
  const finished = (secret: string) => hex('md5', `${secret}:n:00000001:c:auth:${hex('md5', 'GET:/dir/index.html')}`);
  const secretIn = (encoding: 'latin1' | 'utf8', realm: string) =>
    hex('md5', Buffer.concat([Buffer.from('\u00c5nna:', encoding), Buffer.from(realm, 'latin1'), Buffer.from(':m\u00f6n', encoding)]));

  it('[CLI-11] are ISO-8859-1, unless the challenge says UTF-8; the realm is the bytes it came in', () => {
    const realm = 'caf\u00c3\u00a9'; // as node reads the bytes of café in UTF-8
    const old = said(`realm="${realm}", nonce="n", qop=auth`, ANNA);
    expect(old).toMatchObject({ username: '\u00c5nna', realm, response: finished(secretIn('latin1', realm)) });
    const now = said(`realm="${realm}", nonce="n", qop=auth, charset="utf-8"`, ANNA);
    expect(now).toMatchObject({ 'username*': "UTF-8''%C3%85nna", realm, response: finished(secretIn('utf8', realm)) });
    expect(Object.keys(now)).not.toContain('username');
  });

  it('[CLI-11] are composed for UTF-8, so that one name is one name', () => {
    const parts = { username: 'A\u030anna', password: 'mo\u0308n' };
    expect(said(`${PLAIN}, charset=UTF-8`, parts)).toEqual(said(`${PLAIN}, charset=UTF-8`, ANNA));
  });

  it.each([
    [{ username: '\u0141ukasz', password: 'x' }, PLAIN, /^the user name has a character that ISO-8859-1 has not/],
    [{ username: 'x', password: '\u20ac' }, PLAIN, /^the password has a character that ISO-8859-1 has not/],
    [{ username: '\ud800', password: 'x' }, `${PLAIN}, charset=UTF-8`, /^the user name has an unpaired surrogate/],
    [{ username: 'x', password: 'a\udc00' }, `${PLAIN}, charset=UTF-8`, /^the password has an unpaired surrogate/],
  ])('[CLI-11] %j cannot be written for %s', (who, parameters, objection) => {
    expect(answer(parameters, who)).toMatch(objection);
  });

  it('[CLI-11] and the signs that RFC 5987 has other uses for are escaped in username*', () => {
    const words = said(`${PLAIN}, charset=UTF-8`, { username: '\u00c5 \'*%"\\(a)~!,', password: '' });
    expect(words['username*']).toBe("UTF-8''%C3%85%20%27%2A%25%22%5C%28a%29~!%2C");
  });
});
