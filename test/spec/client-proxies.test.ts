/** The ways of a client through HTTP proxies. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ContainerProvider, OnMessage, ServerEndpoint } from 'margay';
import { type Account, basic, digest, said } from '../support/asking-server.js';
import { configured, connect, Quiet, refusal } from '../support/connecting.js';
import { HttpProxy } from '../support/http-proxy.js';
import { cert, key } from '../support/localhost-certificate.js';
import { start } from '../support/start.js';

@ServerEndpoint('/talk')
class Talk {
  @OnMessage echo(text: string): string {
    return text;
  }
}

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
let environment: Record<string, string | undefined> = {};
beforeEach(() => {
  environment = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  for (const name of NAMES) delete process.env[name];
});
afterEach(() => {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const url = ({ port, secure }: HttpProxy, user = '') => `${secure ? 'https' : 'http'}://${user}localhost:${port}`;
const sslContext = { ca: cert };
const ann: Account = { username: 'ann', password: 'se cret', realm: 'the gate' };
const proxyAuth = { username: ann.username, password: ann.password };
const encoded = `Basic ${Buffer.from('ann:se cret').toString('base64')}`;

async function echoes(connecting: ReturnType<typeof connect>): Promise<boolean> {
  const session = await connecting;
  const heard = new Promise((resolve) => session.addMessageHandler(String, resolve));
  await session.getBasicRemote().sendText('hello');
  return (await heard) === 'hello';
}

describe('[CLI-12] the option proxy', () => {
  it('ws and wss go through a tunnel, over TCP or TLS; the proxy sees where to, and nothing else', async () => {
    const [plain, secure] = [await start(Talk), await start(Talk, { tls: { key, cert } })];
    for (const proxy of [await HttpProxy.start(), await HttpProxy.start({ secure: true })]) {
      for (const [server, scheme] of [
        [plain, 'ws'],
        [secure, 'wss'],
      ] as const) {
        const uri = `${scheme}://127.0.0.1:${server.port}/talk?secret`;
        expect(await echoes(connect(uri, {}, { proxy: url(proxy), sslContext }))).toBe(true);
        const { target, headers, rawHeaders } = proxy.connects.at(-1) as (typeof proxy.connects)[number];
        expect([target, headers.host]).toEqual([`127.0.0.1:${server.port}`, target]);
        expect(rawHeaders.join(' ')).not.toMatch(/secret|sec-websocket|authorization/i);
      }
      expect(proxy.tunnels).toBe(2);
    }
  });

  it('may be a URL, or just host:port', async () => {
    const [server, proxy] = [await start(Talk), await HttpProxy.start()];
    for (const each of [new URL(url(proxy)), `localhost:${proxy.port}`]) {
      expect(await echoes(connect(server.url('/talk'), {}, { proxy: each }))).toBe(true);
    }
    expect(proxy.tunnels).toBe(2);
  });

  it('that is none for HTTP: MARGAY_PROXY, without its password', async () => {
    const server = await start(Talk);
    for (const proxy of ['socks5://ann:secret@localhost:1', 'http://', 'http://a b/', 'http://ann:%@localhost']) {
      const error = await refusal(connect(server.url('/talk'), {}, { proxy }));
      expect(error.code).toBe('MARGAY_PROXY');
      expect(error.message).toContain('the option proxy');
      expect(error.message).not.toContain('secret');
    }
  });

  it.each([400, 403, 404, 500, 502, 503])('a proxy that says %i: MARGAY_PROXY with its answer [D-21]', async (status) => {
    const server = await start(Talk);
    const lines = ['Content-Type: text/plain', 'X-Gate: shut'];
    const proxy = await HttpProxy.start({ refuse: { status, lines, body: 'not there\nnot then' } });
    const error = await refusal(connect(server.url('/talk'), {}, { proxy: url(proxy) }));
    expect([error.code, error.status, error.headers?.get('x-gate'), error.body?.toString()]).toEqual([
      'MARGAY_PROXY',
      status,
      ['shut'],
      'not there\nnot then',
    ]);
    expect(error.message).toContain(`the proxy localhost:${proxy.port} answered ${status}: not there`);
    expect(proxy.connects).toHaveLength(1);
  });

  it('a proxy that redirects is not followed', async () => {
    const server = await start(Talk);
    const proxy = await HttpProxy.start({ refuse: { status: 302, lines: [`Location: ${server.container.url}/talk`] } });
    expect((await refusal(connect(server.url('/talk'), {}, { proxy: url(proxy) }))).code).toBe('MARGAY_PROXY');
  });

  it('a proxy that is not there: MARGAY_CONNECT, which names the proxy', async () => {
    const [server, proxy] = [await start(Talk), await HttpProxy.start()];
    await proxy.stop();
    const error = await refusal(connect(server.url('/talk'), {}, { proxy: `http://127.0.0.1:${proxy.port}` }));
    expect([error.code, (error.cause as NodeJS.ErrnoException).code]).toEqual(['MARGAY_CONNECT', 'ECONNREFUSED']);
    expect(error.message).toContain(`the connection to the proxy 127.0.0.1:${proxy.port} failed`);
  });

  it('a proxy that nobody vouches for is not spoken to', async () => {
    const [server, proxy] = [await start(Talk), await HttpProxy.start({ secure: true })];
    const error = await refusal(connect(server.url('/talk'), {}, { proxy: url(proxy) }));
    expect([error.code, (error.cause as NodeJS.ErrnoException).code]).toEqual(['MARGAY_CONNECT', 'DEPTH_ZERO_SELF_SIGNED_CERT']);
    expect(error.message).toContain(`TLS with the proxy localhost:${proxy.port} failed: `);
    expect(proxy.connects).toHaveLength(0);
  });
});

describe('[CLI-12] [EXT-17] a 407', () => {
  /** As a server verifies them, for what the proxy was asked. */
  const verified = (verify: ReturnType<typeof basic>) => (given: string | undefined) =>
    given !== undefined && verify(given, { method: 'CONNECT', url: given.startsWith('Digest') ? said(given)['uri'] : '' } as never);

  it.each([
    ['Basic', 'Basic realm="the gate"', basic(ann)],
    ['Digest', 'Digest realm="the gate", nonce="n", qop="auth"', digest(ann, 'n', 'md5')],
    ['Digest with SHA-256', 'Digest realm="the gate", nonce="n", qop="auth", algorithm=SHA-256', digest(ann, 'n', 'sha256')],
  ])(
    '%s: is answered with proxyAuth, with the user of the URL, and with both spellings of the properties',
    async (_what, challenge, verify) => {
      const server = await start(Talk);
      const proxy = await HttpProxy.start({ challenge, authorization: verified(verify) });
      const uri = server.url('/talk');
      const [user, word, realm] = ['USER_NAME', 'PASSWORD', 'REALM'];
      const properties = (prefix: string) => ({
        [prefix + user]: ann.username,
        [prefix + word]: ann.password,
        [prefix + realm]: ann.realm,
      });
      expect(await echoes(connect(uri, {}, { proxy: url(proxy), proxyAuth: { ...proxyAuth, realm: 'the gate' } }))).toBe(true);
      expect(await echoes(connect(uri, {}, { proxy: url(proxy, 'ann:se%20cret@') }))).toBe(true);
      expect(await echoes(connect(uri, {}, { proxy: url(proxy, 'bob:x@'), proxyAuth }))).toBe(true);
      for (const prefix of ['WS_AUTHENTICATION_PROXY_', 'WS_PROXY_AUTHENTICATION_']) {
        expect(await echoes(connect(uri, { properties: properties(prefix) }, { proxy: url(proxy) }))).toBe(true);
      }
      expect([proxy.connects.length, proxy.tunnels]).toEqual([10, 5]);
      const told = proxy.connects.map(({ headers }) => headers['proxy-authorization']);
      expect(told.map((each) => each !== undefined)).toEqual([1, 2, 3, 4, 5].flatMap(() => [false, true]));
      if (challenge.startsWith('Digest')) expect(said(told[1] ?? '')['uri']).toBe(`127.0.0.1:${server.port}`);
    },
  );

  it.each<[string, string, Parameters<typeof connect>[2], string, number]>([
    ['nobody has a name', 'Basic realm="the gate"', {}, 'set proxyAuth', 1],
    ['another realm', 'Basic realm="the gate"', { proxyAuth: { ...proxyAuth, realm: 'x' } }, 'proxyAuth is for "x" only', 1],
    ['an unknown scheme', 'Hawk x="y"', { proxyAuth }, 'registerAuthenticator("hawk"', 1],
    ['a wrong password', 'Basic realm="the gate"', { proxyAuth: { username: 'ann', password: 'guess' } }, '407 again', 2],
    ['only the option auth', 'Basic realm="the gate"', { auth: proxyAuth }, 'set proxyAuth', 1],
  ])('%s: MARGAY_PROXY with status 407, and nobody is asked behind it', async (_what, challenge, options, why, times) => {
    const server = await start(Talk);
    const proxy = await HttpProxy.start({ challenge, authorization: encoded });
    const error = await refusal(connect(server.url('/talk'), {}, { ...options, proxy: url(proxy) }));
    expect([error.code, error.status, error.body?.toString()]).toEqual(['MARGAY_PROXY', 407, 'Who are you?']);
    expect(error.message).toContain(why);
    expect(error.message).not.toContain('guess');
    expect([proxy.connects.length, proxy.tunnels]).toEqual([times, 0]);
  });
});

describe('[CLI-12] the environment', () => {
  it('HTTP_PROXY is for ws, HTTPS_PROXY for wss, ALL_PROXY for both; lower case comes first, NO_PROXY and proxy: false are exceptions', async () => {
    const [plain, secure] = [await start(Talk), await start(Talk, { tls: { key, cert } })];
    const [one, two] = [await HttpProxy.start(), await HttpProxy.start()];
    const went = async (variables: Record<string, string>, scheme: 'ws' | 'wss', options = {}, host = '0.0.0.0') => {
      for (const name of NAMES) delete process.env[name];
      Object.assign(process.env, variables);
      const before = [one.connects.length, two.connects.length];
      const uri = `${scheme}://${host}:${(scheme === 'ws' ? plain : secure).port}/talk`;
      const container = ContainerProvider.getWebSocketContainer();
      const outcome = await container.connectToServer(Quiet, configured({}), uri, { sslContext, ...options }).then(
        (session) => session.close(),
        (error) => error.cause.code,
      );
      expect(outcome).toBe(scheme === 'ws' ? undefined : 'ERR_TLS_CERT_ALTNAME_INVALID'); // it is no name of that certificate
      const asked = [one.connects.length - (before[0] as number), two.connects.length - (before[1] as number)];
      return { '0 0': 'straight', '1 0': 'one', '0 1': 'two' }[asked.join(' ')];
    };
    expect(await went({}, 'ws')).toBe('straight');
    expect(await went({ HTTP_PROXY: url(one), HTTPS_PROXY: url(two) }, 'ws')).toBe('one');
    expect(await went({ HTTP_PROXY: url(one), HTTPS_PROXY: url(two) }, 'wss')).toBe('two');
    expect(await went({ http_proxy: url(two), HTTP_PROXY: url(one) }, 'ws')).toBe('two');
    expect(await went({ HTTP_PROXY: url(one) }, 'wss')).toBe('straight');
    expect(await went({ ALL_PROXY: url(one), HTTPS_PROXY: url(two) }, 'ws')).toBe('one');
    expect(await went({ ALL_PROXY: url(one), HTTPS_PROXY: url(two) }, 'wss')).toBe('two');
    expect(await went({ HTTP_PROXY: url(one), NO_PROXY: 'example.org, 0.0.0.0/8' }, 'ws')).toBe('straight');
    expect(await went({ HTTP_PROXY: url(one), NO_PROXY: 'example.org,0.0.0.2' }, 'ws')).toBe('one');
    expect(await went({ HTTP_PROXY: url(one) }, 'ws', { proxy: false })).toBe('straight');
    expect(await went({ HTTP_PROXY: url(one), NO_PROXY: '*' }, 'ws', { proxy: url(two) })).toBe('two');
    expect(await went({ HTTP_PROXY: url(one) }, 'ws', {}, '127.0.0.1')).toBe('straight');
    expect(await went({ HTTP_PROXY: url(one) }, 'ws', { proxy: url(two) }, '127.0.0.1')).toBe('two');
  });

  it('a proxy there that cannot be used is left out, with a warning that has no password in it', async () => {
    const { container, log, port } = await start(Talk);
    const uri = `ws://0.0.0.0:${port}/talk`; // loopback needs no proxy
    process.env['HTTP_PROXY'] = 'socks5://ann:secret@localhost:1';
    const session = await container.connectToServer(Quiet, configured({}), uri);
    const lines = log.filter(({ code }) => code === 'MARGAY_PROXY_IGNORED');
    expect(lines.map((line) => [line.level, line['uri']])).toEqual([['warn', uri]]);
    expect(lines[0]?.message).toContain('HTTP_PROXY is ignored');
    expect(JSON.stringify(lines)).not.toContain('secret');
    await session.close();
  });
});
