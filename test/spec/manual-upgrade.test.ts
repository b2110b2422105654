/** upgradeHttpToWebSocket, and how it gets on with the automatic way. [DEP-8, EXT-12] */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ContainerOptions,
  IllegalArgumentException,
  OnClose,
  OnMessage,
  OnOpen,
  openSessions,
  PathParam,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { ask, type Question, written } from '../support/ask.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { Peer } from '../support/peer.js';
import { RawPeer } from '../support/raw-peer.js';

@ServerEndpoint('/annotated/path')
class Talk {
  @OnMessage
  text(message: string, session: Session, @PathParam('who') who?: string): string {
    return `${who} ${session.getRequestURI().pathname} ${message}`;
  }
}

const talkAt = (path: string) => ServerEndpointConfig.Builder.create(Talk, path).build();

const servers: Server[] = [];
const containers: ServerContainer[] = [];

afterEach(async () => {
  await Promise.all(containers.splice(0).map((each) => each.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A front controller: everything below /front is its own to map. */
async function front(
  config: ServerEndpointConfig,
  {
    options = {},
    parameters = {},
    attached = [],
  }: { options?: ContainerOptions; parameters?: Record<string, string>; attached?: (new () => object)[] } = {},
) {
  const container = new ServerContainer({ shutdownTimeout: 500, logger: silent, ...options });
  containers.push(container);
  const server = createServer((_request, response) => response.end('page'));
  servers.push(server);
  /** How each call ended: the error, or null. */
  const outcomes: unknown[] = [];
  const upgrade: Upgrade = (request, socket, head) => {
    if (!request.url?.startsWith('/front')) return;
    container.upgradeHttpToWebSocket(request, socket, head, config, parameters).then(
      () => outcomes.push(null),
      (error: unknown) => outcomes.push(error),
    );
  };
  server.on('upgrade', upgrade);
  for (const each of attached) await container.addEndpoint(each);
  if (attached.length > 0) await container.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dial = async (path = '/front') => {
    const peer = await Peer.open(`ws://127.0.0.1:${port}${path}`);
    afterwards.push(() => peer.socket.terminate());
    return peer;
  };
  return { container, server, port, outcomes, dial };
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const afterwards: (() => void)[] = [];

afterEach(() => {
  for (const each of afterwards.splice(0)) each();
});

describe('[DEP-8] upgradeHttpToWebSocket', () => {
  it('serves an endpoint that nobody has deployed, with the path parameters it is given, whatever the path is', async () => {
    const { container, dial, outcomes } = await front(talkAt('/anything'), { parameters: { who: 'ann' } });
    const peer = await dial('/front/desk%20one');
    peer.send('hello');
    expect(await peer.next()).toBe('ann /front/desk%20one hello');
    expect([outcomes, container.endpoints]).toEqual([[null], []]);
  });

  it.each<[string, unknown]>([
    [
      'a map',
      new Map([
        ['who', 'bob'],
        ['__proto__', 'x'],
      ]),
    ],
    ['an object', { who: 'bob', ['__proto__']: 'x' }],
  ])('takes the parameters as %s, copies them, and lets nobody change them', async (_what, parameters) => {
    const sessions: Session[] = [];
    @ServerEndpoint('/x')
    class Seen {
      @OnOpen
      open(session: Session): void {
        sessions.push(session);
      }
    }
    const { dial } = await front(ServerEndpointConfig.Builder.create(Seen, '/x').build(), {
      parameters: parameters as Record<string, string>,
    });
    await dial();
    const map = sessions[0]?.getPathParameters() as Map<string, string>;
    expect([...map]).toEqual([
      ['who', 'bob'],
      ['__proto__', 'x'],
    ]);
    expect(() => map.set('who', 'eve')).toThrow();
  });

  it('[SES-19] getOpenSessions goes by the path of the configuration, and sees those of a deployed endpoint of that path', async () => {
    @ServerEndpoint('/lobby')
    class Lobby {}
    const config = ServerEndpointConfig.Builder.create(Talk, '/lobby').build();
    const { container, dial } = await front(config, { attached: [Lobby] });
    await dial('/front/a');
    await dial('/front/b');
    await dial('/lobby');
    expect([openSessions(container, '/lobby').size, openSessions(container, Talk).size, openSessions(container, Lobby).size]).toEqual([
      3, 2, 1,
    ]);
    const [session] = openSessions(container, Lobby);
    expect(session?.getOpenSessions().size).toBe(3);
    expect([...openSessions(container, Talk)].map((each) => each.getContainer() === container)).toEqual([true, true]);
  });

  it('[HS-13, REL-7] bytes that came with the request belong to the stream', async () => {
    const { port } = await front(talkAt('/x'), { parameters: { who: 'ann' } });
    const peer = await RawPeer.open({ port }, '/front', { behind: [{ opcode: OPCODES.text, payload: 'early' }] });
    expect(await peer.received(1)).toEqual(['ann /front early']);
  });

  const INVALID: readonly (readonly [string, Question, number, string])[] = [
    ['a POST', { method: 'POST' }, 400, 'UPGRADE_HTTP'],
    ['another protocol', { headers: { Upgrade: 'h2c' } }, 400, 'UPGRADE_HTTP'],
    ['a bad key', { headers: { 'Sec-WebSocket-Key': 'short' } }, 400, 'UPGRADE_KEY'],
    ['another version', { headers: { 'Sec-WebSocket-Version': '8' } }, 426, 'UPGRADE_VERSION'],
    ['a foreign origin', { headers: { Origin: 'http://evil.example' } }, 403, 'ORIGIN'],
    ['a target that cannot be read', { target: '/front/%zz' }, 400, 'UPGRADE_TARGET'],
    ['nobody, where somebody is asked for', { headers: { 'X-Protected': '1' } }, 401, 'UNAUTHENTICATED'],
  ];

  it.each(INVALID)(
    '%s: the status is written, and the promise rejects with ISE MARGAY_HANDSHAKE_INVALID',
    async (_what, question, status, code) => {
      const config = talkAt('/x');
      if (status === 401) config.getUserProperties().set('margay.rolesAllowed', ['*']);
      const { port, outcomes } = await front(config);
      const answer = await ask({ port }, { target: '/front', ...question });
      expect(`${answer.status} ${answer.body}`).toMatch(new RegExp(`^${status} .*\\[MARGAY_${code}\\]$`));
      expect(answer.headers.get('connection')?.join()).toMatch(/^close\b/);
      await eventually(() => expect(outcomes).toHaveLength(1));
      expect(outcomes[0]).toMatchObject({ name: 'IllegalStateException', code: 'MARGAY_HANDSHAKE_INVALID' });
      expect((outcomes[0] as Error).message).toContain(`${status}: `);
      expect((outcomes[0] as Error).message).toContain(code);
    },
  );

  it('a configuration that throws when it is asked: DE with that as its cause, and a 500', async () => {
    const cause = new Error('no list today');
    const config = Object.assign(talkAt('/x'), {
      getSubprotocols() {
        throw cause;
      },
    });
    const { port, outcomes } = await front(config);
    expect((await ask({ port }, { target: '/front' })).status).toBe(500);
    await eventually(() => expect(outcomes).toHaveLength(1));
    expect(outcomes[0]).toMatchObject({ name: 'DeploymentException', code: 'MARGAY_DEPLOYMENT', cause });
  });

  it('a configuration that cannot be deployed: DE with its problems, and a 500', async () => {
    const { port, outcomes } = await front(talkAt('/a//b'));
    expect((await ask({ port }, { target: '/front' })).status).toBe(500);
    await eventually(() => expect(outcomes).toHaveLength(1));
    expect(outcomes[0]).toMatchObject({ name: 'DeploymentException', code: 'MARGAY_PATH' });
  });

  it('a peer that leaves while hooks run: IOE, and nobody is opened', async () => {
    const asked = gate();
    const hook = gate();
    const opens: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override async modifyHandshake(): Promise<void> {
        asked.open();
        await hook.promise;
      }
    }
    @ServerEndpoint('/x')
    class Slow {
      @OnOpen
      open(): void {
        opens.push(1);
      }
    }
    const { port, outcomes } = await front(ServerEndpointConfig.Builder.create(Slow, '/x').configurator(new Hooks()).build());
    const peer = await RawPeer.connect({ port });
    peer.send(written({ target: '/front' }));
    await asked.promise;
    peer.reset();
    await eventually(() => expect(outcomes).toHaveLength(1));
    expect(outcomes[0]).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' });
    hook.open();
    await sleep(20);
    expect(opens).toEqual([]);
  });

  it('a promise that nobody awaits raises nothing, whatever a stranger sends', async () => {
    const unhandled: unknown[] = [];
    const hear = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', hear);
    try {
      const { server, container, port } = await front(talkAt('/x'));
      server.removeAllListeners('upgrade');
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        void container.upgradeHttpToWebSocket(request, socket, head, talkAt(request.url ?? ''), {});
      });
      expect((await ask({ port }, { headers: { 'Sec-WebSocket-Key': 'short' } })).status).toBe(400);
      expect((await ask({ port }, { target: '/a*b{' })).status).toBeGreaterThanOrEqual(400);
      await sleep(20);
    } finally {
      process.off('unhandledRejection', hear);
    }
    expect(unhandled).toEqual([]);
  });

  it('[D-32] its sessions end with the container, an undecided one gets 503, and a later one too', async () => {
    const closes: unknown[] = [];
    const asked = gate();
    const hook = gate();
    class Hooks extends ServerEndpointConfig.Configurator {
      override async checkOrigin(origin: string | null): Promise<boolean> {
        if (origin === null) return true;
        asked.open();
        await hook.promise;
        return true;
      }
    }
    @ServerEndpoint('/x')
    class Ended {
      @OnClose
      close(): void {
        closes.push('closed');
      }
    }
    const { container, port, dial, outcomes } = await front(
      ServerEndpointConfig.Builder.create(Ended, '/x').configurator(new Hooks()).build(),
    );
    const peer = await dial();
    const undecided = ask({ port }, { target: '/front', headers: { Origin: 'http://slow.example' } });
    await asked.promise;
    await container.close();
    expect([(await peer.closed).code, closes]).toEqual([1001, ['closed']]);
    expect((await undecided).status).toBe(503);
    hook.open();
    const late = await ask({ port }, { target: '/front' });
    expect(`${late.status} ${late.body}`).toMatch(/^503 .*\[MARGAY_DRAINING\]$/);
    await eventually(() => expect(outcomes).toHaveLength(3));
    expect(outcomes.slice(1)).toMatchObject([{ code: 'MARGAY_HANDSHAKE_INVALID' }, { code: 'MARGAY_HANDSHAKE_INVALID' }]);
  });

  it('refuses what is no request, socket, head, configuration or parameters, at the call', () => {
    const container = new ServerContainer();
    const request = { rawHeaders: [] };
    const socket = Object.assign(new EventEmitter(), { end() {} });
    const good: unknown[] = [request, socket, Buffer.alloc(0), talkAt('/x'), {}];
    for (const [index, bad] of [null, undefined, 'head', Talk, null].entries()) {
      const call = () => (container.upgradeHttpToWebSocket as (...given: unknown[]) => unknown)(...good.with(index, bad));
      expect(call).toThrow(IllegalArgumentException);
    }
    const odd = () => (container.upgradeHttpToWebSocket as (...given: unknown[]) => unknown)(...good.with(4, { who: 7 }));
    expect(odd).toThrow(/who.*7/);
  });
});

describe('[EXT-12] the automatic way and this one, on one server', () => {
  it('what no endpoint maps goes on down the chain, to an upgrade listener that may map it by hand', async () => {
    @ServerEndpoint('/mapped')
    class Mapped {
      @OnMessage
      text(message: string): string {
        return `mapped ${message}`;
      }
    }
    const { port, dial } = await front(talkAt('/x'), { parameters: { who: 'hand' }, attached: [Mapped] });
    const [one, two] = [await dial('/mapped'), await dial('/front')];
    one.send('x');
    two.send('x');
    expect([await one.next(), await two.next()]).toEqual(['mapped x', 'hand /front x']);
    const page = await fetch(`http://127.0.0.1:${port}/mapped`);
    expect([page.status, await page.text()]).toEqual([200, 'page']);
  });

  it('[REL-1] a peer that resets while the hand still decides costs nothing but its own connection', async () => {
    const asked = gate();
    const hook = gate();
    class Hooks extends ServerEndpointConfig.Configurator {
      override async checkOrigin(): Promise<boolean> {
        asked.open();
        await hook.promise;
        return true;
      }
    }
    @ServerEndpoint('/mapped')
    class Mapped {}
    const config = ServerEndpointConfig.Builder.create(Talk, '/x').configurator(new Hooks()).build();
    const { port, server, outcomes } = await front(config, { attached: [Mapped] });
    const errors: number[] = [];
    server.on('upgrade', (_request, socket) => setImmediate(() => errors.push(socket.listenerCount('error'))));
    const peer = await RawPeer.connect({ port });
    peer.send(written({ target: '/front' }));
    await asked.promise;
    await eventually(() => expect(errors).toEqual([1])); // somebody listens, though the attached container has let go
    peer.reset();
    await eventually(() => expect(outcomes).toHaveLength(1));
    hook.open();
  });

  it('does nothing while no endpoint is there', async () => {
    const container = new ServerContainer();
    containers.push(container);
    const server = createServer();
    servers.push(server);
    await container.attach(server);
    server.on('upgrade', (_request, socket: Duplex) => socket.on('error', () => {}).end('HTTP/1.1 418 Mine\r\nContent-Length: 0\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect((await ask({ port: (server.address() as AddressInfo).port })).status).toBe(418);
  });
});
