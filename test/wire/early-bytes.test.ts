/** Bytes that follow a handshake before it has been answered. */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Offer } from '../../src/transport/spi.js';
import { cert, key } from '../support/localhost-certificate.js';
import { type RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { binary, ping, text } from '../support/wire-frames.js';
import { withListening } from '../support/ws-server.js';
import { answerTo, Opening, Recorder, taking } from '../transport/contract/rig.js';

const request = Buffer.from(upgradeRequest('/'), 'latin1');
const frames = Buffer.concat([text('a'), ping('p'), binary('b'.repeat(200)), text('z')]);

/** How the bytes are cut, and when the gate answers. */
const cuts: [how: string, pieces: Buffer[]][] = [
  ['in one piece', [Buffer.concat([request, frames])]],
  ['behind the request', [request, frames]],
  ['cut in the request', [request.subarray(0, 40), Buffer.concat([request.subarray(40), frames])]],
  ['cut in a frame', [Buffer.concat([request, frames.subarray(0, 9)]), frames.subarray(9)]],
  ['cut between frames, twice', [Buffer.concat([request, frames.subarray(0, 7)]), frames.subarray(7, 14), frames.subarray(14)]],
  ['byte for byte', [request, ...[...frames].map((byte) => Buffer.from([byte]))]],
];

for (const tls of [undefined, { key, cert }]) {
  describe(`[REL-7] early bytes${tls === undefined ? '' : ' over TLS'} are delivered in order, after onOpened`, () => {
    for (const delay of [null, 0, 30]) {
      it.each(cuts)(`%s, the gate answering ${delay === null ? 'at once' : `after ${delay} ms`}`, async (_, pieces) => {
        const log = new Recorder();
        const accept = (offer: Offer): void => offer.accept(answerTo(offer), () => log);
        const gate = taking((offer) => (delay === null ? accept(offer) : void setTimeout(delay).then(() => accept(offer))));
        await withListening(
          gate,
          async ({ connect }) => {
            const peer = await connect();
            for (const piece of pieces) {
              peer.send(piece);
              await setTimeout(2);
            }
            await log.until('text', 2);
            expect(log.story.map(([event, data]) => [event, Buffer.isBuffer(data) ? data.toString() : data])).toEqual([
              ['opened', undefined],
              ['text', 'a'],
              ['binary', 'b'.repeat(200)],
              ['text', 'z'],
            ]);
            expect((await peer.response()).status).toBe(101);
          },
          { tls },
        );
      });
    }
  });
}

describe('a peer that does not wait for the answer', () => {
  /** Asks, gives the test the undecided offer, and ends. */
  async function undecided(body: (offer: Offer, peer: RawPeer) => Promise<void>): Promise<void> {
    const offers: Offer[] = [];
    await withListening(
      taking((offer) => offers.push(offer)),
      async ({ connect }) => {
        const peer = await connect();
        peer.send(request);
        while (offers.length === 0) await setTimeout(1);
        await body(offers[0] as Offer, peer);
      },
    );
  }

  it('may send more than we keep: the rest waits in its own buffers, and nothing is lost', async () => {
    await undecided(async (offer, peer) => {
      const log = new Recorder();
      const count = 400;
      let unsent = count;
      for (let i = 0; i < count; i++) peer.socket.write(binary(Buffer.alloc(60_000, i)), () => unsent--);
      await setTimeout(100);
      expect(unsent).toBeGreaterThan(0);
      offer.accept(answerTo(offer), () => log);
      await log.until('binary', count);
      expect(log.all('binary').map(([bytes]) => (bytes as Buffer)[0])).toEqual(Array.from({ length: count }, (_, i) => i & 0xff));
    });
  });

  it.each<[how: string, leave: (peer: RawPeer) => void]>([
    ['with an end', (peer) => peer.end()],
    ['with a reset', (peer) => peer.reset()],
    ['with an end behind early frames', (peer) => void peer.socket.end(frames)],
  ])('and leaves %s is noticed, and nothing is opened', async (_, leave) => {
    await undecided(async (offer, peer) => {
      const aborted = new Promise<void>((resolve) => offer.onAborted(resolve));
      leave(peer);
      await aborted;
      const opening = new Opening();
      offer.accept(answerTo(offer), opening.open);
      offer.decline(403, [], 'no');
      await peer.closed().catch(() => peer.socket.destroy());
      expect([opening.count, peer.bytes.length]).toEqual([0, 0]);
    });
  });

  it('and has been reset unnoticed is found out by accept', async () => {
    const log = new Recorder();
    const opening = new Opening();
    let aborted = 0;
    const gate = taking((offer) => {
      offer.onAborted(() => aborted++);
      offer.request?.socket.destroy();
      offer.accept(answerTo(offer), opening.open);
    });
    await withListening(gate, async ({ connect }) => {
      const peer = await connect();
      peer.send(request);
      await peer.ended();
      expect([opening.count, aborted, log.heard.length, peer.bytes.length]).toEqual([0, 1, 0, 0]);
    });
  });
});
