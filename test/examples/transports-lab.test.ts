/** The laboratory of the transports: what pages are told of their own wire and of all, their orders, and the sweep. */
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { linesToBorrow } from '../../examples/transports/heads.js';
import type { Point, SweepState } from '../../examples/transports/sweep.js';
import { live } from '../../examples/transports/trial.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Running, run } from './running.js';

const LAB = '/transports/lab';
const SWEEP = { do: 'sweep', upTo: 10, perSecond: 20, every: 50, seconds: 0.2 };

let errors: ReturnType<typeof jest.spyOn>;

beforeEach(() => {
  errors = jest.spyOn(console, 'error').mockImplementation(() => {});
});

afterEach(() => {
  expect(errors).not.toHaveBeenCalled();
  jest.restoreAllMocks();
});

/** A page without a browser. */
class Visit {
  readonly peer: Peer;

  static async to(examples: Running): Promise<Visit> {
    return new Visit(await examples.dial(LAB));
  }

  private constructor(peer: Peer) {
    this.peer = peer;
  }

  #from = 0;

  /** All of one kind that it has been told, since `forget`. */
  told<T = any>(type: string): T[] {
    return this.peer.received
      .slice(this.#from)
      .map((text) => JSON.parse(String(text)))
      .filter((each) => each.type === type);
  }

  /** The first of one kind that is so. */
  hears<T = any>(type: string, isIt: (said: T) => boolean = () => true): Promise<T> {
    return eventually(() => {
      const found = this.told<T>(type).find(isIt);
      if (found === undefined) throw new Error(`heard no such ${type}, but ${JSON.stringify(this.told(type).at(-1))?.slice(0, 300)}`);
      return found;
    }, 25_000);
  }

  order(order: object): void {
    this.peer.send(JSON.stringify(order));
  }

  /** Once it has been greeted; a newcomer is told of the last sweep too. */
  async forget(): Promise<void> {
    this.order({ do: 'clock', asked: 0 });
    await this.hears('clock');
    this.#from = this.peer.received.length;
  }

  /** The state in which a sweep has ended. */
  async sweeps(order: object): Promise<SweepState> {
    await this.forget();
    this.order(order);
    return this.hears('sweep', ended);
  }

  async key(): Promise<string> {
    return (await this.hears('hello')).page;
  }
}

const ended = ({ phase }: SweepState): boolean => phase !== 'running';

describe('what a page is told', () => {
  it.each(['poll', 'long-poll', 'events'])(
    'the heads of its own %s, byte for byte but for secrets, and what was written last',
    async (path) => {
      const examples = await run();
      live.source.wake();
      await eventually(() => expect(live.source.last).toBeGreaterThan(0));
      const visit = await Visit.to(examples);
      const peer = await RawPeer.connect({ port: Number(new URL(examples.url).port) });
      const lines = [
        `GET /transports/${path}?page=${await visit.key()}&after=0 HTTP/1.1`,
        'Host: localhost',
        'X-cAsE: as Sent',
        'cookie: id=secret1',
        'AUTHORIZATION: Bearer secret2',
        'X-Api-Key: secret3',
      ];
      peer.send(`${lines.join('\r\n')}\r\n\r\n`);
      const wire = await visit.hears('wire');
      const [head = ''] = peer.bytes.toString('latin1').split('\r\n\r\n');
      expect(wire.request.split('\r\n')).toEqual([
        ...lines.slice(0, 3),
        'cookie: (masked, 10 bytes)',
        'AUTHORIZATION: (masked, 14 bytes)',
        'X-Api-Key: (masked, 7 bytes)',
      ]);
      expect(wire.answer).toBe(head);
      const last = Buffer.from(wire.last, 'base64');
      expect(last.toString()).toContain('"text":"hello, 你好 🐾"');
      expect(peer.bytes.includes(last)).toBe(true);
      expect(JSON.stringify(visit.peer.received)).not.toContain('secret');
    },
  );

  it('the 101 of its own WebSocket, and the last frame', async () => {
    const examples = await run();
    const visit = await Visit.to(examples);
    const path = `/transports/socket?page=${await visit.key()}&after=0`;
    const peer = await RawPeer.open({ port: Number(new URL(examples.url).port) }, path, { lines: ['Cookie: secret'] });
    await peer.received(1);
    const wire = await visit.hears('wire');
    expect(wire.request).toMatch(
      /^GET \/transports\/socket\?page=\S+ HTTP\/1\.1\r\nHost: localhost\r\n.*\r\nCookie: \(masked, 6 bytes\)$/s,
    );
    expect(wire.answer).toBe(peer.bytes.toString('latin1').split('\r\n\r\n')[0]);
    const frames = Buffer.from(wire.last, 'base64');
    expect(frames[0]).toBe(0x81);
    expect(peer.bytes.includes(frames)).toBe(true);
  });

  it('nothing of the wire of others', async () => {
    const examples = await run();
    const [visit, other] = [await Visit.to(examples), await Visit.to(examples)];
    await (await fetch(`${examples.url}/transports/poll?page=${await visit.key()}`)).text();
    await visit.hears('wire');
    await other.hears('figures', ({ pages, transports }) => pages === 2 && transports.polling.requests > 0);
    expect(other.told('wire')).toEqual([]);
  });

  it('[EX-0] the source that somebody has changed, in Chinese and with emoji; a newcomer too', async () => {
    const examples = await run();
    const [first, second] = [await Visit.to(examples), await Visit.to(examples)];
    const text = `豹猫 🐾 <b>&"${'喵'.repeat(300)}`;
    first.order({ do: 'source', perSecond: 20, text });
    const kept = [...text].slice(0, 200).join('');
    await second.hears('source', (said) => said.perSecond === 20 && said.text === kept);
    const third = await Visit.to(examples);
    expect(await third.hears('source')).toEqual({ type: 'source', perSecond: 20, text: kept });
    first.order({ do: 'source', text: 'half an emoji \ud83d' });
    await second.hears('source', (said) => said.text === 'half an emoji \ufffd');
    const heard = await examples.dial('/transports/socket');
    expect(JSON.parse(String(await heard.next()))).toMatchObject({ text: 'half an emoji \ufffd' });
    first.order({ do: 'source', perSecond: 1, text: 'hello, 你好 🐾' });
    await second.hears('source', (said) => said.perSecond === 1);
  });

  it('the clock, so that a page elsewhere can tell how old a message is', async () => {
    const visit = await Visit.to(await run());
    visit.order({ do: 'clock', asked: 12.5 });
    const { asked, at } = await visit.hears('clock');
    expect(asked).toBe(12.5);
    expect(Math.abs(at - Number(process.hrtime.bigint()) / 1e6)).toBeLessThan(10_000);
  });

  it.each([
    ['no JSON 喵', 'an order is an object in JSON'],
    ['null', 'an order is an object in JSON'],
    ['{"do":"喵"}', 'do is source, sweep, cancel or clock'],
    ['{"do":"source","perSecond":1000}', 'perSecond is a number from 0.1 to 20'],
    ['{"do":"source","perSecond":"1"}', 'perSecond is a number from 0.1 to 20'],
    ['{"do":"sweep","upTo":10000,"perSecond":1,"every":1000,"seconds":1}', 'upTo is a number from 1 to 1000'],
    ['{"do":"sweep","upTo":1,"perSecond":1,"every":0,"seconds":1}', 'every is a number from 50 to 10000'],
    ['{"do":"sweep","upTo":1,"perSecond":1,"every":50,"seconds":1e9}', 'seconds is a number from 0.2 to 30'],
  ])('that %s is refused, and may go on', async (text, why) => {
    const visit = await Visit.to(await run());
    visit.peer.send(text);
    expect((await visit.hears('refused')).why).toContain(why);
    visit.order({ do: 'clock', asked: 1 });
    await visit.hears('clock');
  });
});

describe('a sweep', () => {
  it('measures every transport with 1 and 10 clients, loses nothing, and tells all visitors', async () => {
    const examples = await run();
    const [first, second] = [await Visit.to(examples), await Visit.to(examples)];
    await second.forget();
    first.order({ ...SWEEP, seconds: 0.5 }); // a load that stands still for some of it has messages left to count
    await second.hears('sweep', ({ phase }) => phase === 'running');
    second.order(SWEEP);
    expect((await second.hears('refused')).why).toMatch(/^A sweep is running/);
    const { phase, points } = await second.hears<SweepState>('sweep', ended);
    expect(phase).toBe('done');
    const order = ['polling', 'long-polling', 'streaming', 'websocket'];
    expect(points.map(({ transport, clients }) => [transport, clients])).toEqual(
      [1, 10].flatMap((clients) => order.map((each) => [each, clients])),
    );
    const per = (value: (point: Point) => number) => points.map((point) => value(point) / point.delivered);
    for (const point of points) {
      expect(point).toMatchObject({ missed: 0, disordered: 0 });
      expect(point.delivered).toBeGreaterThan(point.clients);
      expect(point.connecting).toBeGreaterThan(300 * point.clients);
      expect(point.delay?.p50).toBeLessThanOrEqual(point.delay?.p99 as number);
      const isPush = ['streaming', 'websocket'].includes(point.transport);
      expect(point.requests > 0).toBe(!isPush);
    }
    const bytes = per(({ bytesIn, bytesOut }) => bytesIn + bytesOut);
    for (const at of [0, 4]) {
      const [, long, stream, socket] = bytes.slice(at, at + 4) as [number, number, number, number];
      expect(socket).toBeLessThan(stream);
      expect(stream).toBeLessThan(long / 2);
    }
    const third = await Visit.to(examples);
    expect((await third.hears<SweepState>('sweep')).points).toEqual(points);
    expect(first.told('figures').some(({ load }) => load !== null)).toBe(true);
  });

  it('sends the lines that the browser of its visitor sends, in size but without its secrets', async () => {
    const examples = await run();
    const visit = await Visit.to(examples);
    const key = await visit.key();
    const before = await visit.sweeps({ ...SWEEP, upTo: 1 });
    const cookie = 'x'.repeat(3000);
    await (await fetch(`${examples.url}/transports/poll?page=${key}`, { headers: { cookie } })).text();
    const after = await visit.sweeps({ ...SWEEP, upTo: 1 });
    const perRequest = ({ points: [polling] }: SweepState) => (polling as Point).bytesIn / (polling as Point).requests;
    expect(perRequest(after)).toBeGreaterThan(3000);
    expect(perRequest(before)).toBeLessThan(300);
  });

  it('sends none of what only that browser may say', () => {
    const rawHeaders = ['Host', 'x', 'last-event-id', '7', 'AUTHORIZATION', 'Bearer 喵', 'X-Token', 'abc', 'Accept', '*/*'];
    const lines = [['Host', 'x'], ['AUTHORIZATION', 'xxxxxxxx'], ['X-Token', 'xxx'], ['Accept', '*/*']]; // biome-ignore format: a table
    expect(linesToBorrow({ rawHeaders } as IncomingMessage)).toEqual(lines);
  });

  it('ends when somebody cancels it, and another one can begin', async () => {
    const examples = await run();
    const visit = await Visit.to(examples);
    await visit.forget();
    visit.order({ ...SWEEP, seconds: 30 });
    await visit.hears('sweep', ({ phase }) => phase === 'running');
    visit.order({ do: 'cancel' });
    expect(await visit.hears<SweepState>('sweep', ended)).toMatchObject({ phase: 'cancelled', step: 0, points: [] });
    expect(await visit.sweeps({ ...SWEEP, upTo: 1 })).toMatchObject({ phase: 'done', steps: 4 });
  });

  it('ends with the last visitor, and not before', async () => {
    const examples = await run();
    const [first, second] = [await Visit.to(examples), await Visit.to(examples)];
    await second.forget();
    first.order({ ...SWEEP, seconds: 5 });
    await second.hears('sweep', ({ phase }) => phase === 'running');
    first.peer.socket.terminate();
    await second.hears('figures', ({ pages, load }) => pages === 1 && load !== null);
    second.peer.socket.terminate();
    await eventually(async () => {
      const later = await Visit.to(examples);
      const { phase } = await later.hears<SweepState>('sweep');
      later.peer.socket.terminate();
      expect(phase).toBe('cancelled');
    });
  });

  it('says so when its load cannot connect', async () => {
    const examples = await run();
    const visit = await Visit.to(examples);
    const { Load } = await import('../../examples/transports/load/load.js');
    const load = new Load();
    try {
      const opening = { do: 'open', transport: 'websocket', clients: 2, trial: 'over', every: 50, lines: [] } as const;
      await expect(load.ask({ ...opening, base: `${examples.url}/none` })).rejects.toThrow('the upgrade was answered with 404');
      await expect(load.ask({ ...opening, transport: 'polling', base: `${examples.url}/transports` })).rejects.toThrow(
        '410 That trial is over',
      );
    } finally {
      load.close();
    }
    await expect(load.ask({ do: 'count' })).rejects.toThrow();
    visit.peer.socket.terminate();
  });
});
