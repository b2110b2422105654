/** How a client answers servers that ask who it is, as servers see it that really look. */
import { describe, expect, it } from '@jest/globals';
import { IllegalArgumentException, registerAuthenticator } from 'margay';
import { type Account, askingServer, basic, digest, said } from '../support/asking-server.js';
import { connect, refusal } from '../support/connecting.js';
import { HttpProxy } from '../support/http-proxy.js';

const at = ({ port }: { readonly port: number }, path = '/') => `ws://127.0.0.1:${port}${path}`;
const ann: Account = { username: 'ann', password: 'se:cret "x"', realm: 'the shop' };
const { username, password } = ann;
const BASIC = 'Basic realm="the shop"';

describe('[CLI-11] [EXT-17] a 401', () => {
  it('Basic: is answered with the option auth, once it came and not before', async () => {
    const server = await askingServer([BASIC], basic(ann));
    const session = await connect(at(server, '/a?b=c'), {}, { auth: { username, password } });
    expect(session.isOpen()).toBe(true);
    expect(server.given).toEqual([null, `Basic ${Buffer.from('ann:se:cret "x"').toString('base64')}`]);
    expect(server.requests.map(({ url }) => url)).toEqual(['/a?b=c', '/a?b=c']);
  });

  it.each([
    [BASIC, 'latin1'],
    [`${BASIC}, charset="UTF-8"`, 'utf8'],
    [`${BASIC}, charset=utf-8`, 'utf8'],
    [`bAsIC realm="the shop"`, 'latin1'],
  ] as const)('Basic: %s is answered in %s', async (challenge, encoding) => {
    const zoe = { username: 'zoë', password: 'ÿes', realm: 'the shop' };
    const server = await askingServer([challenge], basic(zoe, encoding));
    await connect(at(server), {}, { auth: { username: zoe.username, password: zoe.password } });
    expect(server.given).toHaveLength(2);
  });

  it.each([
    ['', 'md5', false],
    [', algorithm=MD5', 'md5', false],
    [', algorithm=md5-SESS', 'md5', true],
    [', algorithm=SHA-256', 'sha256', false],
    [', algorithm="SHA-256-sess"', 'sha256', true],
    [', algorithm=SHA-512-256', 'sha512-256', false],
  ])('Digest%s: is answered so that the server agrees', async (algorithm, hash, isSession) => {
    const challenge = `Digest realm="the shop", nonce="n\\"once", opaque="o1", qop="auth-int, auth"${algorithm}`;
    const server = await askingServer([challenge], digest(ann, 'n"once', hash, isSession));
    await connect(at(server, '/a%20b?c=d,e'), {}, { auth: { username, password, realm: 'the shop' } });
    expect(server.given).toHaveLength(2);
    expect(said(server.given[1] as string)).toMatchObject({ uri: '/a%20b?c=d,e', nc: '00000001', opaque: 'o1' });
    expect(server.given[1]).not.toContain('secret');
  });

  it('Digest: another connect has another cnonce', async () => {
    const server = await askingServer(['Digest realm="the shop", nonce="n", qop="auth"'], digest(ann, 'n', 'md5'));
    for (let i = 0; i < 2; i++) await connect(at(server), {}, { auth: { username, password } });
    const [, first, , second] = server.given.map((each) => (each === null ? '' : said(each)['cnonce']));
    expect(first).not.toBe(second);
  });

  it('a wrong password is told once: the second 401 is MARGAY_AUTHENTICATION with its answer [D-21]', async () => {
    for (const [challenge, verify] of [
      [BASIC, basic(ann)],
      ['Digest realm="the shop", nonce="n", qop="auth"', digest(ann, 'n', 'md5')],
    ] as const) {
      const server = await askingServer([challenge], verify);
      const error = await refusal(connect(at(server), {}, { auth: { username, password: 'guess' } }));
      expect([error.code, error.status, error.body?.toString()]).toEqual(['MARGAY_AUTHENTICATION', 401, 'Who is it?!']);
      expect(error.headers?.get('www-authenticate')).toEqual([challenge]);
      expect(error.message).toContain('401 again');
      expect(error.message).not.toContain('guess');
      expect(server.given).toHaveLength(2);
    }
  });

  it.each<[string, readonly string[], Parameters<typeof connect>[2], string]>([
    ['nobody has a name', [BASIC], {}, 'set auth'],
    ['it is for another realm', [BASIC], { auth: { username, password, realm: 'the bank' } }, 'auth is for "the bank" only'],
    ['the realm differs in letter case', [BASIC], { auth: { username, password, realm: 'The shop' } }, 'only'],
    ['there is no challenge', [], { auth: { username, password } }, 'no challenge'],
    ['it cannot be read', ['"'], { auth: { username, password } }, 'cannot be read'],
    ['nobody knows the scheme', ['Hawk realm="the shop"'], { auth: { username, password } }, 'registerAuthenticator("hawk"'],
    ['the first line is unknown, though a second is not', ['Hawk', BASIC], { auth: { username, password } }, '"hawk"'],
    ['Digest without qop', ['Digest realm="the shop", nonce="n"'], { auth: { username, password } }, 'qop'],
    ['Digest with an unknown hash', ['Digest realm="r", nonce="n", qop="auth", algorithm=CRC'], { auth: { username, password } }, '"CRC"'],
    ['a name with a colon', [BASIC], { auth: { username: 'a:b', password } }, 'colon'],
    ['a name that ISO-8859-1 has not', [BASIC], { auth: { username: 'łukasz', password } }, 'ISO-8859-1'],
  ])('is not answered where %s', async (_what, challenges, options, why) => {
    const server = await askingServer(challenges, () => true);
    const error = await refusal(connect(at(server), {}, options));
    expect([error.code, error.status]).toEqual(['MARGAY_AUTHENTICATION', 401]);
    expect(error.message).toContain(why);
    expect(server.given).toEqual([null]);
  });
});

describe('[CLI-11] registerAuthenticator', () => {
  it('answers a scheme of its own, with what the challenge and the options say', async () => {
    const asked: unknown[] = [];
    registerAuthenticator('X-Own', async (challenge, request) => {
      asked.push([challenge, { ...request, uri: request.uri.href }]);
      return `X-Own ${request.username ?? 'nobody'}`;
    });
    const server = await askingServer(['x-OWN realm="r", hint=1'], (authorization) => authorization.startsWith('X-Own '));
    await connect(at(server, '/a?b'), {}, { auth: { username, password, realm: 'r' } });
    await connect(at(server, '/c'));
    expect(server.given).toEqual([null, 'X-Own ann', null, 'X-Own nobody']);
    const both = { method: 'GET' };
    expect(asked).toEqual([
      ['x-OWN realm="r", hint=1', { ...both, uri: at(server, '/a?b'), username, password, realm: 'r' }],
      ['x-OWN realm="r", hint=1', { ...both, uri: at(server, '/c'), username: null, password: null, realm: null }],
    ]);
  });

  it('that throws, rejects, or returns what no header can have: MARGAY_AUTHENTICATION', async () => {
    const answers: (() => string | Promise<string>)[] = [
      () => {
        throw new Error('no key');
      },
      () => Promise.reject(new Error('no key')),
      () => 'x\r\nX-Evil: 1',
      () => undefined as unknown as string,
    ];
    for (const [i, answer] of answers.entries()) {
      registerAuthenticator(`x-bad-${i}`, answer);
      const server = await askingServer([`X-Bad-${i}`], () => true);
      const error = await refusal(connect(at(server)));
      expect([error.code, error.status]).toEqual(['MARGAY_AUTHENTICATION', 401]);
      if (i < 2) expect(error.cause).toEqual(new Error('no key'));
      expect(server.given).toEqual([null]);
    }
    expect(() => registerAuthenticator('a b', () => '')).toThrow(IllegalArgumentException);
  });
});

describe('[CLI-9] [CLI-11] user properties', () => {
  const properties = { WS_AUTHENTICATION_USER_NAME: username, WS_AUTHENTICATION_PASSWORD: password };

  it('say who asks, and for which realm; the option auth is more important', async () => {
    const server = await askingServer([BASIC], basic(ann));
    await connect(at(server), { properties });
    await connect(at(server), { properties: { ...properties, WS_AUTHENTICATION_REALM: 'the shop' } });
    const other = await refusal(connect(at(server), { properties: { ...properties, WS_AUTHENTICATION_REALM: 'the bank' } }));
    expect([other.code, other.message]).toEqual(['MARGAY_AUTHENTICATION', expect.stringContaining('"the bank" only')]);
    await connect(at(server), { properties: { ...properties, WS_AUTHENTICATION_PASSWORD: 'wrong' } }, { auth: { username, password } });
  });

  it('with a name and no password, or what is no text: MARGAY_OPTION, and nobody is asked', async () => {
    const server = await askingServer([BASIC], basic(ann));
    for (const odd of [
      { WS_AUTHENTICATION_USER_NAME: username },
      { WS_AUTHENTICATION_PASSWORD: password },
      { ...properties, WS_AUTHENTICATION_USER_NAME: 7 },
      { ...properties, WS_AUTHENTICATION_REALM: {} },
    ]) {
      const error = await refusal(connect(at(server), { properties: odd }));
      expect([error.code, error.message.includes(password)]).toEqual(['MARGAY_OPTION', false]);
    }
    expect(server.given).toEqual([]);
  });

  it('do not answer a proxy, nor does the option auth [CLI-12]', async () => {
    const server = await askingServer([BASIC], basic(ann));
    const proxy = await HttpProxy.start({ authorization: 'never' });
    const error = await refusal(
      connect(at(server), { properties }, { proxy: `http://127.0.0.1:${proxy.port}`, auth: { username, password } }),
    );
    expect([error.code, error.status, proxy.connects.length]).toEqual(['MARGAY_PROXY', 407, 1]);
    expect(server.given).toEqual([]);
  });
});
