/** Starts the ws engine for one test, on a port of its own or on an HTTP server of the test's. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gate, Offer } from '../../src/transport/spi.js';
import { type ListenOptions, WsTransport } from '../../src/transport/ws/ws-transport.js';
import { RawPeer } from './raw-peer.js';

export interface Listening {
  readonly transport: WsTransport;
  readonly port: number;
  connect(): Promise<RawPeer>;
}

/** A transport that listens, as long as the test runs. */
export async function withListening(
  gate: Gate,
  body: (listening: Listening) => Promise<void>,
  more: Partial<ListenOptions> = {},
): Promise<void> {
  const transport = new WsTransport({
    port: 0,
    host: '127.0.0.1',
    handshakeTimeout: 10_000,
    maxHeaderSize: 16_384,
    maxHeadersCount: 100,
    ...more,
  });
  await transport.start(gate);
  const { port = 0 } = transport.address ?? {};
  const peers: RawPeer[] = [];
  const connect = async (): Promise<RawPeer> => {
    const peer = await RawPeer.connect({ port, secure: more.tls !== undefined });
    peers.push(peer);
    return peer;
  };
  try {
    await body({ transport, port, connect });
  } finally {
    for (const peer of peers) peer.socket.destroy();
    await transport.stop();
  }
}

export interface Served {
  readonly server: Server;
  readonly port: number;
  connect(): Promise<RawPeer>;
  attach(gate: Gate): WsTransport;
}

/** An HTTP server of the application's, to which the test attaches what it likes. */
export async function withServer(routes: RequestListener, body: (served: Served) => Promise<void>): Promise<void> {
  const server = createServer(routes);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peers: RawPeer[] = [];
  const transports: WsTransport[] = [];
  try {
    await body({
      server,
      port,
      connect: async () => {
        const peer = await RawPeer.connect({ port });
        peers.push(peer);
        return peer;
      },
      attach: (gate) => {
        const transport = new WsTransport({ server });
        void transport.start(gate);
        transports.push(transport);
        return transport;
      },
    });
  } finally {
    for (const peer of peers) peer.socket.destroy();
    await Promise.all(transports.map((transport) => transport.stop()));
    server.closeAllConnections();
    server.close();
  }
}

/** Takes nothing; remembers what it saw. */
export class NobodyGate implements Gate {
  readonly offers: Offer[] = [];

  offer(offer: Offer): boolean {
    this.offers.push(offer);
    return false;
  }
}
