/** How many connections a container takes, and that none is counted for ever. [REL-16, D-37] */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { type ContainerOptions, Decoder, OnClose, OnOpen, ServerContainer, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import type { Gate, Offer, Transport } from '../../src/transport/spi.js';
import { ask, type Question } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { start } from '../support/start.js';

@ServerEndpoint('/talk')
class Talk {}

const FULL = /^503 There are as many connections as there may be\. \[MARGAY_MAX_CONNECTIONS\]$/;
const from = (address: string): Question => ({ headers: { 'X-Forwarded-For': address } });

/** A connection that stays. */
const open = (started: { readonly port: number }, { headers = {} }: Question = {}): Promise<RawPeer> =>
  RawPeer.open(started, '/talk', { lines: Object.entries(headers).map(([name, value]) => `${name}: ${value}`) });

/** One leaves, and one more has room. */
async function hasRoom(started: { readonly port: number }, question: Question = {}): Promise<void> {
  await eventually(async () => expect((await ask(started, question)).status).toBe(101));
}

describe('[REL-16] maxConnections', () => {
  it('is a complete 503 with Retry-After for one more, counted as refused; then one leaves', async () => {
    const started = await start(Talk, { maxConnections: 2 });
    const [first] = [await open(started), await open(started)];
    const { status, headers, body } = await ask(started);
    expect(`${status} ${body}`).toMatch(FULL);
    expect([headers.get('retry-after'), headers.get('connection')]).toEqual([['5'], ['close']]);
    const { open: isOpen, refused } = started.container.statistics();
    expect([isOpen, [...refused]]).toEqual([2, [[503, 1]]]);
    first?.reset();
    await hasRoom(started);
  });

  it('holds for all endpoints and all ways in together', async () => {
    @ServerEndpoint('/other')
    class Other {}
    const started = await start([Talk, Other], { maxConnections: 2 });
    const server = createServer();
    await started.container.attach(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const attached = server.address() as { port: number };
      await open(started);
      await RawPeer.open(attached, '/other');
      for (const where of [started, attached]) expect((await ask(where)).status).toBe(503);
    } finally {
      RawPeer.dropAll();
      server.close();
    }
  });

  it('comes behind 404 and 426, and before what HTTP asks and before anybody is asked', async () => {
    const asked: unknown[] = [];
    const authenticate = () => {
      asked.push('authenticate');
      return null;
    };
    const started = await start(Talk, { maxConnections: 1, authenticate });
    await open(started);
    expect((await ask(started, { target: '/nowhere' })).status).toBe(404);
    expect((await ask(started, { headers: { Upgrade: null, Connection: null } })).status).toBe(426);
    expect((await ask(started, { headers: { 'Content-Length': '5' } })).status).toBe(503);
    expect((await ask(started, { headers: { 'Sec-WebSocket-Key': null } })).status).toBe(503);
    expect(asked).toEqual(['authenticate']); // for the one that is there
  });

  it('counts handshakes under way, and not those that end without a connection', async () => {
    const hook = gate<boolean>();
    class Hooks extends ServerEndpointConfig.Configurator {
      override checkOrigin(): Promise<boolean> {
        return hook.promise;
      }
    }
    @ServerEndpoint({ value: '/slow', configurator: Hooks })
    class Slow {}
    const started = await start([Talk, Slow], { maxConnections: 1 });
    const undecided = RawPeer.ask(started, '/slow');
    await eventually(async () => expect((await ask(started)).status).toBe(503));
    hook.open(false);
    expect((await undecided.response()).status).toBe(403);
    await hasRoom(started);
  });

  it('counts a connection until its @OnClose has settled and its socket is gone', async () => {
    const closing = gate();
    const closes: number[] = [];
    @ServerEndpoint('/slow')
    class Slow {
      @OnClose
      async close(): Promise<void> {
        closes.push(1);
        await closing.promise;
      }
    }
    const started = await start([Talk, Slow], { maxConnections: 1 });
    const peer = await RawPeer.open(started, '/slow');
    peer.close(1000);
    await peer.finished();
    await eventually(() => expect(closes).toEqual([1]));
    expect((await ask(started)).status).toBe(503);
    closing.open();
    await hasRoom(started);
  });
});

describe('[REL-16] maxConnectionsPerAddress', () => {
  it('is for each address by itself, as trusted proxies tell it', async () => {
    const started = await start(Talk, { maxConnectionsPerAddress: 1, trustProxy: true });
    const [first] = [await open(started, from('192.0.2.1')), await open(started, from('192.0.2.2'))];
    const { status, body } = await ask(started, from('192.0.2.1'));
    expect(`${status} ${body}`).toMatch(FULL);
    expect((await ask(started, from('192.0.2.2'))).status).toBe(503);
    expect((await ask(started, from('::ffff:192.0.2.2'))).status).toBe(503); // the same address
    await hasRoom(started, from('192.0.2.3'));
    first?.reset();
    await hasRoom(started, from('192.0.2.1'));
    expect((await ask(started, from('192.0.2.2'))).status).toBe(503);
  });

  it('[D-37] is not fooled by a header that nobody vouches for', async () => {
    const started = await start(Talk, { maxConnectionsPerAddress: 1 });
    await open(started, from('192.0.2.1'));
    expect((await ask(started, from('192.0.2.2'))).status).toBe(503);
  });

  it('[REL-4] an address that is none counts as the peer, and names of objects are nothing special', async () => {
    const started = await start(Talk, { maxConnectionsPerAddress: 1, trustProxy: true });
    for (const word of ['__proto__', 'constructor', 'unknown']) {
      const peer = await eventually(() => open(started, from(word)));
      expect((await ask(started, from(word))).status).toBe(503);
      expect((await ask(started, from('127.0.0.1'))).status).toBe(503);
      peer.reset();
    }
  });

  it('stands beside maxConnections', async () => {
    const started = await start(Talk, { maxConnections: 3, maxConnectionsPerAddress: 2, trustProxy: true });
    const statuses: number[] = [];
    const peers: RawPeer[] = [];
    for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3']) {
      const peer = RawPeer.ask(started, '/talk', { lines: [`X-Forwarded-For: ${address}`] });
      peers.push(peer);
      statuses.push((await peer.response()).status);
    }
    expect(statuses).toEqual([101, 101, 503, 101, 503]);
  });
});

describe('[REL-16] a place is given back', () => {
  class Never extends Decoder.Text(Object) {
    override init(): Promise<void> {
      return new Promise(() => {});
    }
    decode(): object {
      return {};
    }
  }
  @ServerEndpoint('/talk')
  class Broken {
    constructor() {
      throw new Error('no');
    }
  }
  const stuck = ServerEndpointConfig.Builder.create(Talk, '/talk').decoders([Never]).build();

  const WAYS: readonly (readonly [
    what: string,
    endpoint: Parameters<typeof start>[0],
    options: ContainerOptions,
    end: (started: { readonly port: number }) => Promise<unknown>,
  ])[] = [
    ['refused for its headers', Talk, {}, (started) => ask(started, { headers: { 'Sec-WebSocket-Key': 'x' } })],
    ['refused for its HTTP', Talk, {}, (started) => ask(started, { headers: { 'Content-Length': '1' } })],
    ['refused for who it is', Talk, { rolesAllowed: ['*'] }, (started) => ask(started)],
    ['refused for its transport', Talk, { confidential: true }, (started) => ask(started)],
    ['refused for its origin', Talk, {}, (started) => ask(started, { headers: { Origin: 'http://evil.example' } })],
    ['refused for its extensions', Talk, {}, (started) => ask(started, { headers: { 'Sec-WebSocket-Extensions': 'a;b="' } })],
    ['whose constructor throws', Broken, {}, (started) => ask(started)],
    ['whose hooks take too long', stuck, { hookTimeout: 30 }, (started) => ask(started)],
    [
      'whose peer leaves while hooks run',
      stuck,
      {},
      async (started) => {
        const peer = await RawPeer.connect(started);
        peer.send(upgradeRequest('/talk'));
        peer.reset();
        await peer.closed();
      },
    ],
    [
      'whose authenticate throws',
      Talk,
      {
        authenticate: () => {
          throw new Error('no');
        },
      },
      (started) => ask(started),
    ],
  ];

  it.each(WAYS)('by a handshake %s', async (_what, endpoint, options, end) => {
    const started = await start(endpoint, { ...options, maxConnections: 1 });
    for (let i = 0; i < 3; i++) await end(started);
    await eventually(async () => expect((await ask(started, { target: '/talk', headers: { Connection: 'x' } })).status).not.toBe(503));
  });

  it('by a session whose @OnOpen throws, that is reset, closed by either side, or dropped', async () => {
    let own!: Session;
    @ServerEndpoint('/talk')
    class Ends {
      @OnOpen
      open(session: Session): void {
        own = session;
        if (session.getQueryString() === 'throws') throw new Error('no');
      }
    }
    const started = await start(Ends, { maxConnections: 1, closeTimeout: 50, lingerTimeout: 50 });
    const ends: ((peer: RawPeer) => unknown)[] = [
      (peer) => peer.reset(),
      (peer) => peer.end(),
      (peer) => peer.close(1000),
      () => own.close(),
      (peer) => peer.send({ opcode: 3 }),
    ];
    for (const end of ends) {
      const peer = await eventually(() => open(started));
      end(peer);
      await hasRoom(started);
    }
    await eventually(() => RawPeer.open(started, '/talk?throws'));
    await hasRoom(started);
  });

  it('[DEP-8] by upgradeHttpToWebSocket, which is counted too', async () => {
    const container = new ServerContainer({ maxConnections: 1, shutdownTimeout: 500 });
    const config = ServerEndpointConfig.Builder.create(Talk, '/talk').build();
    const outcomes: unknown[] = [];
    const server = createServer().on('upgrade', (request, socket, head) => {
      container.upgradeHttpToWebSocket(request, socket, head, config, {}).then(
        () => outcomes.push('opened'),
        (error: { code: string }) => outcomes.push(error.code),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address() as { port: number };
    try {
      const peer = await open(address);
      expect((await ask(address)).body).toContain('[MARGAY_MAX_CONNECTIONS]');
      expect(outcomes).toEqual(['opened', 'MARGAY_HANDSHAKE_INVALID']);
      expect(container.statistics().refused.get(503)).toBe(1);
      peer.reset();
      await hasRoom(address);
    } finally {
      RawPeer.dropAll();
      await container.close();
      server.close();
    }
  });
});

it('[REL-16] a place is not lost with an engine that fails at switching', async () => {
  const key = 'x3JJHMbDL1EzLkh9GBhXDw==';
  const lines = { host: 'localhost', upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13', 'sec-websocket-key': key };
  const answers: unknown[] = [];
  const offer: Offer = {
    ...{ method: 'GET', target: '/talk', httpVersion: '1.1', secure: false, shared: false, rawHeaders: [] },
    ...{ peer: { address: 'a', port: 1 }, local: { address: 'b', port: 2 } },
    headers: new Map(Object.entries(lines).map(([name, line]) => [name, [line]])),
    accept() {
      answers.push('accept');
      throw new Error('out of luck');
    },
    decline: (status) => void answers.push(status),
    onAborted() {},
  };
  let gate: Gate | undefined;
  const transport: Transport = {
    start(own) {
      gate = own;
    },
    stop: async () => {},
  };
  const logger = { debug() {}, info() {}, warn() {}, error: () => void answers.push('logged') };
  const container = new ServerContainer({ transport, logger, maxConnections: 1 });
  await container.addEndpoint(Talk);
  await container.listen();
  for (let i = 0; i < 2; i++) {
    gate?.offer(offer);
    await eventually(() => expect(answers).toHaveLength(2));
    expect(answers.splice(0)).toEqual(['accept', 'logged']);
  }
  await container.close();
});
