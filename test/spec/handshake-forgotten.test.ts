/** A session lives long; its handshake, with node's request and whatever hangs on it, does not. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { expect, it } from '@jest/globals';
import { type ContainerOptions, ServerContainer, ServerEndpoint, ServerEndpointConfig, serve } from 'margay';
import { eventually } from '../support/eventually.js';
import { held } from '../support/memory.js';
import { RawPeer } from '../support/raw-peer.js';

const SESSIONS = 20;
/** ms; collecting takes long in a process that has run many tests before. */
const PATIENCE = 60_000;

@ServerEndpoint('/talk')
class Talk {}

const quiet = { shutdownTimeout: 500, logger: { debug() {}, info() {}, warn() {}, error() {} } };
const bound: ContainerOptions = {
  authenticate: () => ({ name: 'ann', expires: new Date(Date.now() + 600_000) }),
  rolesAllowed: ['*'],
  httpSession: (request) => ({ id: '1', request }), // as those of express do
  onSessionEnd: () => () => {},
};

/** Opens sessions, and waits until the garbage is gone and the requests with it. */
async function forgotten(port: number, requests: readonly WeakRef<IncomingMessage>[]): Promise<void> {
  for (let i = 0; i < SESSIONS; i++) await RawPeer.open({ port }, '/talk');
  expect(requests).toHaveLength(SESSIONS);
  await eventually(async () => {
    await held();
    expect(requests.filter((request) => request.deref() !== undefined).length).toBeLessThan(3); // node itself may hold the last
  });
}

it.each<[string, ContainerOptions]>([
  ['an open session', {}],
  ['a session that is bound to an identity', bound],
])(
  '[REL-14, LIF-3] %s holds nothing of the request it came by',
  async (_what, options) => {
    const requests: WeakRef<IncomingMessage>[] = [];
    const authenticate = (request: IncomingMessage) => {
      requests.push(new WeakRef(request));
      return options.authenticate?.(request) ?? null;
    };
    const container = await serve({ ...quiet, ...options, authenticate, endpoints: [Talk], port: 0, host: '127.0.0.1' });
    try {
      await forgotten(Number(new URL(container.url).port), requests);
      expect(container.statistics().open).toBe(SESSIONS);
    } finally {
      RawPeer.dropAll();
      await container.close();
    }
  },
  PATIENCE,
);

it(
  '[REL-14, DEP-8] nor does one that came by upgradeHttpToWebSocket',
  async () => {
    const requests: WeakRef<IncomingMessage>[] = [];
    const container = new ServerContainer(quiet);
    const config = ServerEndpointConfig.Builder.create(Talk, '/any').build();
    const server = createServer().on('upgrade', (request, socket, head) => {
      requests.push(new WeakRef(request));
      void container.upgradeHttpToWebSocket(request, socket, head, config, {});
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      await forgotten((server.address() as { port: number }).port, requests);
      expect(container.statistics().open).toBe(SESSIONS);
    } finally {
      RawPeer.dropAll();
      await container.close();
      server.close();
    }
  },
  PATIENCE,
);

it(
  '[REL-14, REL-4] nor does it hold a header line of which it needs a few words',
  async () => {
    @ServerEndpoint({ value: '/talk', subprotocols: ['a-protocol-with-a-long-name'] })
    class Choosy {}
    const container = await serve({ ...quiet, endpoints: [Choosy], perMessageDeflate: true, port: 0, host: '127.0.0.1' });
    const port = Number(new URL(container.url).port);
    /** Bytes for a session, whose client offers so many more. */
    const costOf = async (more: number): Promise<number> => {
      const lines = [
        `Sec-WebSocket-Protocol: a-protocol-with-a-long-name, ${'x'.repeat(more)}`,
        `Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10; server_max_window_bits=10, ${'y'.repeat(more)}`,
      ];
      const before = await held();
      await Promise.all(Array.from({ length: 10 * SESSIONS }, () => RawPeer.open({ port }, '/talk', { lines })));
      return ((await held()) - before) / (10 * SESSIONS);
    };
    try {
      await costOf(1);
      const few = await costOf(1);
      expect((await costOf(7500)) - few).toBeLessThan(5000);
    } finally {
      RawPeer.dropAll();
      await container.close();
    }
  },
  PATIENCE,
);
