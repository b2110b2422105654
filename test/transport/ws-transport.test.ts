/** Where the ws engine listens, and how it starts and stops. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { type ListenOptions, WsTransport } from '../../src/transport/ws/ws-transport.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { NobodyGate, withListening } from '../support/ws-server.js';
import { quiet, taking } from './contract/rig.js';

const options: ListenOptions = { port: 0, host: '127.0.0.1', handshakeTimeout: 10_000, maxHeaderSize: 16_384, maxHeadersCount: 100 };

it('knows its address once it has started, and that it is secure', async () => {
  const transport = new WsTransport(options);
  expect(transport.address).toBe(null);
  await transport.start(new NobodyGate());
  expect(transport.address).toEqual({ host: '127.0.0.1', port: expect.any(Number), secure: false });
  expect(transport.address?.port).toBeGreaterThan(0);
  await transport.stop();
  expect(transport.address).toBe(null);
  await withListening(new NobodyGate(), async ({ transport: secure }) => expect(secure.address?.secure).toBe(true), { tls: { key, cert } });
});

it('[LISTEN] rejects with the error of node when the port is taken, and can still be stopped', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = new WsTransport({ ...options, port: (server.address() as AddressInfo).port });
  await expect(transport.start(new NobodyGate())).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' });
  await transport.stop();
  server.close();
});

it('starts once', async () => {
  const transport = new WsTransport(options);
  await transport.start(new NobodyGate());
  expect(() => transport.start(new NobodyGate())).toThrow('starts once');
  await transport.stop();
  expect(() => transport.start(new NobodyGate())).toThrow('starts once');
});

it.each(['127.0.0.1', 'localhost'])('does not listen on %s when it is stopped while it starts', async (host) => {
  const transport = new WsTransport({ ...options, host });
  const starting = expect(Promise.resolve(transport.start(new NobodyGate()))).rejects.toThrow('Stopped before it listened');
  await transport.stop();
  await starting;
  await quiet();
  expect(transport.address).toBe(null);
});

it('stops with every connection gone, whatever they were doing', async () => {
  const transport = new WsTransport({ ...options, tls: { key, cert } });
  await transport.start(taking(() => {}));
  const { port = 0 } = transport.address ?? {};
  const [idle, undecided, half] = [
    await RawPeer.connect({ port, secure: true }),
    await RawPeer.connect({ port, secure: true }),
    await RawPeer.connect({ port }),
  ];
  undecided.send(upgradeRequest('/'));
  await quiet();
  await transport.stop();
  await Promise.all([idle.ended(), undecided.ended(), half.ended()]);
  half.socket.destroy();
  await expect(RawPeer.connect({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
