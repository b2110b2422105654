/** The four transports, as their clients see them: each message once and in order, heads, and bytes as sockets count them. */
import { EventEmitter, once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Asked } from '../../examples/transports/asked.js';
import { longPoll } from '../../examples/transports/long-polling.js';
import { Source } from '../../examples/transports/source.js';
import type { Transport } from '../../examples/transports/transport.js';
import { Trial } from '../../examples/transports/trial.js';
import { eventually } from '../support/eventually.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { type Running, run } from './running.js';

interface News {
  readonly last: number;
  readonly messages: readonly { readonly id: number; readonly at: number; readonly text: string }[];
}

const TEXT = '豹猫 🐾 "<b>\\n';
const trials: Trial[] = [];

/** Twenty messages a second, and nobody else's. */
function trial(text = TEXT): Trial {
  const made = new Trial(20, text);
  trials.push(made);
  return made;
}

let errors: ReturnType<typeof jest.spyOn>;

beforeEach(() => {
  errors = jest.spyOn(console, 'error').mockImplementation(() => {});
});

afterEach(() => {
  for (const each of trials.splice(0)) each.end();
  expect(errors).not.toHaveBeenCalled();
  jest.restoreAllMocks();
});

async function news({ url }: Running, path: string, { key }: Trial, after?: number): Promise<News> {
  const response = await fetch(`${url}/transports/${path}?trial=${key}${after === undefined ? '' : `&after=${after}`}`);
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return (await response.json()) as News;
}

/** An event stream's events, as they come. */
async function events({ url }: Running, query: string, headers: Record<string, string> = {}) {
  const request = ask(`${url}/transports/events?${query}`, { headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const got: { id: number; data: { id: number; text: string } }[] = [];
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n\n');
    rest = parts.pop() as string;
    for (const part of parts) {
      const [, id, data] = /^id: (\d+)\ndata: (.*)$/.exec(part) ?? [];
      got.push({ id: Number(id), data: JSON.parse(String(data)) });
    }
  });
  response.on('error', () => {});
  return { response, got, leave: () => request.destroy() };
}

const ids = (messages: readonly { readonly id: number }[]): number[] => messages.map(({ id }) => id);
const upTo = (last: number, from = 1): number[] => Array.from({ length: last - from + 1 }, (_, i) => from + i);

describe('each message arrives once, and in order', () => {
  it.each(['poll', 'long-poll'])('[EX-0] by %s, request after request, also when an answer was lost on its way', async (path) => {
    const examples = await run();
    const mine = trial();
    const start = await news(examples, path, mine);
    expect(start).toEqual({ last: 0, messages: [] });
    const got: number[] = [];
    let last = start.last;
    while (last < 12) {
      const peer = await RawPeer.connect({ port: Number(new URL(examples.url).port) });
      peer.send(`GET /transports/${path}?trial=${mine.key}&after=${last} HTTP/1.1\r\nHost: x\r\n\r\n`);
      peer.reset(); // and asks again from where it was
      const answer = await news(examples, path, mine, last);
      for (const { text, id } of answer.messages) {
        expect(text).toBe(TEXT);
        got.push(id);
      }
      last = answer.last;
    }
    expect(got).toEqual(upTo(last));
  });

  it('[EX-0] by streaming, also of one that comes back with its Last-Event-ID, or with after', async () => {
    const examples = await run();
    const mine = trial();
    const first = await events(examples, `trial=${mine.key}`);
    expect(first.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await eventually(() => expect(first.got.length).toBeGreaterThan(2));
    first.leave();
    await eventually(() => expect(mine.source.last).toBeGreaterThan(first.got.length + 2)); // what it misses meanwhile
    const second = await events(examples, `trial=${mine.key}&after=1`, { 'Last-Event-ID': String(first.got.at(-1)?.id) });
    await eventually(() => expect(second.got.length).toBeGreaterThan(5));
    second.leave();
    const third = await events(examples, `trial=${mine.key}&after=${second.got.at(-1)?.id}`);
    await eventually(() => expect(third.got.length).toBeGreaterThan(2));
    third.leave();
    const all = [...first.got, ...second.got, ...third.got];
    expect(ids(all)).toEqual(upTo(all.length));
    expect(all.map(({ data }) => data)).toEqual(all.map(({ id }) => expect.objectContaining({ id, text: TEXT })));
  });

  it('[EX-0] by WebSocket, also of one that comes back', async () => {
    const examples = await run();
    const mine = trial();
    const first = await examples.dial(`/transports/socket?trial=${mine.key}`);
    const before = (await first.take(3)).map((text) => JSON.parse(String(text)));
    first.socket.terminate();
    await eventually(() => expect(mine.source.last).toBeGreaterThan(5));
    const second = await examples.dial(`/transports/socket?trial=${mine.key}&after=3`);
    const all = [...before, ...(await second.take(6)).map((text) => JSON.parse(String(text)))];
    expect(ids(all)).toEqual(upTo(9));
    expect(all.map(({ text }) => text)).toEqual(all.map(() => TEXT));
  });

  it.each([
    ['long-poll', 'long-polling'],
    ['events', 'streaming'],
    ['socket', 'websocket'],
  ] as const)('keeps nobody as a listener who has left: %s', async (path, transport) => {
    const examples = await run();
    const mine = trial();
    mine.source.perSecond = 0.1; // the first comes after five seconds
    const meter = mine.meters[transport];
    const ended = jest.spyOn(meter, 'ended');
    const query = `/transports/${path}?trial=${mine.key}&after=0`;
    const peer = await RawPeer.connect({ port: Number(new URL(examples.url).port) });
    peer.send(transport === 'websocket' ? upgradeRequest(query) : `GET ${query} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await eventually(() => expect(meter.read().requests).toBe(1));
    peer.reset();
    await eventually(() => expect(ended).toHaveBeenCalled());
    mine.source.perSecond = 20;
    await eventually(() => expect(mine.source.last).toBeGreaterThan(2));
    expect(meter.read().messages).toBe(0);
  });

  it('long polling holds the answer back until there is something, and no longer than 25 s', () => {
    jest.useFakeTimers();
    try {
      const answer = jest.fn();
      const source = new Source(0.1, '');
      const response = new EventEmitter();
      const asked = { after: 0, waiting: [], trial: { source }, response, answer } as unknown as Asked;
      longPoll(asked);
      jest.advanceTimersByTime(4999);
      expect(answer).not.toHaveBeenCalled();
      jest.advanceTimersByTime(2);
      expect(answer.mock.calls).toEqual([[[expect.objectContaining({ id: 1 })]]]);
      source.stop();
      longPoll(asked);
      source.stop(); // nothing will come
      jest.advanceTimersByTime(24_990);
      expect(answer).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(11);
      expect(answer.mock.calls[1]).toEqual([[]]);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('the source', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('makes one message in each beat, at ever other moments of it, and keeps the last thousand', () => {
    const source = new Source(10, '');
    const silence = source.listen(() => {});
    const moments: number[] = [];
    source.listen(({ json }) => moments.push((JSON.parse(json) as { at: number }).at));
    const start = Number(process.hrtime.bigint()) / 1e6;
    jest.advanceTimersByTime(120_000);
    expect(moments.map((at) => Math.floor((at - start) / 100))).toEqual(upTo(1199, 0));
    const places = moments.map((at) => Math.floor(((at - start) % 100) / 10));
    for (const tenth of upTo(9, 0)) expect(places.filter((place) => place === tenth).length).toBeGreaterThan(90);
    expect(ids(source.after(0))).toEqual(upTo(1200, 201));
    expect(ids(source.after(1198))).toEqual([1199, 1200]);
    expect(source.after(1200)).toEqual([]);
    expect(source.after(1201)).toHaveLength(1000); // the id of an earlier server
    silence();
    source.stop();
  });

  it('rests when nobody has asked or listened for half a minute, and goes on when somebody does', () => {
    const source = new Source(1, '');
    source.wake();
    jest.advanceTimersByTime(200_000);
    const { last } = source;
    expect(last).toBeGreaterThan(28);
    expect(last).toBeLessThan(32);
    expect(jest.getTimerCount()).toBe(0);
    source.after(0);
    jest.advanceTimersByTime(2000);
    expect(source.last).toBe(last + 2);
    source.stop();
  });
});

describe('bytes', () => {
  const paths: [Transport, string][] = [
    ['polling', 'poll'],
    ['long-polling', 'long-poll'],
    ['streaming', 'events'],
  ];

  it.each(paths)('[EX-0] of %s are what the sockets of its clients count, whatever else those are used for', async (transport, path) => {
    const { url } = await run();
    const mine = trial();
    mine.source.wake();
    await eventually(() => expect(mine.source.last).toBeGreaterThan(1));
    const peer = await RawPeer.connect({ port: Number(new URL(url).port) });
    const get = async (target: string): Promise<number> => {
      const before = peer.bytes.length;
      const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nX-喵: \xff\r\n\r\n`.replace('喵', 'cat');
      peer.send(head);
      await eventually(() => expect(peer.bytes.indexOf('\r\n\r\n', before)).toBeGreaterThan(0));
      await eventually(() => expect(peer.bytes.length).toBeGreaterThan(before + 300));
      return head.length;
    };
    await get('/margay.svg');
    await eventually(() => expect(peer.bytes.toString('latin1')).toContain('</svg>'));
    const from = peer.bytes.length;
    const asked = await get(`/transports/${path}?trial=${mine.key}&after=0`);
    mine.source.stop();
    await eventually(() => {
      const { requests, bytesIn, bytesOut } = mine.meters[transport].read();
      expect([requests, bytesIn, bytesOut]).toEqual([1, asked, peer.bytes.length - from]);
    });
    if (transport === 'streaming') return;
    await get('/margay.svg');
    const between = peer.bytes.length;
    await eventually(() => expect(peer.bytes.toString('latin1', from)).toMatch(/<\/svg>\s*$/));
    expect(peer.bytes.length).toBeGreaterThanOrEqual(between);
    const { bytesOut } = mine.meters[transport].read();
    const again = peer.bytes.length;
    const more = await get(`/transports/${path}?trial=${mine.key}&after=0`);
    await eventually(() =>
      expect(mine.meters[transport].read()).toMatchObject({
        requests: 2,
        bytesIn: asked + more,
        bytesOut: bytesOut + peer.bytes.length - again,
      }),
    );
  });

  it('[EX-0] of WebSocket are those of both heads and of every frame', async () => {
    const { url } = await run();
    const mine = trial();
    const path = `/transports/socket?trial=${mine.key}`;
    const peer = await RawPeer.open({ port: Number(new URL(url).port) }, path);
    await peer.received(3);
    mine.source.stop();
    peer.ping('喵');
    await peer.ponged();
    const sent = upgradeRequest(path).length + 6 + 3;
    await eventually(() => {
      const { requests, bytesIn, bytesOut, messages } = mine.meters.websocket.read();
      expect([requests, bytesIn, bytesOut, messages]).toEqual([1, sent, peer.bytes.length, peer.texts.length]);
    });
    peer.close(1000);
    await peer.finished();
    await eventually(() => expect(mine.meters.websocket.read().bytesOut).toBe(peer.bytes.length));
  });
});

describe('those who cannot be served', () => {
  it.each(['poll', 'long-poll', 'events'])('%s: another method, an id that is none, a trial that is over', async (path) => {
    const { url } = await run();
    const post = await fetch(`${url}/transports/${path}`, { method: 'POST', body: '喵' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET']);
    for (const after of ['喵', '-1', '1.5', '', '1'.repeat(99)]) {
      expect((await fetch(`${url}/transports/${path}?after=${encodeURIComponent(after)}`)).status).toBe(400);
    }
    expect((await fetch(`${url}/transports/${path}?trial=%E5%96%B5`)).status).toBe(410);
    expect((await fetch(`${url}/transports/${path}/more`)).status).toBe(404);
  });

  it('a WebSocket to a trial that is over is closed with 1003', async () => {
    const examples = await run();
    const peer = await examples.dial('/transports/socket?trial=喵');
    expect(await peer.closed).toEqual({ code: 1003, phrase: 'that trial is over' });
  });

  it('[EX-0] who does not read is let go, and holds nobody up', async () => {
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const examples = await run();
    const address = { port: Number(new URL(examples.url).port) };
    const mine = trial('喵'.repeat(100_000)); // more than the buffers of two sockets hold, soon
    const deaf = await RawPeer.connect(address);
    deaf.send(`GET /transports/events?trial=${mine.key} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const deafSocket = await RawPeer.open(address, `/transports/socket?trial=${mine.key}`);
    for (const peer of [deaf, deafSocket]) peer.stopReading();
    const good = await events(examples, `trial=${mine.key}`);
    const goodSocket = await examples.dial(`/transports/socket?trial=${mine.key}`);
    await eventually(() => expect(warned).toHaveBeenCalled()); // the library's line about the WebSocket
    await eventually(() => expect(good.got.length).toBeGreaterThan(50)); // 15 MB: far more than the buffers hold
    mine.source.stop();
    for (const peer of [deaf, deafSocket]) peer.read();
    await deaf.finished();
    expect([1008, 1006]).toContain((await deafSocket.closeFrame())?.code ?? 1006);
    const read = () => goodSocket.received.map((text) => JSON.parse(String(text)) as { id: number });
    await eventually(() => expect(ids(read())).toEqual(upTo(mine.source.last, mine.source.last - read().length + 1)));
    expect(deaf.bytes.length).toBeLessThan(300_000 * (mine.source.last - 1));
    good.leave();
  });
});
