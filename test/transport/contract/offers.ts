/** From the request to the open connection: transport, gate, offer. */
import type { Channel, Offer, Transformation } from '../../../src/transport/spi.js';
import {
  answerTo,
  type Engine,
  eventually,
  Opening,
  quiet,
  Recorder,
  type Runner,
  refusal,
  taking,
  withPair,
  withTransport,
} from './rig.js';

export function offerContract(engine: Engine, { describe, it, expect }: Runner): void {
  describe('an offer', () => {
    it('[HS-1] shows the request as it was sent', async () => {
      const offers: Offer[] = [];
      const gate = { offer: (offer: Offer) => offers.push(offer) < 0 };
      await withTransport(engine, gate, async (transport) => {
        const headers = { 'X-Two': ['one', 'two, three'], __proto__x: 'a', Constructor: 'b' };
        await refusal(engine.dial(transport, '//a/%7Eb?c=%20d', new Recorder(), { headers }));
        const offer = offers[0] as Offer;
        expect(offer.method).toBe('GET');
        expect(offer.target).toBe('//a/%7Eb?c=%20d');
        expect(offer.httpVersion).toBe('1.1');
        expect(offer.secure).toBe(transport.address?.secure ?? false);
        expect(offer.shared).toBe(false);
        expect(offer.headers.get('x-two')).toEqual(['one', 'two, three']);
        expect(offer.headers.get('__proto__x')).toEqual(['a']);
        expect(offer.headers.get('constructor')).toEqual(['b']);
        expect(offer.headers.get('toString')).toBe(undefined);
        expect(offer.rawHeaders.includes('X-Two')).toBe(true);
        if (offer.request !== undefined) {
          const { method, url, headers: own } = offer.request;
          expect([method, url, own['x-two']]).toEqual(['GET', offer.target, 'one, two, three']);
        }
        expect(typeof offer.peer.address + typeof offer.peer.port).toBe('stringnumber');
        expect(typeof offer.local.address + typeof offer.local.port).toBe('stringnumber');
      });
    });

    it('[URI-9] that nobody takes is refused with 404', async () => {
      await withTransport(engine, { offer: () => false }, async (transport) => {
        const { status, body } = await refusal(engine.dial(transport, '/nowhere', new Recorder()));
        expect([status, body]).toEqual([404, 'No endpoint answers /nowhere. [MARGAY_NO_ENDPOINT]']);
      });
    });

    it('[REL-5] is declined with a complete response', async () => {
      const decline = (offer: Offer) => offer.decline(426, [['Sec-WebSocket-Version', '13']], 'Größer als 13 [MARGAY_UPGRADE_VERSION]');
      const gate = taking((offer) => {
        decline(offer);
        decline(offer);
      });
      await withTransport(engine, gate, async (transport) => {
        const { status, headers, body } = await refusal(engine.dial(transport, '/', new Recorder()));
        expect([status, body]).toEqual([426, 'Größer als 13 [MARGAY_UPGRADE_VERSION]']);
        expect(headers.get('sec-websocket-version')).toEqual(['13']);
        expect(headers.get('content-type')).toEqual(['text/plain; charset=utf-8']);
        expect(headers.get('content-length')).toEqual([String(Buffer.byteLength(body))]);
        expect(headers.get('connection')).toEqual(['close']);
      });
    });

    it('opens the channel once, before the 101, and tells of it before any data [REL-7]', async () => {
      const order: string[] = [];
      const server = new Recorder();
      server.at = { onOpened: () => order.push('opened'), onText: () => order.push('text') };
      let channel: Channel | null = null;
      const gate = taking((offer) => {
        const open = (given: Channel) => {
          order.push('open');
          channel = given;
          return server;
        };
        setTimeout(() => {
          offer.accept(answerTo(offer), open);
          offer.accept(answerTo(offer), open);
          offer.decline(500, [], 'too late');
          order.push('accepted');
        }, 10);
      });
      await withTransport(engine, gate, async (transport) => {
        const client = new Recorder();
        const dialled = await engine.dial(transport, '/', client);
        order.push('dialled');
        dialled.channel.text('first');
        await server.until('text');
        expect(order).toEqual(['open', 'opened', 'accepted', 'dialled', 'text']);
        expect(channel === null).toBe(false);
        expect(client.story).toEqual([['opened']]);
      });
    });

    it('[REL-7] may be answered by words in onOpened, which follow the 101; a pause there holds what came early', async () => {
      const server = new Recorder();
      const channels: Channel[] = [];
      server.at.onOpened = () => {
        channels[0]?.pause();
        channels[0]?.text('welcome');
        channels[0]?.part('binary', Buffer.from('!'), true, true);
      };
      const open = (channel: Channel) => {
        channels.push(channel);
        return server;
      };
      await withTransport(
        engine,
        taking((offer) => offer.accept(answerTo(offer), open)),
        async (transport) => {
          const client = new Recorder();
          const { channel } = await engine.dial(transport, '/', client);
          channel.text('early');
          await client.until('binary');
          await quiet();
          expect(client.story.map(([event]) => event)).toEqual(['opened', 'text', 'binary']);
          expect(server.story).toEqual([['opened']]);
          channels[0]?.resume();
          await server.until('text');
        },
      );
    });

    for (const moment of ['open', 'onOpened'] as const) {
      it(`whose channel is terminated in ${moment} is told of its end behind onOpened`, async () => {
        const server = new Recorder();
        const open = (channel: Channel) => {
          if (moment === 'open') channel.terminate();
          else server.at.onOpened = () => channel.terminate();
          return server;
        };
        await withTransport(
          engine,
          taking((offer) => offer.accept(answerTo(offer), open)),
          async (transport) => {
            await engine.dial(transport, '/', new Recorder()).catch(() => {});
            await server.until('closed');
            await quiet();
            expect(server.story.map(([event]) => event)).toEqual(['opened', 'closed']);
          },
        );
      });
    }

    it('calls open during accept, or never: what it was to use can be let go when accept returns', async () => {
      const seen: number[] = [];
      const opening = new Opening();
      const late = new Opening();
      const gate = taking((offer) => {
        offer.accept(answerTo(offer), opening.open);
        seen.push(opening.count);
        offer.accept(answerTo(offer), late.open);
        seen.push(late.count);
      });
      await withTransport(engine, gate, async (transport) => {
        await engine.dial(transport, '/', new Recorder());
        await quiet();
        expect([...seen, opening.count, late.count]).toEqual([1, 0, 1, 0]);
      });
    });

    for (const [what, spoil] of [
      ['its header is illegal', (offer: Offer, open: Opening['open']) => offer.accept(answerTo(offer, [['X Bad', 'a']]), open)],
      [
        'it has been declined',
        (offer: Offer, open: Opening['open']) => {
          offer.decline(403, [], 'no');
          offer.accept(answerTo(offer), open);
        },
      ],
    ] as const) {
      it(`never calls open when ${what}: not during accept, and not later`, async () => {
        const opening = new Opening();
        let during = -1;
        const gate = taking((offer) => {
          spoil(offer, opening.open);
          during = opening.count;
        });
        await withTransport(engine, gate, async (transport) => {
          await refusal(engine.dial(transport, '/', new Recorder()));
          await quiet();
          expect([during, opening.count]).toEqual([0, 0]);
        });
      });
    }

    it('[HS-6] carries every header of the answer into the 101', async () => {
      const more: [string, string][] = [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=\u00e9'],
      ];
      const gate = taking((offer) => offer.accept(answerTo(offer, more), () => new Recorder()));
      await withTransport(engine, gate, async (transport) => {
        const { status, headers } = await engine.dial(transport, '/', new Recorder());
        expect(status).toBe(101);
        expect(headers.get('set-cookie')).toEqual(['a=1', 'b=\u00e9']);
        expect(headers.get('upgrade')).toEqual(['websocket']);
        expect(headers.get('connection')?.map((value) => value.toLowerCase())).toEqual(['upgrade']);
      });
    });

    for (const line of [
      ['X-Bad', 'a\r\nX-Injected: yes'],
      ['X-Bad', 'a\nb'],
      ['X-Bad', 'a\0b'],
      ['X-Bad', '\u20ac'],
      ['X-Injected: yes\r\nX-Bad', 'a'],
      ['X Bad', 'a'],
      ['', 'a'],
    ] as const) {
      it(`[HS-6] with the header line ${JSON.stringify(line)} in the answer ends in a 500, unopened`, async () => {
        const opening = new Opening();
        const gate = taking((offer) => offer.accept(answerTo(offer, [line]), opening.open));
        await withTransport(engine, gate, async (transport) => {
          const { status, headers } = await refusal(engine.dial(transport, '/', new Recorder()));
          expect([status, opening.count, headers.has('x-injected'), headers.has('x-bad')]).toEqual([500, 0, false, false]);
        });
      });
    }

    it('declined with an illegal header is a 500 without it', async () => {
      const gate = taking((offer) => offer.decline(401, [['WWW-Authenticate', 'a\r\nX-Injected: yes']], 'no'));
      await withTransport(engine, gate, async (transport) => {
        const { status, headers } = await refusal(engine.dial(transport, '/', new Recorder()));
        expect([status, headers.has('x-injected'), headers.has('www-authenticate')]).toEqual([500, false, false]);
      });
    });

    it('whose open throws is answered with 500', async () => {
      const open = () => {
        throw new Error('no instance');
      };
      const gate = taking((offer) => offer.accept(answerTo(offer), open));
      await withTransport(engine, gate, async (transport) => {
        const { status, headers, body } = await refusal(engine.dial(transport, '/', new Recorder()));
        expect(status).toBe(500);
        expect(headers.get('content-length')).toEqual([String(body.length)]);
        expect(body.includes('no instance')).toBe(false);
      });
    });

    it('[EXT-16] closes the extensions it was given once, whatever comes of it', async () => {
      const closed: string[] = [];
      const named = (name: string): Transformation => ({
        ...{ rsv: [], parameters: [], inbound: (frame) => frame, outbound: (frame) => frame },
        close() {
          closed.push(name);
          throw new Error('which costs nobody anything');
        },
      });
      const answers = [[], [['X-Bad', 'a\nb']], []] as const;
      let count = 0;
      const gate = taking((offer) => {
        const nth = count++;
        const answer = { ...answerTo(offer, answers[nth]), transformations: [named(`a${nth}`), named(`b${nth}`)] };
        offer.accept(answer, () => {
          if (nth === 2) throw new Error('no instance');
          return new Recorder();
        });
      });
      await withTransport(engine, gate, async (transport) => {
        const client = new Recorder();
        const { channel } = await engine.dial(transport, '/', client);
        await refusal(engine.dial(transport, '/', new Recorder()));
        await refusal(engine.dial(transport, '/', new Recorder()));
        await eventually(
          () => closed.length >= 4,
          () => `four closed, not ${closed}`,
        );
        expect(closed.filter((name) => name.endsWith('0'))).toEqual([]);
        channel.terminate();
        await eventually(
          () => closed.length >= 6,
          () => `all closed, not ${closed}`,
        );
      });
      expect(closed.sort()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
    });

    it('to a gate that throws is answered with 500', async () => {
      const gate = {
        offer(): boolean {
          throw new Error('never');
        },
      };
      await withTransport(engine, gate, async (transport) => {
        expect((await refusal(engine.dial(transport, '/', new Recorder()))).status).toBe(500);
      });
    });

    it('tells once that its peer has left, and opens nothing any more', async () => {
      let tell: (offer: Offer) => void;
      const arrived = new Promise<Offer>((resolve) => {
        tell = resolve;
      });
      await withTransport(
        engine,
        taking((offer) => tell(offer)),
        async (transport) => {
          const leaving = new AbortController();
          const dial = refusal(engine.dial(transport, '/', new Recorder(), { signal: leaving.signal }));
          const offer = await arrived;
          let told = 0;
          offer.onAborted(() => {
            throw new Error('which keeps it from nobody else');
          });
          offer.onAborted(() => told++);
          leaving.abort();
          await dial;
          await eventually(
            () => told > 0,
            () => 'onAborted',
          );
          const opening = new Opening();
          offer.accept(answerTo(offer), opening.open);
          offer.decline(500, [], 'nobody reads this');
          let isLater = false;
          const later = new Promise<void>((resolve) => offer.onAborted(() => resolve(expect(isLater).toBe(true))));
          isLater = true;
          await later;
          await quiet();
          expect([told, opening.count]).toEqual([1, 0]);
        },
      );
    });

    it('that has been accepted is not aborted when its peer leaves', async () => {
      let told = 0;
      const server = new Recorder();
      const gate = taking((offer) => {
        offer.onAborted(() => told++);
        offer.accept(answerTo(offer), () => server);
        offer.onAborted(() => told++);
      });
      await withTransport(engine, gate, async (transport) => {
        const { channel } = await engine.dial(transport, '/', new Recorder());
        channel.terminate();
        await server.until('closed');
        await quiet();
        expect(told).toBe(0);
      });
    });
  });

  describe('a transport', () => {
    it('[D-32] that stops ends every connection, refuses what is undecided and tells whoever decides', async () => {
      await withPair(engine, {}, async ({ transport, server, client }) => {
        await transport.stop();
        expect(server.log.count('closed')).toBe(1);
        await client.log.until('closed');
      });
      let aborted = 0;
      const opening = new Opening();
      let accept = (): void => {};
      const gate = taking((offer) => {
        offer.onAborted(() => aborted++);
        accept = () => {
          offer.accept(answerTo(offer), opening.open);
          offer.onAborted(() => aborted++);
        };
        setTimeout(() => void stopping(), 10);
      });
      let stopping = async (): Promise<void> => {};
      await withTransport(engine, gate, async (transport) => {
        stopping = () => transport.stop();
        const { status, headers } = await refusal(engine.dial(transport, '/', new Recorder()));
        expect([status, headers.get('retry-after')?.[0]]).toEqual([503, '5']); // [REL-16]
        expect(aborted).toBe(1);
        accept();
        await quiet();
        expect([aborted, opening.count]).toEqual([2, 0]);
      });
    });

    it('stops as often as it is told to, started or not, and offers nothing afterwards', async () => {
      const idle = await engine.transport();
      await idle.stop();
      await idle.stop();
      let offers = 0;
      await withTransport(engine, { offer: () => offers++ < 0 }, async (transport) => {
        await Promise.all([transport.stop(), transport.stop()]);
        await transport.stop();
        await refusal(engine.dial(transport, '/', new Recorder()));
        expect(offers).toBe(0);
      });
    });
  });
}
