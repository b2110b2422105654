/** The ws engine's dialer through an HTTP proxy: the tunnel, TLS on either side of it, and proxies that give none. */
import { describe, expect, it } from '@jest/globals';
import type { CallProxy } from '../../src/transport/dialer.js';
import { accepted, dial, failureOf } from '../support/calling.js';
import { eventually } from '../support/eventually.js';
import { leavingNothing } from '../support/handles.js';
import { HttpProxy } from '../support/http-proxy.js';
import { cert, key } from '../support/localhost-certificate.js';
import { type RawAnswer, rawServer, switching } from '../support/raw-server.js';
import { sideBySide } from '../support/side-by-side.js';
import { text } from '../support/wire-frames.js';

leavingNothing();

const by = ({ port, secure }: Pick<HttpProxy, 'port' | 'secure'>, more: Partial<CallProxy> = {}): CallProxy => ({
  host: 'localhost',
  port,
  secure,
  headers: [],
  ...more,
});

const greeting: RawAnswer = (socket, head) => socket.write(Buffer.concat([Buffer.from(switching(head)), text('hello', { mask: null })]));

describe('a call through a proxy', () => {
  it.each([
    ['ws', false],
    ['ws', true],
    ['wss', false],
    ['wss', true],
  ])('[CLI-12] asks for a tunnel and speaks to the server through it: %s, TLS to the proxy: %s', async (scheme, secure) => {
    const server = await rawServer(greeting, scheme === 'wss' ? { tls: { key, cert } } : {});
    const proxy = await HttpProxy.start({ secure });
    const reply = await dial(`${scheme}://127.0.0.1:${server.port}/x`, { proxy: by(proxy), tls: { ca: cert } });
    expect([reply.by, reply.status]).toEqual(['server', 101]);
    const { house, channel } = await accepted(reply);
    expect(house.events).toEqual([['opened'], ['text', 'hello']]);
    expect([proxy.connects.map(({ target }) => target), proxy.tunnels]).toEqual([[`127.0.0.1:${server.port}`], 1]);
    expect(server.heads[0]).toMatch(/^GET \/x HTTP\/1\.1\r\n/);
    channel.terminate();
    await eventually(() => expect(house.events.at(-1)).toEqual(['closed', undefined]));
  });

  it("[CLI-12] CONNECT has the Host of the server, the proxy's header lines and none of the server's", async () => {
    const server = await rawServer(greeting);
    const proxy = await HttpProxy.start({ authorization: 'Basic YTpi' });
    const headers = [
      ['proxy-AUTHORIZATION', 'Basic YTpi'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
    ] as const;
    const uri = `ws://127.0.0.1:${server.port}/`;
    (await dial(uri, { proxy: by(proxy, { headers }) })).drop();
    expect(proxy.connects.map(({ rawHeaders }) => rawHeaders)).toEqual([
      ['Host', `127.0.0.1:${server.port}`, 'Connection', 'keep-alive', ...headers.flat()],
    ]);
    (await dial(uri, { proxy: by(proxy, { headers: [...headers, ['connection', 'x']] }) })).drop();
    expect(proxy.connects[1]?.rawHeaders.filter((name) => /^connection$/i.test(name))).toEqual(['connection']);
    expect(server.heads.join()).not.toContain('YTpi');
  });

  it('[CLI-3] [CLI-12] an IPv6 address and the default ports stand in it as they should', async () => {
    const proxy = await HttpProxy.start({ refuse: { status: 403 } });
    for (const uri of ['ws://[::1]/', 'wss://[::1]/', 'ws://localhost/', 'wss://localhost/', 'ws://[::1]:8080/']) {
      expect((await dial(uri, { proxy: by(proxy) })).by).toBe('proxy');
    }
    const targets = ['[::1]:80', '[::1]:443', 'localhost:80', 'localhost:443', '[::1]:8080'];
    expect(proxy.connects.map(({ target, headers }) => [target, headers.host])).toEqual(targets.map((each) => [each, each]));
  });

  it("[CLI-12] [CLI-8] bytes of the tunnel that come in one packet with the proxy's 200 are not lost", async () => {
    const server = await rawServer(() => {}, {
      connected: (socket) => socket.write(Buffer.concat([Buffer.from(switching('')), text('early', { mask: null })])),
    });
    const proxy = await HttpProxy.start({ early: true });
    const { house, channel } = await accepted(await dial(`ws://127.0.0.1:${server.port}/`, { proxy: by(proxy) }));
    await eventually(() => expect(house.events).toEqual([['opened'], ['text', 'early']]));
    channel.terminate();
  });
});

describe('a proxy that gives no tunnel', () => {
  it('[CLI-12] [D-21] has its status, headers and body in the reply, which opens nothing', async () => {
    const proxy = await HttpProxy.start({ authorization: 'Basic YTpi', challenge: 'Digest realm="x", qop="auth", nonce="1"' });
    const reply = await dial('ws://127.0.0.1:1/', { proxy: by(proxy) });
    expect([reply.by, reply.status, reply.body.toString()]).toEqual(['proxy', 407, 'Who are you?']);
    expect(reply.headers.get('proxy-authenticate')).toEqual(['Digest realm="x", qop="auth", nonce="1"']);
    expect(proxy.tunnels).toBe(0);
    const refused = reply.accept({ deflate: null, transformations: [] }, () => {
      throw new Error('not called');
    });
    await expect(refused).rejects.toThrow('407');
    reply.drop();
  });

  it('[CLI-12] [REL-1] is read like any other response, and left in time', async () => {
    const rows: [name: string, answer: string, body: string, timeout: number][] = [
      ['chunked', 'HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n', 'not here', 10_000],
      ['of a length', 'HTTP/1.1 502 Bad\r\nContent-Length: 3\r\n\r\nnot here', 'not', 10_000],
      ['too short', 'HTTP/1.1 502 Bad\r\nContent-Length: 9\r\n\r\nhalf', 'half', 200],
      ['without a length', 'HTTP/1.1 502 Bad\r\n\r\nnot', 'not', 200],
      ['without a body', 'HTTP/1.1 304 Not Modified\r\n\r\n', '', 10_000],
      ['an interim response', 'HTTP/1.1 103 Early Hints\r\n\r\n', '', 10_000],
      ['a 101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', '', 10_000],
      ['large', `HTTP/1.1 502 Bad\r\n\r\n${'x'.repeat(70_000)}`, 'x'.repeat(65_536), 10_000],
    ];
    await sideBySide(
      rows,
      ([name]) => name,
      async ([, answer, body, timeout]) => {
        const server = await rawServer((socket) => socket.write(answer));
        const reply = await dial('ws://127.0.0.1:1/', { proxy: by({ port: server.port, secure: false }), timeout });
        expect([reply.by, reply.body.length, reply.body.equals(Buffer.from(body))]).toEqual(['proxy', body.length, true]);
        await eventually(() => expect(server.sockets.map((socket) => socket.readableEnded || socket.destroyed)).toEqual([true]));
      },
    );
  });

  it('[CLI-12] [D-21] [REL-1] is told from the steps before and behind it', async () => {
    const tunnels = await HttpProxy.start();
    const ending = await rawServer((socket) => socket.end());
    const garbage = await rawServer((socket) => socket.write('SOCKS\r\n'));
    const long = await rawServer((socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(9000)}\r\n\r\n`));
    const plain = await rawServer(() => {}, { connected: (socket) => socket.write('HTTP/1.1 400 Bad\r\n\r\n') });
    const foreign = await HttpProxy.start({ secure: true });
    const to = (port: number, more: Partial<CallProxy> = {}) => ({ proxy: by({ port, secure: false }, more) });
    const uri = 'ws://127.0.0.1:1/';
    expect(await failureOf(uri, to(1))).toMatchObject({ step: 'connect', cause: { code: 'ECONNREFUSED' } });
    expect(await failureOf(uri, to(ending.port))).toMatchObject({ step: 'proxy', cause: { code: 'ECONNRESET' } });
    expect(await failureOf(uri, to(garbage.port))).toMatchObject({ step: 'proxy', cause: { code: 'HPE_INVALID_CONSTANT' } });
    expect(await failureOf(uri, to(long.port))).toMatchObject({ step: 'proxy', cause: { code: 'HPE_HEADER_OVERFLOW' } });
    expect(await failureOf(uri, to(plain.port, { headers: [['X', 'a\nb']] }))).toMatchObject({
      step: 'proxy',
      cause: { code: 'ERR_INVALID_CHAR' },
    });
    expect(await failureOf(uri, to(plain.port, { secure: true }))).toMatchObject({ step: 'proxy-tls' });
    expect(await failureOf(uri, to(foreign.port, { secure: true }))).toMatchObject({
      step: 'proxy-tls',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    // the proxy drops the tunnel, since there is nobody at the other end
    expect(await failureOf('wss://127.0.0.1:1/', { proxy: by(tunnels) })).toMatchObject({ step: 'proxy' });
    // behind a tunnel
    expect(await failureOf(`ws://127.0.0.1:${ending.port}/`, { proxy: by(tunnels) })).toMatchObject({ step: 'response' });
    expect(await failureOf(`wss://127.0.0.1:${plain.port}/`, { proxy: by(tunnels) })).toMatchObject({ step: 'tls' });
  });

  it("[CLI-7] [CLI-12] the certificate of a proxy is its own: its host's, and not the server's", async () => {
    const server = await rawServer(greeting, { tls: { key, cert }, host: '127.0.0.2' });
    const proxy = await HttpProxy.start({ secure: true });
    const more = { tls: { ca: cert } };
    expect(await failureOf(`wss://127.0.0.2:${server.port}/`, { proxy: by(proxy), ...more })).toMatchObject({
      step: 'tls',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(proxy.tunnels).toBe(1);
    const elsewhere = await rawServer(() => {}, { tls: { key, cert }, host: '127.0.0.2' });
    const far = by({ port: elsewhere.port, secure: true }, { host: '127.0.0.2' });
    expect(await failureOf('ws://localhost/', { proxy: far, ...more })).toMatchObject({
      step: 'proxy-tls',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(elsewhere.heads).toEqual([]);
  });
});
