/** The suite that every engine's client half owes: each sentence of src/transport/dialer.ts as a test. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Agreement, Call, DialError, Dialer, Reply } from '../../src/transport/dialer.js';
import type { Channel, ChannelListener, Gate, Offer, Transformation } from '../../src/transport/spi.js';
import { answerTo, eventually, Recorder, type Runner, taking } from './contract/rig.js';

/** What an engine's author supplies. */
export interface DialerEngine {
  /** A server of the same engine (or of any, where it has none) behind the gate. */
  serve(gate: Gate): Promise<Served>;
  /** Where nobody listens. */
  nowhere(): Promise<{ readonly uri: URL; readonly dialer: Dialer }>;
}

export interface Served {
  /** Without a path. */
  readonly origin: string;
  readonly dialer: Dialer;
  stop(): Promise<void>;
}

/** Counts how often it was closed. */
class Closing implements Transformation {
  readonly rsv = [];
  readonly parameters = [];
  closed = 0;
  inbound = <F>(frame: F): F => frame;
  outbound = <F>(frame: F): F => frame;
  close(): void {
    this.closed++;
  }
}

const PLAIN: Agreement = { deflate: null, transformations: [] };
const SOON = 5000; // ms; nobody waits as long
const never = (): ChannelListener => {
  throw new Error('open was called');
};

/** A call as the house makes it. */
export function callOf(uri: URL, extra: readonly (readonly [string, string])[] = [], rest: Partial<Call> = {}): Call {
  const headers: [string, string][] = [
    ['Host', uri.host],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
    ['Sec-WebSocket-Version', '13'],
    ...extra.map(([name, value]): [string, string] => [name, value]),
  ];
  const { signal } = new AbortController();
  return { uri, subprotocols: [], headers, proxy: null, tls: null, timeout: SOON, maxHeaderSize: 8192, signal, ...rest };
}

/** What the promise was rejected with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => 'it was not rejected',
    (error: unknown) => ({ error }),
  );
  if (typeof outcome === 'string') throw new Error(outcome);
  return outcome.error;
}

export function dialerContract(name: string, engine: DialerEngine, { describe, it, expect }: Runner): void {
  /** With a server that does so with each offer, and is stopped behind the test. */
  const withServer = async (react: (offer: Offer) => void, body: (served: Served) => Promise<void>): Promise<void> => {
    const served = await engine.serve(taking(react));
    try {
      await body(served);
    } finally {
      await served.stop();
    }
  };
  /** With one connection that the server has accepted; it hears what is left to it. */
  const withReply = (
    body: (reply: Reply, server: { readonly log: Recorder; readonly channel: Channel }, giving: AbortController) => Promise<void>,
    log = new Recorder(),
  ): Promise<void> => {
    const opened: { channel?: Channel } = {};
    const react = (offer: Offer): void =>
      offer.accept(answerTo(offer, [['X-Two', '1'] as const, ['x-two', '2'] as const]), (channel) => {
        opened.channel = channel;
        return log;
      });
    return withServer(react, async ({ origin, dialer }) => {
      const giving = new AbortController();
      const reply = await dialer.dial(callOf(new URL(`${origin}/a`), [], { signal: giving.signal }));
      await log.until('opened');
      await body(reply, { log, channel: opened.channel as Channel }, giving);
    });
  };

  describe(`${name} keeps the contract of a dialer`, () => {
    it('[SPI] asks for path and query with every line it is given, in order, and once', async () => {
      const seen: unknown[] = [];
      const lines = [['X-One', 'a'] as const, ['Cookie', 'b=1'] as const, ['x-one', 'c'] as const];
      const react = (offer: Offer): void => {
        const raw = offer.rawHeaders;
        const from = raw.indexOf('X-One');
        seen.push([offer.method, offer.target, offer.httpVersion, raw.slice(from, from + 6)]);
        offer.decline(302, [['Location', '/elsewhere']], '');
      };
      await withServer(react, async ({ origin, dialer }) => {
        const reply = await dialer.dial(callOf(new URL(`${origin}/a%20b/c?d=e&f`), lines));
        expect([reply.by, reply.status, reply.headers.get('location')]).toEqual(['server', 302, ['/elsewhere']]);
      });
      expect(seen).toEqual([['GET', '/a%20b/c?d=e&f', '1.1', ['X-One', 'a', 'Cookie', 'b=1', 'x-one', 'c']]]);
    });

    it('[SPI] resolves with a refusal: status, lines by lower-case name, the body; it cannot be accepted', async () => {
      const body = 'nö';
      const extension = new Closing();
      const react = (offer: Offer): void => {
        offer.decline(403, [['X-Why', 'a'] as const, ['x-why', 'b'] as const], body);
      };
      await withServer(react, async ({ origin, dialer }) => {
        const reply = await dialer.dial(callOf(new URL(`${origin}/`)));
        expect([reply.by, reply.status, reply.headers.get('x-why')]).toEqual(['server', 403, ['a', 'b']]);
        expect([Buffer.isBuffer(reply.body), reply.body.toString()]).toEqual([true, body]);
        const error = await failure(reply.accept({ deflate: null, transformations: [extension] }, never));
        expect([error instanceof Error && error.message !== 'open was called', extension.closed]).toEqual([true, 1]);
        reply.drop();
      });
    });

    it('[SPI] has at most the first 64 KiB of a body', async () => {
      await withServer(
        (offer) => offer.decline(500, [], `${'a'.repeat(65_535)}b${'c'.repeat(1000)}`),
        async ({ origin, dialer }) => {
          const { body } = await dialer.dial(callOf(new URL(`${origin}/`)));
          expect([body.length, body.toString('latin1', 65_534)]).toEqual([65_536, 'ab']);
        },
      );
    });

    it('[SPI] resolves with a 101; accept opens during the call, and what the server has sent by then is shown', async () => {
      const log = new Recorder();
      await withReply(async (reply, server) => {
        expect([reply.by, reply.status, reply.headers.get('x-two'), reply.body.length]).toEqual(['server', 101, ['1', '2'], 0]);
        server.channel.text('first');
        server.channel.ping(Buffer.from('?'));
        server.channel.binary(Buffer.from('second'));
        for (let i = 0; i < 5; i++) await setImmediate();
        const client = new Recorder();
        let isOpen = false;
        const accepted = reply.accept(PLAIN, (channel) => {
          isOpen = channel.bufferedAmount === 0;
          return client;
        });
        expect(isOpen).toBe(true);
        await accepted;
        await client.until('binary');
        expect(client.story).toEqual([['opened'], ['text', 'first'], ['binary', Buffer.from('second')]]);
        expect([client.defects, (await failure(reply.accept(PLAIN, never))) instanceof Error]).toEqual([[], true]);
      }, log);
    });

    it('[SPI] shows what came in one packet with the 101 before accept resolves', async () => {
      const log = new Recorder();
      const react = (offer: Offer): void => {
        let opened: Channel | undefined;
        log.at.onOpened = () => opened?.text('at once');
        offer.accept(answerTo(offer), (channel) => {
          opened = channel;
          return log;
        });
      };
      await withServer(react, async ({ origin, dialer }) => {
        const client = new Recorder();
        const reply = await dialer.dial(callOf(new URL(`${origin}/`)));
        await reply.accept(PLAIN, () => client);
        expect(client.story).toEqual([['opened'], ['text', 'at once']]);
      });
    });

    it('[SPI] the channel works both ways, and its transformations are closed once, behind its end', async () => {
      const extension = new Closing();
      await withReply(async (reply, server) => {
        const client = new Recorder();
        let channel!: Channel;
        await reply.accept({ deflate: null, transformations: [extension] }, (opened) => {
          channel = opened;
          return client;
        });
        channel.text('hello');
        await server.log.until('text');
        server.channel.text('back');
        await client.until('text');
        channel.close(4000, 'bye');
        await server.log.until('closing');
        server.channel.close(4000, '');
        server.channel.end();
        await client.until('closing');
        expect(extension.closed).toBe(0);
        channel.end();
        await Promise.all([client.until('closed'), server.log.until('closed')]);
        await eventually(
          () => extension.closed > 0,
          () => 'the transformations to be closed',
        );
        expect([server.log.all('text'), server.log.all('closing'), client.all('text')]).toEqual([[['hello']], [[4000, 'bye']], [['back']]]);
        expect(extension.closed).toBe(1);
      });
    });

    it('[SPI] accept rejects with what open threw; the connection is gone and the transformations are closed', async () => {
      const extension = new Closing();
      const thrown = new Error('no');
      await withReply(async (reply, server) => {
        const refusing = (): ChannelListener => {
          throw thrown;
        };
        expect(await failure(reply.accept({ deflate: null, transformations: [extension] }, refusing))).toBe(thrown);
        expect(extension.closed).toBe(1);
        await server.log.until('closed');
        expect(extension.closed).toBe(1);
      });
    });

    it('[SPI, REL-1] a listener that throws in onOpened loses its connection, hears of its end, and nothing else happens', async () => {
      await withReply(async (reply, server) => {
        const client = new Recorder();
        client.at.onOpened = () => {
          throw new Error('no');
        };
        await reply.accept({ deflate: null, transformations: [] }, () => client);
        await Promise.all([client.until('closed'), server.log.until('closed')]);
        expect(client.story.map(([event]) => event)).toEqual(['opened', 'closed']);
      });
    });

    it('[SPI] what is dropped goes, and is not accepted any more', async () => {
      await withReply(async (reply, server) => {
        reply.drop();
        reply.drop();
        await server.log.until('closed');
        expect(((await failure(reply.accept(PLAIN, never))) as Error).message === 'open was called').toBe(false);
      });
    });

    it('[SPI] what is accepted is not dropped, by drop or by the signal', async () => {
      await withReply(async (reply, server, giving) => {
        const client = new Recorder();
        await reply.accept(PLAIN, () => client);
        reply.drop();
        giving.abort();
        server.channel.text('still here');
        await client.until('text');
        expect(client.count('closed') + server.log.count('closed')).toBe(0);
      });
    });

    it('[SPI] the signal closes a reply that nobody has accepted', async () => {
      await withReply(async (reply, server, giving) => {
        giving.abort(new Error('enough'));
        await server.log.until('closed');
        expect(((await failure(reply.accept(PLAIN, never))) as Error).message === 'open was called').toBe(false);
      });
    });

    it('[SPI] the signal gives up while the server decides, and before the call', async () => {
      let aborted = 0;
      let offers = 0;
      const react = (offer: Offer): void => {
        offers++;
        offer.onAborted(() => aborted++);
      };
      await withServer(react, async ({ origin, dialer }) => {
        const [giving, reason] = [new AbortController(), new Error('enough')];
        const dial = failure(dialer.dial(callOf(new URL(`${origin}/`), [], { signal: giving.signal })));
        await eventually(
          () => offers === 1,
          () => 'the offer',
        );
        giving.abort(reason);
        expect(await dial).toBe(reason);
        await eventually(
          () => aborted === 1,
          () => 'the offer to be aborted',
        );
        expect(await failure(dialer.dial(callOf(new URL(`${origin}/`), [], { signal: giving.signal })))).toBe(reason);
        for (let i = 0; i < 5; i++) await setImmediate();
        expect(offers).toBe(1);
      });
    });

    it('[SPI, CLI-9] a server that does not answer in time is a DialError of the response', async () => {
      let aborted = 0;
      const react = (offer: Offer): void => offer.onAborted(() => aborted++);
      await withServer(react, async ({ origin, dialer }) => {
        const error = (await failure(dialer.dial(callOf(new URL(`${origin}/`), [], { timeout: 60 })))) as DialError;
        expect([error instanceof Error, error.step, error.isTimeout]).toEqual([true, 'response', true]);
        await eventually(
          () => aborted === 1,
          () => 'the offer to be aborted',
        );
      });
    });

    it('[SPI, CLI-9] an answer whose head is too large is a DialError of the response, whatever its status', async () => {
      const server = new Recorder();
      const react = (offer: Offer): void => {
        const line = ['X-Long', 'x'.repeat(2000)] as const;
        if (offer.target === '/403') offer.decline(403, [line], '');
        else offer.accept(answerTo(offer, [line]), () => server);
      };
      await withServer(react, async ({ origin, dialer }) => {
        for (const path of ['/403', '/101']) {
          const error = (await failure(dialer.dial(callOf(new URL(origin + path), [], { maxHeaderSize: 1500 })))) as DialError;
          expect([error instanceof Error, error.step, error.isTimeout]).toEqual([true, 'response', false]);
          const reply = await dialer.dial(callOf(new URL(`${origin}/403`), [], { maxHeaderSize: 3000 }));
          expect(reply.status).toBe(403);
        }
        await server.until('closed');
      });
    });

    it('[SPI] an illegal header line is asked of nobody', async () => {
      let offers = 0;
      const react = (offer: Offer): void => {
        offers++;
        offer.decline(404, [], '');
      };
      await withServer(react, async ({ origin, dialer }) => {
        const error = (await failure(dialer.dial(callOf(new URL(`${origin}/`), [['X-A', 'b\r\nX-C: d']])))) as DialError;
        expect([error instanceof Error, error.step, error.isTimeout]).toEqual([true, 'response', false]);
        await dialer.dial(callOf(new URL(`${origin}/`)));
        expect(offers).toBe(1);
      });
    });

    it('[SPI, CLI-9] where nobody listens the DialError is one of connecting, with ECONNREFUSED as its cause', async () => {
      const { uri, dialer } = await engine.nowhere();
      const error = (await failure(dialer.dial(callOf(uri)))) as DialError;
      expect([error instanceof Error, error.step, error.isTimeout]).toEqual([true, 'connect', false]);
      expect((error.cause as { code?: string }).code).toBe('ECONNREFUSED');
    });
  });
}
