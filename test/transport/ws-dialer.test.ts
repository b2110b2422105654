/** The ws engine's client half, against the contract. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { WsDialer } from '../../src/transport/ws/ws-dialer.js';
import { WsTransport } from '../../src/transport/ws/ws-transport.js';
import { dialerContract } from './dialer-contract.js';

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

dialerContract(
  'the ws engine',
  {
    async serve(gate) {
      const transport = new WsTransport({
        port: 0,
        host: '127.0.0.1',
        handshakeTimeout: 10_000,
        maxHeaderSize: 16_384,
        maxHeadersCount: 100,
      });
      await transport.start(gate);
      return { origin: `ws://127.0.0.1:${transport.address?.port}`, dialer: new WsDialer(), stop: () => transport.stop() };
    },
    async nowhere() {
      return { uri: new URL(`ws://127.0.0.1:${await freePort()}/`), dialer: new WsDialer() };
    },
  },
  { describe, it, expect },
);
