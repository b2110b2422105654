/** Containers: where they listen, what they share a server with, how they end. [CON-9, D-31, D-32, HS-1] */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  IllegalArgumentException,
  OnClose,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
  serve,
} from 'margay';
import { ask, written } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { cert, key } from '../support/localhost-certificate.js';
import { Peer } from '../support/peer.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const containers: ServerContainer[] = [];
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(containers.splice(0).map((each) => each.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A container that is closed when the test ends. */
function container(options: ConstructorParameters<typeof ServerContainer>[0] = {}): ServerContainer {
  const made = new ServerContainer({ shutdownTimeout: 500, ...options });
  containers.push(made);
  return made;
}

/** The application's own server, listening. */
async function site(): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    if (request.url === '/upgrade-less') response.setHeader('X-Upgrade', String(request.headers.upgrade));
    response.end(`page ${request.url}`);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

@ServerEndpoint('/echo')
class Echo {
  @OnMessage
  text(message: string, session: Session): string {
    return `${session.getRequestURI().pathname} ${message}`;
  }
}

const echo = async (url: string): Promise<string | Buffer> => {
  const peer = await Peer.open(url);
  peer.send('x');
  const answer = await peer.next();
  peer.socket.terminate();
  return answer;
};

describe('listen()', () => {
  it('says where: host, port and url, as container.url then does', async () => {
    const made = container({ contextPath: '/app' });
    await made.addEndpoint(Echo);
    expect(made.url).toBe('');
    const { host, port, url } = await made.listen({ port: 0, host: '127.0.0.1' });
    expect(host).toBe('127.0.0.1');
    expect(port).toBeGreaterThan(0);
    expect(url).toBe(`http://127.0.0.1:${port}/app`);
    expect(made.url).toBe(url);
    expect(await echo(`ws://127.0.0.1:${port}/app/echo`)).toBe('/app/echo x');
  });

  it.each([
    [undefined, 'localhost'],
    ['0.0.0.0', 'localhost'],
    ['::1', '[::1]'],
  ])('host %p is reached at %s', async (host, name) => {
    const made = container();
    await made.addEndpoint(Echo);
    const { port } = await made.listen({ port: 0, host });
    expect(made.url).toBe(`http://${name}:${port}`);
    expect(await echo(`ws://${name}:${port}/echo`)).toBe('/echo x');
  });

  it('rejects with IOException MARGAY_LISTEN when the port is taken, and can then be tried again', async () => {
    const { port } = await site();
    const made = container();
    await made.addEndpoint(Echo);
    await expect(made.listen({ port, host: '127.0.0.1' })).rejects.toMatchObject({
      name: 'IOException',
      code: 'MARGAY_LISTEN',
      message: expect.stringMatching(`port ${port}.* is in use; pass another port, or 0`),
      cause: { code: 'EADDRINUSE' },
    });
    expect(made.url).toBe('');
    await made.listen({ port: 0, host: '127.0.0.1' });
    expect(await echo(`${made.url.replace('http', 'ws')}/echo`)).toBe('/echo x');
  });

  it('rejects with MARGAY_LISTEN for a host that is not here', async () => {
    const failure = container().listen({ port: 0, host: '203.0.113.1' });
    await expect(failure).rejects.toMatchObject({ code: 'MARGAY_LISTEN', cause: { code: 'EADDRNOTAVAIL' } });
  });

  it('that is overtaken by close() rejects with ISE, and nothing listens', async () => {
    const made = container();
    const listening = made.listen({ port: 0, host: '127.0.0.1' });
    await Promise.all([expect(listening).rejects.toMatchObject({ name: 'IllegalStateException', code: 'MARGAY_STATE' }), made.close()]);
    expect(made.url).toBe('');
  });

  it('serve() on a taken port rejects likewise and leaves nothing behind', async () => {
    const { port } = await site();
    await expect(serve({ endpoints: [Echo], port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'MARGAY_LISTEN' });
  });

  it.each(['listen', 'attach', 'addEndpoint'])('%s() after close() is ISE STATE', async (member) => {
    const made = container({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
    await made.close();
    const { server } = await site();
    const call = { listen: () => made.listen({ port: 0 }), attach: () => made.attach(server), addEndpoint: () => made.addEndpoint(Echo) }[
      member
    ];
    await expect(call?.()).rejects.toMatchObject({ name: 'IllegalStateException', code: 'MARGAY_STATE' });
  });

  it('close() before listen() is fine, and twice too', async () => {
    const made = container();
    await made.close();
    await made.close();
  });

  it('[SES-6] with a certificate it speaks https and wss', async () => {
    const secure: boolean[] = [];
    @ServerEndpoint('/safe')
    class Safe {
      @OnOpen
      open(session: Session): void {
        secure.push(session.isSecure());
      }
      @OnMessage
      text(message: string, session: Session): string {
        return `${session.getRequestURI().protocol} ${message}`;
      }
    }
    const made = container();
    await made.addEndpoint(Safe);
    const { port } = await made.listen({ port: 0, host: '127.0.0.1', tls: { cert, key } });
    expect(made.url).toBe(`https://127.0.0.1:${port}`);
    const peer = await Peer.open(`wss://127.0.0.1:${port}/safe`, { ca: cert });
    peer.send('x');
    expect(await peer.next()).toBe('wss: x');
    expect(secure).toEqual([true]);
    peer.socket.terminate();
    expect((await ask({ port }, { target: '/safe', secure: true, headers: { Upgrade: null } })).status).toBe(426);
  });

  it('deploys while it serves', async () => {
    const started = await start(Echo);
    @ServerEndpoint('/late')
    class Late {
      @OnMessage
      text(message: string): string {
        return `late ${message}`;
      }
    }
    expect((await ask(started, { target: '/late' })).status).toBe(404);
    await started.container.addEndpoint(Late);
    expect(await echo(started.url('/late'))).toBe('late x');
    expect(started.container.endpoints.map(({ path, endpointClass, kind }) => [path, endpointClass, kind])).toEqual([
      ['/echo', Echo, 'annotated'],
      ['/late', Late, 'annotated'],
    ]);
  });
});

describe('[CON-9] attach()', () => {
  it.each([[null], [undefined], [{}], ['http://x']])('refuses %p: IAE', async (server) => {
    await expect(container().attach(server as never)).rejects.toBeInstanceOf(IllegalArgumentException);
  });

  it('leaves the HTTP routes alone, requests that ask for no upgrade included', async () => {
    const { server, port } = await site();
    const made = container();
    await made.addEndpoint(Echo);
    await made.attach(server);
    expect(await (await fetch(`http://127.0.0.1:${port}/page`)).text()).toBe('page /page');
    expect(await (await fetch(`http://127.0.0.1:${port}/echo`)).text()).toBe('page /echo');
    const { status, headers } = await ask({ port }, { target: '/upgrade-less', headers: { Connection: 'close' } }); // HS-1: the application's
    expect([status, headers.get('x-upgrade')]).toEqual([200, ['websocket']]);
    expect(await echo(`ws://127.0.0.1:${port}/echo`)).toBe('/echo x');
  });

  it('several containers share one server, each below its contextPath, attached at any time', async () => {
    const { server, port } = await site();
    const [one, two] = [container({ contextPath: '/one' }), container({ contextPath: '/two' })];
    await one.addEndpoint(Echo);
    await two.addEndpoint(Echo);
    await one.attach(server);
    expect(await echo(`ws://127.0.0.1:${port}/one/echo`)).toBe('/one/echo x');
    await two.attach(server);
    expect(await echo(`ws://127.0.0.1:${port}/two/echo`)).toBe('/two/echo x');
    expect(await echo(`ws://127.0.0.1:${port}/one/echo`)).toBe('/one/echo x');
  });

  it.each(['/one/nothing', '/three', '/echo'])('what none of them maps gets exactly one 404: %s', async (target) => {
    const { server, port } = await site();
    for (const contextPath of ['/one', '/two']) {
      const made = container({ contextPath });
      await made.addEndpoint(Echo);
      await made.attach(server);
    }
    const peer = await RawPeer.connect({ port });
    peer.send(written({ target }));
    const { status, body } = await peer.response();
    await peer.ended();
    peer.end();
    expect(`${status} ${body}`).toMatch(/^404 .*\[MARGAY_NO_ENDPOINT\]$/);
    expect(peer.bytes.toString('latin1').match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it.each(['before', 'behind'])("the application's own upgrade listener, added %s ours, gets what we do not map", async (when) => {
    const { server, port } = await site();
    const own = (request: IncomingMessage, socket: Duplex) => {
      socket.on('error', () => {}); // the client of this test leaves rudely
      if (request.url === '/own')
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n${request.headers.upgrade?.slice(0, 3)}`);
    };
    if (when === 'before') server.on('upgrade', own);
    const made = container();
    await made.addEndpoint(Echo);
    await made.attach(server);
    if (when === 'behind') server.on('upgrade', own);
    expect(await ask({ port }, { target: '/own' })).toMatchObject({ status: 200, body: 'web' });
    expect(await ask({ port }, { target: '/own', headers: { Upgrade: 'h2c' } })).toMatchObject({ status: 200, body: 'h2c' });
    expect(await echo(`ws://127.0.0.1:${port}/echo`)).toBe('/echo x');
    expect((await ask({ port }, { target: '/echo', headers: { 'Sec-WebSocket-Key': 'bad' } })).status).toBe(400); // ours to refuse
  });

  it.each([{ Upgrade: 'h2c' }, { Upgrade: 'h2c', Connection: 'upgrade' }])(
    '[HS-1] without another listener an unknown protocol is refused completely: %j',
    async (headers) => {
      const { server, port } = await site();
      const made = container();
      await made.addEndpoint(Echo);
      await made.attach(server);
      const { status, headers: lines } = await ask({ port }, { target: '/echo', headers });
      expect([400, 404]).toContain(status);
      expect(lines.has('content-length')).toBe(true);
    },
  );

  it('closing one leaves the others serving, and the last one takes our listener with it', async () => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(session: Session): void {
        closes.push(session.getRequestURI().pathname);
      }
      @OnMessage
      text(message: string): string {
        return message;
      }
    }
    const { server, port } = await site();
    const [one, two] = [container({ contextPath: '/one' }), container({ contextPath: '/two' })];
    for (const each of [one, two]) {
      await each.addEndpoint(Talk);
      await each.attach(server);
    }
    const peers = [await RawPeer.open({ port }, '/one/talk'), await RawPeer.open({ port }, '/two/talk')];
    const closed = one.close();
    expect(await peers[0]?.closeFrame()).toMatchObject({ code: 1001 });
    peers[0]?.close(1001);
    await closed;
    expect(closes).toEqual(['/one/talk']);
    expect((await ask({ port }, { target: '/one/talk' })).status).toBe(404);
    peers[1]?.text('still here');
    expect(await peers[1]?.received(1)).toEqual(['still here']);
    expect(await (await fetch(`http://127.0.0.1:${port}/page`)).text()).toBe('page /page');
    await two.close();
    expect(server.listenerCount('upgrade')).toBe(0);
    expect(server.listening).toBe(true);
  });

  it('gives back a function that takes our listener off; sessions that are there stay', async () => {
    const { server, port } = await site();
    const made = container();
    await made.addEndpoint(Echo);
    const detach = await made.attach(server);
    const peer = await RawPeer.open({ port }, '/echo');
    expect(made.url).not.toBe('');
    detach();
    detach();
    expect(made.url).toBe('');
    expect(server.listenerCount('upgrade')).toBe(0);
    peer.text('x');
    expect(await peer.received(1)).toEqual(['/echo x']);
    await made.attach(server);
    expect(await echo(`ws://127.0.0.1:${port}/echo`)).toBe('/echo x');
  });

  it('serve({ server }) attaches, over TLS too', async () => {
    const server = createSecureServer({ cert, key }, (_request, response) => response.end('page'));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    containers.push(await serve({ endpoints: [Echo], server }));
    const peer = await Peer.open(`wss://127.0.0.1:${port}/echo`, { ca: cert });
    peer.send('x');
    expect(await peer.next()).toBe('/echo x');
    peer.socket.terminate();
  });

  it('[URI-12] a target that cannot be read, outside every contextPath, is refused once and completely', async () => {
    const { server, port } = await site();
    for (const contextPath of ['/one', '/two']) {
      const made = container({ contextPath });
      await made.addEndpoint(Echo);
      await made.attach(server);
    }
    expect((await ask({ port }, { target: '/%zz' })).status).toBe(400);
  });

  it('[D-32] a handshake that hooks still hold up gets a complete 503 when the container closes', async () => {
    const hook = gate();
    const asked = gate();
    const opens: unknown[] = [];
    class Slow extends ServerEndpointConfig.Configurator {
      override async checkOrigin(): Promise<boolean> {
        asked.open();
        await hook.promise;
        return true;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Slow })
    class Talk {
      @OnOpen
      open(): void {
        opens.push(1);
      }
    }
    const started = await start(Talk);
    const answer = ask(started);
    await asked.promise;
    const closed = started.container.close();
    const { status, body } = await answer;
    expect(`${status} ${body}`).toMatch(/^503 .*\[MARGAY_DRAINING\]$/);
    hook.open();
    await closed;
    expect(opens).toEqual([]);
  });

  it('[D-32] while one drains, its own upgrades get 503', async () => {
    let release!: () => void;
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(): Promise<void> {
        return new Promise((resolve) => {
          release = resolve;
        });
      }
    }
    const { server, port } = await site();
    const made = container();
    await made.addEndpoint(Talk);
    await made.attach(server);
    await RawPeer.open({ port }, '/talk');
    const closed = made.close();
    await eventually(() => expect(release).toBeDefined());
    const { status, body, headers } = await ask({ port });
    expect(`${status} ${body}`).toMatch(/^503 .*\[MARGAY_DRAINING\]$/);
    expect(headers.has('retry-after')).toBe(true);
    release();
    await closed;
  });
});
