/** Snake, as pages hear it: its time is the ticks of these tests, and its chance is what they say. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Location } from '../../examples/snake/field.js';
import { game } from '../../examples/snake/snake-annotation.js';
import { eventually, sleep } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

const PATH = '/examples/websocket/snake';
const COLOUR = '#e6a1b2';
const { ticker, chance } = game;

/** Where the next snakes begin; after them all begin at 600, 400. */
let starts: Location[] = [];
let isRunning = false;
const errorLines: unknown[][] = [];

beforeEach(() => {
  starts = [];
  game.chance = { colour: () => COLOUR, place: () => starts.shift() ?? { x: 600, y: 400 } };
  game.ticker = () => {
    isRunning = true;
    return () => {
      isRunning = false;
    };
  };
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(async () => {
  await eventually(() => expect(game.snakes.size).toBe(0)); // running.ts stops the server first
  Object.assign(game, { ticker, chance });
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

interface Player {
  readonly peer: Peer;
  readonly id: number;
}

/** Comes into the field, at this place, and reads that it did. */
async function join(examples: Running, x = 600, y = 400): Promise<Player> {
  starts.push({ x, y });
  const peer = await examples.dial(PATH);
  const { data } = JSON.parse(String(await peer.next()));
  return { peer, id: data.at(-1).id };
}

/** Each comes at its place, and has read of all that came. */
async function joined(examples: Running, ...places: [number, number][]): Promise<Player[]> {
  const players: Player[] = [];
  for (const [x, y] of places) {
    const player = await join(examples, x, y);
    for (const { peer } of players) await peer.next();
    players.push(player);
  }
  return players;
}

/** Says it, and waits until the server has heard. */
async function steer({ peer, id }: Player, direction: string): Promise<void> {
  peer.send(direction);
  await eventually(() => expect(game.snakes.get(id)?.direction).toBe(direction));
}

/** What a player reads next. */
const read = async ({ peer }: Player) => JSON.parse(String(await peer.next()));

/** Ticks, and what of the next update is a player's own body, as "x,y". */
async function bodyAfterTick(player: Player): Promise<string[]> {
  game.tick();
  const { type, data } = await read(player);
  expect(type).toBe('update');
  const { body } = data.find((each: { id: number }) => each.id === player.id);
  return body.map(({ x, y }: Location) => `${x},${y}`);
}

async function bodiesAfterTicks(player: Player, count: number): Promise<string[]> {
  for (let i = 1; i < count; i++) await bodyAfterTick(player);
  return bodyAfterTick(player);
}

describe('snake', () => {
  it('[EX-S1] [EX-S3] counts its snakes from 0, and tells all who is there when somebody comes', async () => {
    const examples = await run();
    const first = await examples.dial(PATH);
    expect(await first.next()).toBe(`{"type": "join","data":[{"id": 0, "color": "${COLOUR}"}]}`);
    const second = await examples.dial(PATH);
    const both = `{"type": "join","data":[{"id": 0, "color": "${COLOUR}"},{"id": 1, "color": "${COLOUR}"}]}`;
    expect([await first.next(), await second.next()]).toEqual([both, both]);
  });

  it('[EX-S3] tells all where all are at each tick, head first, and the rest who leaves', async () => {
    const examples = await run();
    const [a, b] = (await joined(examples, [100, 100], [300, 50])) as [Player, Player];
    await steer(a, 'east');
    game.tick();
    const update = `{"type": "update", "data" : [{"id":${a.id},"body":[{"x": 110, "y": 100},{"x": 100, "y": 100}]},{"id":${b.id},"body":[{"x": 300, "y": 50}]}]}`;
    expect([await a.peer.next(), await b.peer.next()]).toEqual([update, update]);
    await b.peer.close();
    expect(await a.peer.next()).toBe(`{"type": "leave", "id": ${b.id}}`);
    expect(b.peer.received).toHaveLength(2);
  });

  it('[EX-S1] has a timer as long as somebody is there', async () => {
    const examples = await run();
    expect(isRunning).toBe(false);
    const [a, b] = (await joined(examples, [0, 0], [0, 100])) as [Player, Player];
    expect(isRunning).toBe(true);
    await a.peer.close();
    await eventually(() => expect(game.snakes.size).toBe(1));
    expect(isRunning).toBe(true);
    b.peer.socket.terminate();
    await eventually(() => expect(isRunning).toBe(false));
    await join(examples);
    expect(isRunning).toBe(true);
  });

  it('[EX-S1] lives by its own timer too', async () => {
    Object.assign(game, { ticker, chance });
    const peer = await (await run()).dial(PATH);
    const types = (await peer.take(6)).map((frame) => JSON.parse(String(frame)).type);
    expect(types).toEqual(['join', 'update', 'update', 'update', 'update', 'update']);
  });

  it('[EX-S2] is steered by four words, and by nothing else', async () => {
    const player = await join(await run(), 300, 200);
    expect(await bodyAfterTick(player)).toEqual(['300,200']);
    for (const [word, place] of [
      ['south', '300,210'],
      ['east', '310,210'],
      ['north', '310,200'],
      ['north', '310,190'],
      ['west', '300,190'],
    ] as const) {
      await steer(player, word);
      expect((await bodyAfterTick(player))[0]).toBe(place);
    }
    for (const word of ['ping', 'WEST', 'west ', 'none', '', '西 🐍', 'constructor', '{"type": "dead"}']) player.peer.send(word);
    player.peer.send(Buffer.from('west'));
    player.peer.socket.ping();
    await player.peer.pong(); // which the server wrote behind all of them
    expect((await bodyAfterTick(player))[0]).toBe('290,190');
  });

  it('[EX-S2] [EX-S4] lets a snake turn round, and bite its own neck', async () => {
    const player = await join(await run(), 300, 200);
    await steer(player, 'east');
    await bodiesAfterTicks(player, 2);
    await steer(player, 'west');
    game.tick();
    expect([await player.peer.next(), await read(player)]).toEqual(['{"type": "dead"}', expect.objectContaining({ type: 'update' })]);
    expect(await bodyAfterTick(player)).toEqual(['600,400']);
  });

  it('[EX-S4] moves by ten, draws a tail of five behind it, and stands until it is told to go', async () => {
    const player = await join(await run(), 100, 100);
    expect(await bodiesAfterTicks(player, 3)).toEqual(['100,100']);
    await steer(player, 'south');
    expect(await bodiesAfterTicks(player, 2)).toEqual(['100,120', '100,110', '100,100']);
    expect(await bodiesAfterTicks(player, 7)).toEqual(['100,190', '100,180', '100,170', '100,160', '100,150', '100,140']);
  });

  it.each([
    ['east', [620, 100], ['630,100', '0,100', '10,100']],
    ['south', [100, 460], ['100,470', '100,0', '100,10']],
    ['west', [10, 100], ['0,100', '640,100', '630,100']],
    ['north', [100, 10], ['100,0', '100,480', '100,470']],
    ['north', [640, 300], ['0,290', '0,280', '0,270']],
  ] as const)('[EX-S4] lets a snake that goes %s from %j come out on the other side', async (direction, [x, y], heads) => {
    const player = await join(await run(), x, y);
    await steer(player, direction);
    const seen = [(await bodyAfterTick(player))[0], (await bodyAfterTick(player))[0], (await bodyAfterTick(player))[0]];
    expect(seen).toEqual(heads);
  });

  it('[EX-S3] [EX-S4] tells who bites that it is dead and who is bitten of the kill: one begins again, the other grows', async () => {
    const examples = await run();
    const [bitten, biter] = (await joined(examples, [100, 100], [120, 90])) as [Player, Player];
    await steer(bitten, 'east');
    for (let i = 0; i < 3; i++) await Promise.all([bodyAfterTick(bitten), read(biter)]);
    await steer(biter, 'south'); // onto 120, 100
    game.tick();
    expect([await bitten.peer.next(), await biter.peer.next()]).toEqual(['{"type": "kill"}', '{"type": "dead"}']);
    const [update] = await Promise.all([read(bitten), read(biter)]);
    expect(update.data[1]).toEqual({ id: biter.id, body: [{ x: 600, y: 400 }] });
    for (let i = 0; i < 6; i++) await Promise.all([bodyAfterTick(bitten), read(biter)]);
    expect(await bodyAfterTick(bitten)).toHaveLength(7); // the head, and a tail of six
    expect(game.snakes.get(biter.id)).toMatchObject({ direction: 'none', body: [{ x: 600, y: 400 }] });
  });

  it('[EX-S4] lets who runs into a head die too', async () => {
    const examples = await run();
    const [still, runner] = (await joined(examples, [200, 200], [190, 200])) as [Player, Player];
    await steer(runner, 'east');
    game.tick();
    expect([await still.peer.next(), await runner.peer.next()]).toEqual(['{"type": "kill"}', '{"type": "dead"}']);
  });

  it('[EX-S5] puts out who does not read, within their own time, and lets nobody wait', async () => {
    const examples = await run();
    const player = await join(examples);
    const deaf = await examples.dial(PATH);
    deaf.socket.pause();
    const { data } = await read(player);
    const big = ' '.repeat(30_000);
    for (let i = 0; game.snakes.size === 2; i++) {
      game.tell(`${i}${big}`);
      expect(Number.parseInt(String(await player.peer.next()), 10)).toBe(i);
      await sleep(2);
      expect(i).toBeLessThan(3000);
    }
    expect(await player.peer.next()).toBe(`{"type": "leave", "id": ${data[1].id}}`);
  });
});
