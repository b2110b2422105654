/** Requests that trickle, or never come [REL-2]. */
import { connect as netConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { expect, it } from '@jest/globals';
import { sleep } from '../support/eventually.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
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

it('[REL-2] a TLS handshake that comes at the last moment leaves the request no time of its own', async () => {
  await withListening(
    accepting(),
    async ({ port }) => {
      const started = performance.now();
      const raw = netConnect({ port, host: '127.0.0.1' });
      await sleep(1300);
      const secured = tlsConnect({ socket: raw, ca: cert, servername: 'localhost' });
      const ended = new Promise<void>((resolve) => secured.once('close', resolve));
      secured.on('error', () => {});
      let answer = '';
      secured.on('data', (bytes) => {
        answer += bytes;
      });
      secured.write('GET / HTTP/1.1\r\nHost: a\r\n');
      await ended;
      expect(answer).toMatch(/^HTTP\/1.1 408 .*MARGAY_UPGRADE_HTTP/s);
      expect(performance.now() - started).toBeLessThan(2400); // node alone would take 2800 and more
    },
    { handshakeTimeout: 1500, tls: { key, cert } },
  );
});

/** What is sent at once, and what follows it a byte at a time until the server has had enough. */
const PARTS: readonly (readonly [where: string, prefix: string, bytes: string])[] = [
  ['in front of the request', '', '\r\n'.repeat(500)],
  ['in the method', 'GE', ''],
  ['behind the method', 'GET', ' '.repeat(1000)],
  ['in the target', 'GET /', 'a'.repeat(1000)],
  ['in the version', 'GET / HTTP/1', '.1'],
  ['in the name of a header', 'GET / HTTP/1.1\r\nX-', 'a'.repeat(1000)],
  ['in front of a value', 'GET / HTTP/1.1\r\nX-Slow:', ' '.repeat(1000)],
  ['in a value', 'GET / HTTP/1.1\r\nX-Slow: ', 'a'.repeat(1000)],
  ['between headers', 'GET / HTTP/1.1\r\n', 'a: b\r\n'.repeat(90)],
  ['in front of the last LF', upgradeRequest('/').slice(0, -1), ''],
];

it.each([undefined, { key, cert }])('[REL-2] whoever trickles is cut, in whatever part of the request; TLS: %j', async (tls) => {
  const log: unknown[] = [];
  await withListening(
    taking((offer) => log.push(offer.target)),
    async ({ connect }) => {
      await sideBySide(
        PARTS,
        ([where]) => where,
        async ([, prefix, bytes]) => {
          const peer = await connect();
          peer.send(prefix);
          await trickle(peer, bytes, 25);
          expect((await peer.response()).status).toBe(408);
        },
      );
    },
    { handshakeTimeout: 400, tls },
  );
  expect(log).toEqual([]);
});

/** ms of the quickest of some good handshakes, one after the other. */
async function quickest(connect: () => Promise<RawPeer>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    const peer = await connect();
    peer.send(upgradeRequest('/'));
    expect((await peer.response()).status).toBe(101);
    least = Math.min(least, performance.now() - started);
    peer.reset();
  }
  return least;
}

it('[REL-2] 200 slow sockets do not slow a good handshake', async () => {
  await withListening(accepting(), async ({ connect }) => {
    const alone = await quickest(connect);
    const slow = await Promise.all(Array.from({ length: 200 }, () => connect()));
    for (const peer of slow) peer.send('GET / HTTP/1.1\r\nX-Slow: ');
    const timer = setInterval(() => {
      for (const peer of slow) peer.send('G');
    }, 50);
    try {
      expect(await quickest(connect)).toBeLessThan(10 * Math.max(alone, 1));
      expect(slow.filter(({ hasEnded }) => hasEnded)).toHaveLength(0);
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
