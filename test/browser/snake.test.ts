/** The snake page in a real browser. The server's game runs in this process, so its snakes can be put where they meet. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Location } from '../../examples/snake/field.js';
import { game } from '../../examples/snake/snake-annotation.js';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

const PAGE = '/snake/page.html';
const { ticker, chance } = game;

let starts: Location[] = [];
let colours: string[] = [];

beforeEach(() => {
  starts = [];
  colours = ['#e6b8a1', '#a9e6b8', '#b3c4e6', '#e6a9cf'];
  game.ticker = () => () => {};
  game.chance = { colour: () => colours.shift() ?? '#e6e6cf', place: () => starts.shift() ?? { x: 600, y: 20 } };
});

afterEach(() => void Object.assign(game, { ticker, chance }));

interface Player {
  readonly page: Page;
  readonly id: number;
}

async function playing(visit: Visit, x: number, y: number): Promise<Player> {
  starts.push({ x, y });
  const page = await visit.open(PAGE);
  return { page, id: [...game.snakes.keys()].at(-1) as number };
}

/** The server has been told to steer it so. */
const goes = ({ id }: Player, direction: string) => eventually(() => expect(game.snakes.get(id)?.direction).toBe(direction));

async function press(player: Player, key: string, direction: string): Promise<void> {
  await player.page.keyboard.press(key);
  await goes(player, direction);
}

/** One tick, which all of these pages have drawn. */
async function tick(...players: Player[]): Promise<void> {
  game.tick();
  const lengths = [...game.snakes].map(([id, { body }]) => `Snake ${id} ${body.length}`).sort();
  for (const { page } of players) {
    await eventually(async () => {
      const shown = await texts(page, '#scores li');
      expect(shown.map((each) => each.replace(', you', '')).sort()).toEqual(lengths);
    });
  }
}

async function ticks(count: number, ...players: Player[]): Promise<void> {
  for (let i = 0; i < count; i++) await tick(...players);
}

visiting('the snake page', CHROMIUM, (visit) => {
  it('[EX-S3] lets two windows play: one bites the other and begins again, the other is one longer', async () => {
    const bitten = await playing(visit, 300, 200);
    const biter = await playing(visit, 330, 180);
    await eventually(async () => expect((await texts(bitten.page, '#log li span')).at(-1)).toBe(`Snake ${biter.id} came`));
    await press(bitten, 'ArrowRight', 'east');
    await ticks(4, bitten, biter);
    await press(biter, 's', 'south');
    await ticks(2, bitten, biter); // onto 330, 200
    await eventually(async () => expect((await texts(biter.page, '#log li span')).at(-1)).toBe('You bit a snake, and begin again'));
    await eventually(async () => expect((await texts(bitten.page, '#log li span')).at(-1)).toBe('Somebody bit you: one longer'));
    expect(await biter.page.textContent('#call')).toContain('Press an arrow key');
    await ticks(3, bitten, biter);
    expect(await texts(bitten.page, '#scores li')).toEqual([`Snake ${bitten.id}, you 7`, `Snake ${biter.id} 1`]);
    await bitten.page.close();
    await eventually(async () => expect(await texts(biter.page, '#scores li')).toEqual([`Snake ${biter.id}, you 1`]));
    expect((await texts(biter.page, '#log li span')).at(-1)).toBe(`Snake ${bitten.id} left`);
  });

  it('[EX-S2] forbids to turn round, and tells one turn at a time', async () => {
    const player = await playing(visit, 100, 100);
    await player.page.evaluate(`{
      window.said = [];
      const { socket } = connection;
      socket.send = (text) => WebSocket.prototype.send.call(socket, (said.push(text), text));
    }`);
    const said = () => player.page.evaluate('said');
    await press(player, 'ArrowRight', 'east');
    await tick(player);
    await player.page.keyboard.press('ArrowLeft');
    await press(player, 'ArrowUp', 'north');
    await player.page.keyboard.press('KeyA'); // before the next tick: it has to wait, or the snake would turn round
    await player.page.keyboard.press('KeyW'); // and this one
    expect(await said()).toEqual(['east', 'north']);
    await tick(player);
    await goes(player, 'west');
    await tick(player);
    await goes(player, 'north');
    await tick(player);
    expect(await said()).toEqual(['east', 'north', 'west', 'north']);
    expect(game.snakes.get(player.id)?.body.map(({ x, y }) => `${x},${y}`)).toEqual(['100,80', '100,90', '110,90', '110,100', '100,100']);
  });

  it('[EX-S4] forbids it across the edge too', async () => {
    const player = await playing(visit, 630, 100);
    await press(player, 'd', 'east');
    await tick(player); // to 0
    await player.page.keyboard.press('ArrowLeft');
    await press(player, 'ArrowDown', 'south');
    await ticks(2, player);
    expect(game.snakes.get(player.id)?.body[0]).toEqual({ x: 0, y: 120 });
  });

  it('is steered with fingers: by buttons, and by swiping over the field', async () => {
    const player = await playing(visit, 100, 100);
    const { page } = player;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.click('#pad [value=south]');
    await goes(player, 'south');
    await tick(player);
    const box = await page.locator('#canvas').boundingBox();
    const [x, y] = [(box?.x ?? 0) + 100, (box?.y ?? 0) + 100];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 10);
    await page.mouse.up();
    await goes(player, 'east');
  });

  it('[EX-S2] says ping every five seconds', async () => {
    const page = await visit.context.newPage();
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1000);
    const sent: unknown[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload)));
    await page.goto(visit.examples.url + PAGE);
    await page.waitForSelector('#state[data-state=open]');
    await page.clock.runFor(4999);
    expect(sent).toEqual([]);
    await page.clock.runFor(1);
    await eventually(() => expect(sent).toEqual(['ping']));
    await page.clock.runFor(10_000);
    await eventually(() => expect(sent).toEqual(['ping', 'ping', 'ping']));
  });

  it('[EX-0] keeps fifty lines, and shows ten snakes', async () => {
    const { page, id } = await playing(visit, 100, 100);
    for (let i = 0; i < 60; i++) game.leave(game.enter(10_000 + i, () => {}));
    await eventually(async () => expect((await texts(page, '#log li span')).at(-1)).toBe('Snake 10059 left'));
    expect(await page.locator('#log li').count()).toBe(50);
    const crowd = Array.from({ length: 12 }, (_, i) => game.enter(20_000 + i, () => {}));
    await eventually(async () => expect(await page.textContent('#more')).toBe('and 3 more'));
    expect(await page.locator('#scores li').count()).toBe(10);
    for (const each of crowd) game.leave(each);
    await eventually(async () => expect(await texts(page, '#scores li')).toEqual([`Snake ${id}, you 0`]));
  });

  it('calls for a key where it does not hide the snake that stands still', async () => {
    const above = await playing(visit, 100, 460);
    await tick(above);
    const below = await playing(visit, 100, 20);
    await tick(below);
    const half = async ({ page }: Player) => {
      const [call, field] = [await page.locator('#call').boundingBox(), await page.locator('#field').boundingBox()];
      return Math.round(((call?.y ?? 0) - (field?.y ?? 0)) / (field?.height ?? 1));
    };
    expect([await half(above), await half(below)]).toEqual([0, 1]);
  });

  it('is left and joined again', async () => {
    const { page } = await playing(visit, 100, 100);
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=closed]');
    await eventually(() => expect(game.snakes.size).toBe(0));
    expect([await texts(page, '#scores li'), await page.textContent('#call b')]).toEqual([[], 'You are not playing']);
    expect(await page.isDisabled('#pad [value=north]')).toBe(true);
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=open]');
    await eventually(async () => expect(await texts(page, '#scores li')).toHaveLength(1)); // its first frame comes behind the 101
  });

  it("[EX-S3] plays on Tomcat 7's endpoint too, whose frames are no JSON, and goes back", async () => {
    const page = await visit.open(`${PAGE}#tc7`); // where time runs
    const frames: string[] = [];
    const urls: string[] = [];
    page.on('websocket', (socket) => {
      urls.push(new URL(socket.url()).pathname);
      socket.on('framereceived', ({ payload }) => frames.push(String(payload)));
    });
    await page.reload();
    await eventually(async () => expect(await texts(page, '#log li span')).toEqual([expect.stringMatching(/^You are snake [1-9]/)]));
    await page.keyboard.press('ArrowDown');
    await eventually(async () => expect(await texts(page, '#scores li')).toEqual([expect.stringMatching(/^Snake \d+, you 6$/)]));
    expect(frames.at(-1)).toMatch(/^\{'type': 'update', 'data' : \[\{'id':\d+,'body':\[\{x: \d+, y: \d+\},/);
    await page.click('#other');
    await eventually(async () => expect((await texts(page, '#log li span')).length).toBe(2));
    expect(await texts(page, '#scores li')).toEqual([`Snake ${[...game.snakes.keys()]}, you 0`]);
    expect(urls).toEqual(['/examples/websocket/tc7/snake', '/examples/websocket/snake']);
  });

  it('looks so', async () => {
    const player = await playing(visit, 300, 260);
    starts = [
      { x: 120, y: 160 },
      { x: 460, y: 130 },
      { x: 220, y: 420 },
    ];
    const others = [game.enter(31, () => {}), game.enter(32, () => {}), game.enter(35, () => {})];
    const ways = ['east', 'south', 'west', 'north'] as const;
    for (const [i, other] of others.entries()) {
      Object.assign(other, { direction: ways[i] });
      for (let bites = 0; bites < 7 + 6 * i; bites++) other.grow();
    }
    const me = game.snakes.get(player.id);
    for (let bites = 0; bites < 12; bites++) me?.grow();
    for (const key of ['ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowUp', 'ArrowRight']) {
      await player.page.keyboard.press(key);
      for (const [i, other] of others.entries()) other.direction = ways[(i + 'RULUR'.indexOf(key[5] as string)) % 4] as 'east';
      await ticks(4, player);
    }
    await visit.picture(player.page, 'snake');
    for (const each of others) game.leave(each);
  });
});
