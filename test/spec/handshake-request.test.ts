/** The request as hooks see it. [HS-7, D-11, D-22] */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { HandshakeRequest, HandshakeResponse, ServerContainer, ServerEndpoint, ServerEndpointConfig } from 'margay';
import { ask, type Question, written } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

/** What the hook makes of the request. */
async function asked<T>(question: Question, look: (request: HandshakeRequest) => T): Promise<T> {
  const seen: T[] = [];
  class Hooks extends ServerEndpointConfig.Configurator {
    override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
      seen.push(look(request));
    }
  }
  @ServerEndpoint({ value: '/talk/{who}', configurator: Hooks })
  class Talk {}
  expect((await ask(await start(Talk), { target: '/talk/ann', ...question })).status).toBe(101);
  return seen[0] as T;
}

describe('[HS-7] HandshakeRequest', () => {
  it('has the names of the four headers, and the response its one', () => {
    expect({ ...HandshakeRequest }).toEqual({
      SEC_WEBSOCKET_KEY: 'Sec-WebSocket-Key',
      SEC_WEBSOCKET_PROTOCOL: 'Sec-WebSocket-Protocol',
      SEC_WEBSOCKET_VERSION: 'Sec-WebSocket-Version',
      SEC_WEBSOCKET_EXTENSIONS: 'Sec-WebSocket-Extensions',
    });
    expect(HandshakeResponse.SEC_WEBSOCKET_ACCEPT).toBe('Sec-WebSocket-Accept');
  });

  it('getHeaders: names in any case, an entry per line, read-only', async () => {
    const headers = await asked({ headers: { 'X-Many': ['1', '2, 3'], Cookie: 'a=1' } }, (request) => request.getHeaders());
    expect(headers.get('X-MANY')).toEqual(['1', '2, 3']);
    expect(headers.get('cookie')).toEqual(['a=1']);
    expect(headers.has('Sec-WebSocket-KEY')).toBe(true);
    expect(headers.get('x-none')).toBeUndefined();
    expect(() => (headers as Map<string, unknown>).set('x', [])).toThrow();
    expect(() => (headers.get('x-many') as string[]).push('4')).toThrow();
  });

  it('[REL-4] a header, a query parameter named __proto__ or constructor is one like any other', async () => {
    const question = { target: '/talk/ann?__proto__=q&constructor=c', headers: { ['__proto__']: 'h', constructor: 'd' } };
    const [headers, parameters] = await asked(question, (request) => [request.getHeaders(), request.getParameterMap()] as const);
    expect(headers.get('constructor')).toEqual(['d']);
    expect(headers.get('tostring')).toBeUndefined();
    expect(parameters.get('__proto__')).toEqual(['q']);
    expect(parameters.get('constructor')).toEqual(['c']);
  });

  it('getRequestURI: ws, host, port, path and query; getQueryString: as it stood', async () => {
    const target = '/talk/a%20b?x=%20&y';
    const seen = await asked({ target, headers: { Host: 'H.example:8080' } }, (request) => [
      request.getRequestURI().href,
      request.getQueryString(),
    ]);
    expect(seen).toEqual(['ws://h.example:8080/talk/a%20b?x=%20&y', 'x=%20&y']);
    expect(await asked({}, (request) => [request.getRequestURI().href, request.getQueryString()])).toEqual([
      'ws://localhost/talk/ann',
      null,
    ]);
    expect(await asked({ target: '/talk/ann?' }, (request) => request.getQueryString())).toBe('');
  });

  it('[D-11] getParameterMap: the query, and the path which wins; read-only', async () => {
    const map = await asked({ target: '/talk/ann?who=bob&n=1&n=2&bare&e=a+b%21' }, (request) => request.getParameterMap());
    expect(new Map(map)).toEqual(
      new Map([
        ['who', ['ann']],
        ['n', ['1', '2']],
        ['bare', ['']],
        ['e', ['a b!']],
      ]),
    );
    expect(() => (map as Map<string, unknown>).clear()).toThrow();
    expect(() => (map.get('n') as string[]).push('3')).toThrow();
  });

  it('[D-22] tells both ends of the connection', async () => {
    const ends: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
        ends.push(request.getLocalAddress(), request.getLocalPort(), request.getRemoteAddress(), request.getRemotePort());
        ends.push(typeof request.getLocalHostName(), typeof request.getRemoteHostName());
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const started = await start(Talk);
    const peer = await RawPeer.connect(started);
    const { localPort } = peer.socket;
    peer.send(written({}));
    await peer.response();
    expect(ends).toEqual(['127.0.0.1', started.port, '127.0.0.1', localPort, 'string', 'string']);
    peer.reset();
  });

  it('[D-22] over a socket that is not IP has no ports', async () => {
    const ends: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
        ends.push(request.getLocalPort(), request.getRemotePort(), request.getRemoteAddress(), request.getRemoteHostName());
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const folder = await mkdtemp(join(tmpdir(), 'margay-'));
    const server = createServer();
    const container = new ServerContainer({ shutdownTimeout: 500 });
    try {
      await container.addEndpoint(Talk);
      await container.attach(server);
      server.listen(join(folder, 'socket'));
      await once(server, 'listening');
      const socket = connect(join(folder, 'socket'));
      socket.write(written({}));
      await eventually(() => expect(ends).toEqual([-1, -1, '', '']));
      socket.destroy();
    } finally {
      await container.close();
      server.close();
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    ['de-CH', 'de-CH'],
    ['en;q=0.5, fr;q=0.9', 'fr'],
    ['*, es', 'es'],
    ['x_y, it', 'it'],
    ['pl;q=0, pt;q=0.1', 'pt'],
    [null, new Intl.Locale(Intl.DateTimeFormat().resolvedOptions().locale).toString()],
  ])('[D-22] getPreferredLocale of %p is %s', async (header, tag) => {
    expect(await asked({ headers: { 'Accept-Language': header } }, (request) => request.getPreferredLocale().toString())).toBe(tag);
  });

  it('without TLS there is no certificate, without the options nobody, in no role, and no HTTP session', async () => {
    const seen = await asked({}, (request) => [
      request.getUserX509CertificateChain(),
      request.getUserPrincipal(),
      request.isUserInRole('any'),
      request.getHttpSession(),
    ]);
    expect(seen).toEqual([null, null, false, null]);
  });

  it('still answers after the handshake', async () => {
    const request = await asked({}, (each) => each);
    expect(request.getRequestURI().pathname).toBe('/talk/ann');
    expect(request.getRemoteAddress()).toBe('127.0.0.1');
  });
});
