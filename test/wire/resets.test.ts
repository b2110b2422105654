/** Peers that vanish with a reset, at every stage: no error gets out, and the next peer is served [REL-1]. */
import { setTimeout } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { Offer } from '../../src/transport/spi.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { type Listening, withListening, withServer } from '../support/ws-server.js';
import { answerTo, Recorder } from '../transport/contract/rig.js';

/** Answers by path: at once, later, never; with a 101, a refusal, or nothing. */
function gate(logs: Recorder[] = []): { offer(offer: Offer): boolean } {
  const accept = (offer: Offer): void => {
    const log = new Recorder();
    log.at.onOpened = () => logs.push(log);
    offer.accept(answerTo(offer), () => log);
  };
  return {
    offer(offer) {
      const { target } = offer;
      if (target === '/nobody') return false;
      if (target === '/open') accept(offer);
      if (target === '/open-later') void setTimeout(20).then(() => accept(offer));
      if (target === '/refuse') offer.decline(403, [], 'x'.repeat(500_000));
      if (target === '/refuse-later') void setTimeout(20).then(() => offer.decline(403, [], 'x'.repeat(500_000)));
      return true;
    },
  };
}

const stages: [stage: string, act: (peer: RawPeer) => unknown][] = [
  ['connected', () => {}],
  ['in the request line', (peer) => peer.send('GET /op')],
  ['in the headers', (peer) => peer.send(upgradeRequest('/open').slice(0, 60))],
  ['behind garbage', (peer) => peer.send('\0\0\r\n\r\n')],
  ['behind a plain request', (peer) => peer.send('GET /refuse HTTP/1.1\r\n\r\n')],
  ['behind a plain request still undecided', (peer) => peer.send('GET /refuse-later HTTP/1.1\r\n\r\n')],
  ['in a body', (peer) => peer.send('POST /refuse-later HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc')],
  ['behind a refused upgrade', (peer) => peer.send(upgradeRequest('/refuse'))],
  ['behind an upgrade nobody takes', (peer) => peer.send(upgradeRequest('/nobody'))],
  ['before a refusal', (peer) => peer.send(upgradeRequest('/refuse-later'))],
  ['before a decision that never comes', (peer) => peer.send(upgradeRequest('/never'))],
  ['before the 101', (peer) => peer.send(upgradeRequest('/open-later'))],
  ['with the 101 on its way', (peer) => peer.send(upgradeRequest('/open'))],
  [
    'behind the 101',
    async (peer) => {
      peer.send(upgradeRequest('/open'));
      await peer.response();
    },
  ],
  [
    'in a frame header',
    async (peer) => {
      peer.send(upgradeRequest('/open'));
      await peer.response();
      peer.send(Buffer.from([0x81]));
    },
  ],
];

async function serves(connect: () => Promise<RawPeer>): Promise<void> {
  const peer = await connect();
  peer.send(upgradeRequest('/open'));
  expect((await peer.response()).status).toBe(101);
}

const servers: [name: string, run: (body: (listening: Pick<Listening, 'connect'>) => Promise<void>) => Promise<void>][] = [
  ['listening', (body) => withListening(gate(), body)],
  ['listening over TLS', (body) => withListening(gate(), body, { tls: { key, cert } })],
  [
    'attached',
    (body) =>
      withServer(
        (_, response) => void response.end('hello'),
        (served) => {
          served.attach(gate());
          return body(served);
        },
      ),
  ],
];

for (const [name, run] of servers) {
  it.each(stages)(`[REL-1] ${name}: a reset %s`, async (_, act) => {
    await run(async ({ connect }) => {
      for (const pause of [0, 5, 40]) {
        const peer = await connect();
        await act(peer);
        if (pause > 0) await setTimeout(pause);
        peer.reset();
      }
      await setTimeout(30);
      await serves(connect);
    });
  });
}

it('[REL-1] a TLS server survives what is no TLS, and peers that leave in the handshake', async () => {
  const logs: Recorder[] = [];
  await withListening(
    gate(logs),
    async ({ port, connect }) => {
      for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01', '']) {
        const peer = await RawPeer.connect({ port });
        peer.send(bytes);
        await setTimeout(10);
        peer.reset();
      }
      await serves(connect);
      expect(logs.length).toBe(1);
    },
    { tls: { key, cert } },
  );
});

it('[D-20] a reset behind the 101 is an onClosed with its error, a plain end is one without', async () => {
  const logs: Recorder[] = [];
  await withListening(gate(logs), async ({ connect }) => {
    for (const leave of [(peer: RawPeer) => peer.reset(), (peer: RawPeer) => peer.end()]) {
      const peer = await connect();
      peer.send(upgradeRequest('/open'));
      await peer.response();
      leave(peer);
      await logs.at(-1)?.until('closed');
    }
    expect(logs.map((log) => log.all('closed').map(([error]) => (error as NodeJS.ErrnoException | undefined)?.code))).toEqual([
      ['ECONNRESET'],
      [undefined],
    ]);
  });
});
