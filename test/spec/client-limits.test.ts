/** What bounds a client's handshake: time, sizes, and a container that closes. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { ClientEndpointConfig, type ConnectOptions, Endpoint, registerAuthenticator, ServerContainer } from 'margay';
import { configured, connect, extension, Quiet, refusal, type Written } from '../support/connecting.js';
import { eventually, gate } from '../support/eventually.js';
import { backTo, handles } from '../support/handles.js';
import { cert } from '../support/localhost-certificate.js';
import { type RawServer, rawServer, switching } from '../support/raw-server.js';
import { start } from '../support/start.js';
import { xor } from '../support/xor-extension.js';

const at = ({ port }: { readonly port: number }, path = '/') => `ws://127.0.0.1:${port}${path}`;
const silent = () => rawServer(() => {});
const via = ({ port }: RawServer, scheme = 'http') => ({ proxy: `${scheme}://127.0.0.1:${port}` });

/** Every connection has been let go of by the client. */
const isLeft = (server: RawServer) =>
  eventually(() => expect(server.sockets.map((socket) => socket.readableEnded || socket.destroyed)).not.toContain(false));

type Step = readonly [what: string, step: string, uri: (server: RawServer) => string, options: (server: RawServer) => ConnectOptions];

/** Where a server that says nothing stops the way. */
const STEPS: readonly Step[] = [
  ['TLS', 'TLS', ({ port }) => `wss://127.0.0.1:${port}/`, () => ({})],
  ['the response', 'the handshake', at, () => ({})],
  ['TLS to the proxy', 'TLS with the proxy', () => 'ws://host.example/', (server) => via(server, 'https')],
  ['the proxy', 'the proxy', () => 'ws://host.example/', via],
];

describe('[CLI-9] timeout', () => {
  it.each(STEPS)('bounds %s: MARGAY_CONNECT_TIMEOUT, and the connection is given up', async (_what, step, uri, options) => {
    const before = handles();
    const server = await silent();
    const error = await refusal(connect(uri(server), {}, { ...options(server), timeout: 60 }));
    expect([error.code, error.status]).toEqual(['MARGAY_CONNECT_TIMEOUT', undefined]);
    expect(error.message).toMatch(new RegExp(`/: ${step}( 127.0.0.1:\\d+)? took longer than 60 ms`));
    expect(server.sockets).toHaveLength(1);
    await isLeft(server);
    await server.stop();
    await backTo(before);
  });

  it('is for a head that trickles in, too: its bytes do not start it anew', async () => {
    const timers = new Set<NodeJS.Timeout>();
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      timers.add(setInterval(() => socket.write('X: y\r\n'), 10));
    });
    const error = await refusal(connect(at(server), {}, { timeout: 150 }));
    for (const timer of timers) clearInterval(timer);
    expect(error.code).toBe('MARGAY_CONNECT_TIMEOUT');
    await isLeft(server);
  });

  it('is for each step anew, not for all together: two that take two thirds of it each are in time', async () => {
    const server = await rawServer((socket, head) => {
      setTimeout(
        () =>
          head.startsWith('GET /a')
            ? socket.end('HTTP/1.1 302 So\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n')
            : socket.write(switching(head)),
        400,
      );
    });
    const session = await connect(at(server, '/a'), {}, { timeout: 700 });
    expect(String(session.getRequestURI())).toBe(at(server, '/b'));
  });

  it.each([80, '80'])('is the user property IO_TIMEOUT_MS, too: %j; the option is more important', async (ms) => {
    const server = await silent();
    const properties = { IO_TIMEOUT_MS: ms };
    expect((await refusal(connect(at(server), { properties }))).message).toContain('longer than 80 ms');
    expect((await refusal(connect(at(server), { properties }, { timeout: 40 }))).message).toContain('longer than 40 ms');
  });

  it('may be as long as a number can be: that is not at once', async () => {
    const server = await rawServer((socket, head) => void setTimeout(() => socket.write(switching(head)), 30));
    expect((await connect(at(server), {}, { timeout: Number.POSITIVE_INFINITY })).isOpen()).toBe(true);
    expect((await connect(at(server), {}, { timeout: 2 ** 31 })).isOpen()).toBe(true);
  });
});

describe('[CLI-9] maxHeaderSize', () => {
  const large = (bytes: number) => rawServer((socket, head) => void socket.write(switching(head, `X: ${'x'.repeat(bytes)}`)));

  it('is 8192: a larger head is MARGAY_HANDSHAKE, with node’s cause, and the connection is given up', async () => {
    const server = await large(8100);
    const error = await refusal(connect(at(server)));
    expect([error.code, (error.cause as NodeJS.ErrnoException).code]).toEqual(['MARGAY_HANDSHAKE', 'HPE_HEADER_OVERFLOW']);
    await isLeft(server);
    expect((await connect(at(await large(7000)))).isOpen()).toBe(true);
  });

  it('may be set, and is the user property MAX_HTTP_RESPONSE_HEADER_BYTES, too', async () => {
    expect((await connect(at(await large(30_000)), {}, { maxHeaderSize: 40_000 })).isOpen()).toBe(true);
    expect((await refusal(connect(at(await large(900)), {}, { maxHeaderSize: 1000 }))).code).toBe('MARGAY_HANDSHAKE');
    const properties = { MAX_HTTP_RESPONSE_HEADER_BYTES: '40000' };
    expect((await connect(at(await large(30_000)), { properties })).isOpen()).toBe(true);
  });

  it('is for a refusal and for a proxy, too; endless headers are not waited for', async () => {
    const endless = await rawServer((socket) => {
      const write = (): void => {
        while (!socket.destroyed && socket.write('X-More: of it\r\n'.repeat(50))); // until the kernel is full
        socket.once('drain', write);
      };
      socket.write('HTTP/1.1 403 No\r\n');
      write();
    });
    expect((await refusal(connect(at(endless)))).code).toBe('MARGAY_HANDSHAKE');
    expect((await refusal(connect('ws://host.example/', {}, via(endless)))).code).toBe('MARGAY_PROXY');
    await eventually(() => expect(endless.sockets.every((socket) => socket.destroyed || socket.errored !== null)).toBe(true));
  });
});

describe('[D-32] a container that closes while it connects', () => {
  const containers: ServerContainer[] = [];
  afterEach(() => Promise.all(containers.splice(0).map((each) => each.close())));
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const container = (): ServerContainer => {
    const made = new ServerContainer({ shutdownTimeout: 200, logger: quiet });
    containers.push(made);
    return made;
  };

  it.each(STEPS)('gives up %s: MARGAY_CONNECT, and nothing is left', async (_what, _step, uri, options) => {
    const before = handles();
    const server = await silent();
    const own = container();
    const error = refusal(connect(uri(server), {}, options(server), own));
    await eventually(() => expect(server.sockets).toHaveLength(1));
    await own.close();
    expect(await error).toMatchObject({ code: 'MARGAY_CONNECT', message: expect.stringContaining('the container was closed') });
    await isLeft(server);
    await server.stop();
    await backTo(before);
  });

  it('gives up the body of a refusal', async () => {
    const server = await rawServer((socket) => void socket.write('HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\nhalf'));
    const own = container();
    const error = refusal(connect(at(server), {}, {}, own));
    await eventually(() => expect(server.heads).toHaveLength(1));
    await own.close();
    expect((await error).code).toBe('MARGAY_CONNECT');
    await isLeft(server);
  });

  registerAuthenticator('x-never', () => new Promise(() => {}));
  const never = (name: 'beforeRequest' | 'afterResponse', called: () => void): Written => {
    class Stuck extends ClientEndpointConfig.Configurator {}
    Stuck.prototype[name] = () => {
      called();
      return new Promise<void>(() => {});
    };
    return { configurator: new Stuck() };
  };

  it.each<[string, (called: () => void) => Written, (head: string) => string]>([
    ['beforeRequest', (called) => never('beforeRequest', called), (head) => switching(head)],
    ['afterResponse', (called) => never('afterResponse', called), (head) => switching(head)],
    ['an authenticator', () => ({}), () => 'HTTP/1.1 401 No\r\nWWW-Authenticate: X-Never\r\nContent-Length: 0\r\n\r\n'],
  ])('does not wait for %s that never settles', async (_what, stuck, answer) => {
    const called = gate();
    const server = await rawServer((socket, head) => {
      socket.write(answer(head));
      if (answer(head).includes('401')) called.open();
    });
    const own = container();
    const error = refusal(connect(at(server), stuck(called.open), {}, own));
    await called.promise;
    await own.close();
    expect((await error).code).toBe('MARGAY_CONNECT');
    await isLeft(server);
  });

  it('ends an @OnOpen that is under way as it ends any session, and the promise settles', async () => {
    const server = await rawServer((socket, head) => void socket.write(switching(head)));
    const opened = gate();
    const closed: number[] = [];
    class Slow extends Endpoint {
      override onOpen(): Promise<void> {
        opened.open();
        return new Promise(() => {});
      }
      override onClose(...[, reason]: Parameters<Endpoint['onClose']>): void {
        closed.push(reason.getCloseCode().getCode());
      }
    }
    const own = container();
    const error = refusal(own.connectToServer(Slow, configured({}), at(server), { proxy: false }));
    await opened.promise;
    await own.close();
    expect((await error).code).toBe('MARGAY_ON_OPEN');
    expect(closed).toHaveLength(1);
    await isLeft(server);
  });

  it('in whatever moment behind the 101: MARGAY_CONNECT as long as nothing has opened', async () => {
    const server = await rawServer((socket, head) => void socket.write(switching(head, 'Sec-WebSocket-Extensions: xor')));
    const outcomes: string[] = [];
    for (let turns = 0; turns < 16 && outcomes.at(-1) !== 'open'; turns++) {
      const factory = xor();
      const build: typeof factory.build = (...offer) => {
        let way = Promise.resolve();
        for (let i = 0; i < turns; i++) way = way.then(() => {});
        void way.then(() => own.close());
        return factory.build(...offer);
      };
      const own = new ServerContainer({ shutdownTimeout: 200, logger: quiet, extensions: [{ name: 'xor', build }] });
      containers.push(own);
      const connecting = connect(at(server), { extensions: [extension('xor')] }, {}, own);
      outcomes.push(
        await connecting.then(
          () => 'open',
          (error) => error.code ?? String(error),
        ),
      );
      await own.close();
      await eventually(() => expect(factory.made.map(({ closed }) => closed)).toEqual([1]));
    }
    expect(outcomes.length).toBeGreaterThan(2);
    expect(outcomes.slice(0, -1)).toEqual(outcomes.slice(1).map(() => 'MARGAY_CONNECT'));
    expect(['open', 'MARGAY_CONNECT']).toContain(outcomes.at(-1));
    await isLeft(server);
  });

  it('refuses what comes later, at the call', async () => {
    const own = container();
    await own.close();
    expect(() => own.connectToServer(Quiet, null, 'ws://127.0.0.1:1/')).toThrow(expect.objectContaining({ code: 'MARGAY_STATE' }));
  });
});

describe('[CLI-9] user properties of old Tomcats', () => {
  it('SSL_… are ignored, each with a warning in the log of its container', async () => {
    const { container, log } = await start([]);
    const server = await rawServer((socket, head) => void socket.write(switching(head)));
    const properties = { SSL_CONTEXT: {}, SSL_PROTOCOLS: 'TLSv1', SSL_TRUSTSTORE: '/x', SSL_TRUSTSTORE_PWD: 'changeit' };
    await connect(at(server), { properties }, {}, container);
    const lines = log.filter(({ code }) => code === 'MARGAY_PROPERTY_IGNORED');
    expect(lines.map(({ level, property }) => [level, property])).toEqual(
      Object.keys(properties).map((key) => ['warn', `org.apache.tomcat.websocket.${key}`]),
    );
    expect(JSON.stringify(lines)).not.toContain('changeit');
    await connect(at(server), { properties: { OTHER: 1 }, sslContext: { ca: cert } }, {}, container);
    expect(log.filter(({ code }) => code === 'MARGAY_PROPERTY_IGNORED')).toHaveLength(4);
  });
});
