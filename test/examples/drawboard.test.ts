/** The drawboard, as its players see it on the wire. They all draw on one sheet, which stays as it is from test to test. */
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { decode } from 'fast-png';
import { type Session, statistics } from 'margay';
import { DrawboardEndpoint } from '../../examples/drawboard/drawboard.js';
import { Picture } from '../../examples/drawboard/picture.js';
import { ExamplesConfig } from '../../examples/tomcat/examples-config.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

const PATH = '/examples/websocket/drawboard';
const FULL = '0Maximum player count (100) has been reached.';

/** A player who has read how many there are, and the picture. */
async function join(examples: Running): Promise<{ peer: Peer; player: Reader; count: number; png: Buffer }> {
  const peer = await examples.dial(PATH);
  const player = new Reader(peer);
  const count = String(await player.next());
  expect(count).toMatch(/^2\d+$/);
  const png = await player.next();
  expect(png).toBeInstanceOf(Buffer);
  return { peer, player, count: Number(count.slice(1)), png: png as Buffer };
}

/** Reads as every client of a drawboard has to: a frame may hold several texts. */
class Reader {
  readonly peer: Peer;
  #rest: string[] = [];

  constructor(peer: Peer) {
    this.peer = peer;
  }

  async next(): Promise<string | Buffer> {
    const first = this.#rest.shift();
    if (first !== undefined) return first;
    const frame = await this.peer.next();
    if (typeof frame !== 'string') return frame;
    this.#rest = frame.split(';');
    return this.#rest.shift() as string;
  }

  /** The next strokes, at least so many; nothing else may come before them. */
  async strokes(count: number): Promise<string[]> {
    const items: string[] = [];
    while (items.length < count) {
      const text = String(await this.next());
      if (!text.startsWith('1')) throw new Error(`was told ${text.slice(0, 50)}`);
      items.push(...text.slice(1).split('|'));
    }
    return items;
  }
}

const red = (x: number, y: number) => `2,255,0,0,255,9,${x},${y},${x},${y}`;
const pixel = (png: Buffer, x: number, y: number) => {
  const { data } = decode(png);
  return [...data.slice((y * 900 + x) * 3, (y * 900 + x) * 3 + 3)];
};

const SMALL = '1.2345678901234568e-300';
/** The ith, on no sheet, and in many characters: the buffers between two sockets hold some megabytes. */
const long = (i: number) => `1,0,0,0,0,${SMALL},-${i}${`,-${SMALL}`.repeat(3)}`;
/** How many were drawn. */
let strokes = 0;

/** Two players, one of whom does not read; its session; and strokes that the other draws and is told of. */
async function withSlowReader() {
  const opened = jest.spyOn(DrawboardEndpoint.prototype, 'onOpen');
  const examples = await run();
  const [{ player: author }, { peer: slow }] = [await join(examples), await join(examples)];
  const session = opened.mock.calls[1]?.[0] as Session;
  expect(await author.next()).toBe('3+');
  slow.socket.pause();
  strokes = 0;
  const draw = async (count: number) => {
    for (let i = 0; i < count; i++) author.peer.send(`1${++strokes}|${long(strokes)}`);
    await author.strokes(count);
  };
  return { author, slow, session, draw };
}

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('the configuration of the examples', () => {
  it('[EX-D1] deploys the drawboard only when its class was scanned', () => {
    const config = new ExamplesConfig();
    expect(config.getEndpointConfigs(new Set())).toEqual([]);
    const configs = config.getEndpointConfigs(new Set([DrawboardEndpoint]));
    expect(configs.map((each) => [each.getEndpointClass(), each.getPath()])).toEqual([[DrawboardEndpoint, '/websocket/drawboard']]);
  });
});

describe('drawboard', () => {
  it('[EX-D1] [EX-D3] shows a newcomer how many there are, then a white sheet of 900 by 600', async () => {
    const { count, png } = await join(await run());
    expect(count).toBe(1);
    const { width, height, channels, depth, data } = decode(png, { checkCrc: true });
    expect({ width, height, channels, depth }).toEqual({ width: 900, height: 600, channels: 3, depth: 8 });
    expect(data.every((sample) => sample === 255)).toBe(true);
  });

  it('[EX-D3] tells the others who comes and goes, however they go', async () => {
    const examples = await run();
    const { player: first } = await join(examples);
    for (const leave of [(peer: Peer) => peer.close(1000), (peer: Peer) => peer.close(), (peer: Peer) => peer.socket.terminate()]) {
      const { peer, count } = await join(examples);
      expect(count).toBe(2);
      expect(await first.next()).toBe('3+');
      void leave(peer);
      expect(await first.next()).toBe('3-');
      expect(peer.received).toHaveLength(2);
    }
  });

  it('[EX-D5] tells everyone of a stroke, and its author which of his it was', async () => {
    const examples = await run();
    const [{ player: author }, { player: other }] = [await join(examples), await join(examples)];
    expect(await author.next()).toBe('3+');
    author.peer.send('17|1,1,2,3,4,5.5,6.25,-7,8e2,900');
    expect(await author.strokes(1)).toEqual(['7,1,1,2,3,4,5.5,6.25,-7,800,900']);
    expect(await other.strokes(1)).toEqual(['0,1,1,2,3,4,5.5,6.25,-7,800,900']);
    other.peer.send(`11|${red(1, 1)}`);
    expect(await author.strokes(1)).toEqual([`7,${red(1, 1)}`]);
    expect(await other.strokes(1)).toEqual([`1,${red(1, 1)}`]);
  });

  it('[EX-D5] keeps the order of all strokes, the same for everyone, and each with the number that its reader has come to', async () => {
    const examples = await run();
    const players = [(await join(examples)).player, (await join(examples)).player, (await join(examples)).player];
    await players[0]?.next();
    await players[0]?.next();
    await players[1]?.next();
    for (let i = 1; i <= 500; i++) for (const { peer } of players) peer.send(`1${i}|2,0,0,0,255,1,${i},0,${i},5`);
    const told = await Promise.all(players.map((player) => player.strokes(1500)));
    const orders = told.map((items) => items.map((item) => item.slice(item.indexOf(',') + 1)));
    expect(orders[1]).toEqual(orders[0]);
    expect(orders[2]).toEqual(orders[0]);
    for (const items of told) {
      const ids = items.map((item) => Number(item.slice(0, item.indexOf(','))));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(ids.at(-1)).toBe(500);
    }
    const frames = players[0]?.peer.received.length as number;
    expect(frames).toBeLessThan(750); // and 30 ms are for many strokes
  });

  it('[EX-D5] paints one stroke of a player in a turn, so that nobody waits for a hundred that came at once', async () => {
    const { player } = await join(await run());
    let turn = 0;
    const turns: number[] = [];
    jest.spyOn(Picture.prototype, 'draw').mockImplementation(() => void turns.push(turn));
    let clock = setImmediate(function next() {
      turn++;
      clock = setImmediate(next);
    });
    const wire = Reflect.get(player.peer.socket, '_socket') as Socket;
    wire.cork();
    for (let i = 1; i <= 100; i++) player.peer.send(`1${i}|${red(1, 1)}`);
    wire.uncork();
    await player.strokes(100);
    clearImmediate(clock);
    expect([turns.length, new Set(turns).size]).toEqual([100, 100]);
  });

  const malformed = [
    '0',
    '',
    '1',
    '9',
    'draw',
    '你好 🐾',
    '1|',
    '11|',
    '1|2,255,0,0,255,9,1,1,1,1',
    'x1|2,255,0,0,255,9,1,1,1,1',
    '1x|2,255,0,0,255,9,1,1,1,1',
    '11.5|2,255,0,0,255,9,1,1,1,1',
    '199999999999999999999|2,255,0,0,255,9,1,1,1,1',
    '11|0,255,0,0,255,9,1,1,1,1',
    '11|5,255,0,0,255,9,1,1,1,1',
    '11|2.5,255,0,0,255,9,1,1,1,1',
    '11|2,256,0,0,255,9,1,1,1,1',
    '11|2,0,-1,0,255,9,1,1,1,1',
    '11|2,0,0,0x10,255,9,1,1,1,1',
    '11|2,0,0,0,255.5,9,1,1,1,1',
    '11|2,0,0,0,255,-0.1,1,1,1,1',
    '11|2,0,0,0,255,100.1,1,1,1,1',
    '11|2,0,0,0,255,Infinity,1,1,1,1',
    '11|2,0,0,0,255,NaN,1,1,1,1',
    '11|2,0,0,0,255,9,NaN,1,1,1',
    '11|2,0,0,0,255,9,1,1,1,NaN',
    '11|2,0,0,0,255,9,1,1,1,',
    '11|2,0,0,0,255,9,1,1,1, 1',
    '11|2,0,0,0,255,9,1,1,1,五',
    '11|2,0,0,0,255,9,1,1,1',
    '11|2,0,0,0,255,9,1,1,1,1,1',
    `11|${','.repeat(9990)}`,
    `11|2,0,0,0,255,9,1,1,1,${'1'.repeat(9900)}x`,
  ].map((text) => [text.slice(0, 50), text] as const);

  it.each(malformed)('[EX-D4] ignores %j, without a reply', async (_start, text) => {
    const { player } = await join(await run());
    player.peer.send(text);
    player.peer.send(`18|${red(2, 2)}`);
    expect(await player.strokes(1)).toEqual([`8,${red(2, 2)}`]);
    expect(player.peer.received).toHaveLength(3);
  });

  it.each([
    ['1,0,0,0,0,0,0,0,0,0', '1,0,0,0,0,0,0,0,0,0'],
    ['4,255,255,255,0,100,-0.5,.5,5.,1e3', '4,255,255,255,0,100,-0.5,0.5,5,1000'],
    ['3,+1,2,3,0,1,-Infinity,Infinity,+Infinity,1e999', '3,1,2,3,0,1,-Infinity,Infinity,Infinity,Infinity'],
    ['2,255,0,0,255,9,-1e308,-1e308,1e308,1e300', '2,255,0,0,255,9,-1e+308,-1e+308,1e+308,1e+300'],
  ])('[EX-D4] takes %s', async (sent, told) => {
    const { player } = await join(await run());
    player.peer.send(`11|${sent}`);
    expect(await player.strokes(1)).toEqual([`1,${told}`]);
  });

  it('[EX-D4] ignores bytes', async () => {
    const { player } = await join(await run());
    player.peer.send(Buffer.from(`11|${red(1, 1)}`));
    player.peer.send(`12|${red(2, 2)}`);
    expect(await player.strokes(1)).toEqual([`2,${red(2, 2)}`]);
  });

  it('[EX-D1] closes with 1009 for a text of more than 10000 bytes, and says why in its log', async () => {
    const examples = await run();
    const { player } = await join(examples);
    player.peer.send(`11|${red(2, 2)}`.padEnd(10_000)); // which is no stroke either
    player.peer.send(`12|${red(3, 3)}`);
    expect(await player.strokes(1)).toEqual([`2,${red(3, 3)}`]);
    player.peer.send(`13|${red(2, 2)}`.padEnd(10_001));
    expect(await player.peer.closed).toMatchObject({ code: 1009 });
    expect(errorLines.splice(0)).toEqual([['DrawboardEndpoint:', expect.objectContaining({ code: 'MARGAY_TOO_BIG' })]]);
  });

  it('[EX-D3] [EX-D7] gives the picture to who comes later, and every stroke after it exactly once', async () => {
    const examples = await run();
    const { player: author } = await join(examples);
    author.peer.send(`11|${red(100, 200)}`);
    author.peer.send('12|1,0,0,255,255,9,300,200,300,200');
    await author.strokes(2);
    const { player: late, png } = await join(examples);
    expect([pixel(png, 100, 200), pixel(png, 300, 200), pixel(png, 200, 200)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
      [255, 255, 255],
    ]);
    author.peer.send(`13|${red(200, 200)}`);
    expect(await late.strokes(1)).toEqual([`0,${red(200, 200)}`]);
    expect(pixel((await join(examples)).png, 200, 200)).toEqual([255, 0, 0]);
  });

  it('[EX-D3] lets nobody see a stroke twice, or miss one, who comes while others draw', async () => {
    const examples = await run();
    const { player: author } = await join(examples);
    const joining: Promise<Awaited<ReturnType<typeof join>>>[] = [];
    for (let i = 0; i < 100; i++) {
      author.peer.send(`1${i + 1}|2,0,${i},9,255,3,${i * 5 + 2},400,${i * 5 + 2},400`);
      if (i % 10 === 5) joining.push(join(examples));
    }
    for (const { player, png } of await Promise.all(joining)) {
      const { data } = decode(png);
      const isThere = (i: number) => data[(400 * 900 + i * 5 + 2) * 3] === 0;
      const painted = Array.from({ length: 100 }, (_, i) => i).filter(isThere);
      const told = new Set<number>();
      while (painted.length + told.size < 100) {
        const text = String(await player.next());
        for (const item of text.startsWith('1') ? text.slice(1).split('|') : []) told.add(Number(item.split(',')[3]));
      }
      expect([...painted, ...told]).toEqual(Array.from({ length: 100 }, (_, i) => i));
    }
  });

  it('[EX-D1] [EX-D3] has room for a hundred, and says so to the next', async () => {
    const examples = await run();
    const players = await Promise.all(Array.from({ length: 100 }, () => join(examples)));
    expect(players.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    const refused = await examples.dial(PATH);
    expect(await refused.next()).toBe(FULL);
    refused.send(`11|${red(1, 1)}`);
    expect(await refused.closed).toEqual({ code: 1000, phrase: '' });
    expect(refused.received).toEqual([FULL]);

    const { player: first } = players.find(({ count }) => count === 1) as { player: Reader };
    for (let i = 0; i < 99; i++) expect(await first.next()).toBe('3+');
    await players.find(({ count }) => count === 100)?.peer.close();
    expect(await first.next()).toBe('3-');
    expect((await join(examples)).count).toBe(100);
    expect(await first.next()).toBe('3+'); // and of the one who was refused nobody heard
  });

  it('[EX-D2] joins what waits for a slow reader, who misses nothing, and lets nobody else wait', async () => {
    const { author, slow, session, draw } = await withSlowReader();
    for (let waiting = 0; waiting <= 100_000; waiting = statistics(session).bytesWaiting) await draw(1000);
    for (let i = 0; i < 3; i++) await draw(1); // each of them told by itself to whoever reads
    slow.socket.resume();
    await eventually(() => expect(String(slow.received.at(-1)).endsWith(long(strokes))).toBe(true));
    expect(String(slow.received.at(-1)).split(';').length).toBeGreaterThanOrEqual(3);
    const frames = slow.received.slice(2).map(String);
    const told = frames.flatMap((frame) => frame.split(';')).flatMap((text) => text.slice(1).split('|'));
    expect(told.every((item, i) => item === `0,${long(i + 1)}`)).toBe(true);
    expect(told).toHaveLength(strokes);
    expect(author.peer.received.some((frame) => String(frame).startsWith('3-'))).toBe(false);
  });

  it('[EX-D6] puts out who reads nothing, with 1008, and lets nobody else wait', async () => {
    const { author, slow, draw } = await withSlowReader();
    await expect(
      (async () => {
        for (;;) await draw(1000);
      })(),
    ).rejects.toThrow('was told 3-');
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 1008, phrase: 'Send Buffer exceeded' });
    author.peer.send(`1${++strokes}|${red(1, 1)}`);
    await eventually(async () => expect(await author.strokes(1)).toContain(`${strokes},${red(1, 1)}`));
  });

  it('says goodbye to everyone when it stops', async () => {
    const examples = await run();
    const players = [await join(examples), await join(examples)];
    players[0]?.peer.send(`11|${red(1, 1)}`);
    await examples.close();
    for (const { peer } of players) expect(await peer.closed).toMatchObject({ code: 1001 });
  });
});
