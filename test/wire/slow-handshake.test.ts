/** Requests that trickle, or never come [REL-2]. */
import { expect, it } from '@jest/globals';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { withListening } from '../support/ws-server.js';
import { answerTo, Recorder, taking } from '../transport/contract/rig.js';

const accepting = () => taking((offer) => offer.accept(answerTo(offer), () => new Recorder()));

/** Sends a byte of the request at a time; ms until the server has ended the connection. */
async function trickle(peer: RawPeer, bytes: string, every: number): Promise<number> {
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    if (!peer.hasEnded && sent < bytes.length) peer.send(bytes[sent++] as string);
  }, every);
  await peer.ended().finally(() => clearInterval(timer));
  return performance.now() - started;
}

it.each<[what: string, bytes: string]>([
  ['nothing at all', ''],
  ['a byte at a time', upgradeRequest('/', [`X-Slow: ${'a'.repeat(1000)}`])],
  ['a request, then silence', 'GET / HTTP/1.1\r\nHost: a\r\n'],
])('[REL-2] %s is cut after handshakeTimeout, with a 408', async (_, bytes) => {
  await withListening(
    accepting(),
    async ({ connect }) => {
      const peer = await connect();
      const time = await trickle(peer, bytes, 20);
      const { status, body } = await peer.response();
      expect([status, body]).toEqual([408, 'The request took too long to arrive. [MARGAY_UPGRADE_HTTP]']);
      expect(time).toBeGreaterThan(250);
      expect(time).toBeLessThan(1500);
    },
    { handshakeTimeout: 400 },
  );
});

it('[REL-2] a TLS handshake that does not come is cut', async () => {
  await withListening(
    accepting(),
    async ({ port }) => {
      const peer = await RawPeer.connect({ port });
      expect(await trickle(peer, '\x16\x03\x01\x02\x00', 20)).toBeLessThan(1500);
      expect(peer.bytes.length).toBe(0);
    },
    { handshakeTimeout: 400, tls: { key, cert } },
  );
});

it('[REL-2] 200 slow sockets do not slow a good handshake', async () => {
  await withListening(accepting(), async ({ connect }) => {
    const slow = await Promise.all(Array.from({ length: 200 }, () => connect()));
    const timer = setInterval(() => {
      for (const peer of slow) peer.send('G');
    }, 50);
    try {
      for (const peer of slow) peer.send('GET / HTTP/1.1\r\nX-Slow: ');
      const started = performance.now();
      const peer = await connect();
      peer.send(upgradeRequest('/'));
      expect((await peer.response()).status).toBe(101);
      expect(performance.now() - started).toBeLessThan(500);
    } finally {
      clearInterval(timer);
    }
  });
});

it('a request in pieces is a request', async () => {
  await withListening(accepting(), async ({ connect }) => {
    const peer = await connect();
    for (const byte of upgradeRequest('/')) {
      peer.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await peer.response()).status).toBe(101);
  });
});
