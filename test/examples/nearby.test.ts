/** The map on the wire. Who walks about is the process's, so whoever is of no interest to a test has left before it. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RemoteEndpoint } from 'margay';
import type { Notice } from '../../examples/nearby/notice.js';
import type { View } from '../../examples/nearby/view.js';
import { World } from '../../examples/nearby/world.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

interface Spot {
  readonly uid: string;
  readonly x: number;
  readonly y: number;
}

interface Heard {
  readonly kind: string;
  readonly near: readonly Spot[];
  readonly gone: readonly string[];
  readonly you?: { readonly x: number; readonly y: number };
  readonly text?: string;
  readonly x?: number;
  readonly y?: number;
}

const window = (examples: Running, uid: string) => examples.dial(`/nearby/${encodeURIComponent(uid)}`);

const heard = (peer: Peer): Heard[] => peer.received.map((line) => JSON.parse(String(line)));

const around = (peer: Peer): Heard[] => heard(peer).filter(({ kind }) => kind === 'around');

/** All that it was told of somebody: places as `x,y`, and `gone`. */
function told(peer: Peer, uid: string): string[] {
  const each = around(peer).map(({ near, gone }) => [
    ...near.filter((spot) => spot.uid === uid).map(({ x, y }) => `${x},${y}`),
    ...gone.filter((name) => name === uid).map(() => 'gone'),
  ]);
  return each.flat();
}

const walk = (peer: Peer, x: number, y: number) => peer.send(JSON.stringify({ kind: 'move', x, y }));

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('nearby', () => {
  it('[EX-L1] greets with the map and a place on it, and shows newcomers to each other', async () => {
    const examples = await run();
    const [ming, hong] = [await window(examples, '小明 🐾'), await window(examples, '小红/?#')];
    const hello = JSON.parse(String(await ming.next()));
    expect(hello).toMatchObject({ kind: 'hello', uid: '小明 🐾', width: 1000, height: 600, radius: 220 });
    await eventually(() => expect(told(hong, '小明 🐾')).toEqual([`${hello.x},${hello.y}`]));
    await eventually(() => expect(told(ming, '小红/?#')).toHaveLength(1));
  });

  it('[EX-L1] gives positions only to those within the radius, the edge included', async () => {
    const examples = await run();
    const [one, near, far] = [await window(examples, '一'), await window(examples, '近'), await window(examples, '远')];
    walk(one, 100, 100);
    walk(near, 320, 100); // exactly 220
    walk(far, 900, 500);
    await eventually(() => expect([told(one, '近').at(-1), told(near, '一').at(-1)]).toEqual(['320,100', '100,100']));
    await eventually(() => expect([told(one, '远').at(-1), told(far, '一').at(-1)]).toEqual(['gone', 'gone']));
    const before = far.received.length;
    for (let i = 0; i < 5; i++) {
      walk(one, 100 + i, 100);
      await eventually(() => expect(told(near, '一').at(-1)).toBe(`${100 + i},100`));
    }
    walk(far, 901, 500);
    walk(near, 321, 100.5);
    await eventually(() => expect(told(one, '近').at(-1)).toBe('321,100.5'));
    expect([far.received.length, told(one, '远').at(-1)]).toEqual([before, 'gone']);
  });

  it('[EX-L1] ends the updates on both sides with one "gone" each when two walk apart, and starts again when they meet', async () => {
    const examples = await run();
    const [one, other] = [await window(examples, '东'), await window(examples, '西')];
    walk(one, 500, 300);
    walk(other, 600, 300);
    await eventually(() => expect([told(one, '西').at(-1), told(other, '东').at(-1)]).toEqual(['600,300', '500,300']));
    for (const x of [800, 850, 900, 950]) {
      walk(other, x, 300);
      walk(one, 1000 - x, 300);
      await new Promise((resolve) => setTimeout(resolve, 60)); // a tick each, so that they could say it again
    }
    const gone = (peer: Peer, uid: string) => told(peer, uid).filter((word) => word === 'gone');
    await eventually(() => expect([gone(one, '西'), gone(other, '东')]).toEqual([['gone'], ['gone']]));
    expect([told(one, '西').at(-1), told(other, '东').at(-1)]).toEqual(['gone', 'gone']);
    walk(other, 60, 300);
    await eventually(() => expect([told(one, '西').at(-1), told(other, '东').at(-1)]).toEqual(['60,300', '50,300']));
    expect([gone(one, '西'), gone(other, '东')]).toEqual([['gone'], ['gone']]);
  });

  it.each([
    ['closing', (peer: Peer) => void peer.close(1000)],
    ['vanishing', (peer: Peer) => peer.socket.terminate()],
  ])('[EX-L1] %s gives one "gone"', async (_how, leave) => {
    const examples = await run();
    const [watcher, visitor, marker] = [await window(examples, '守望'), await window(examples, '过客'), await window(examples, '路标')];
    walk(visitor, 510, 310);
    await eventually(() => expect(told(watcher, '过客').at(-1)).toBe('510,310'));
    walk(visitor, 520, 310); // a step that is not told yet
    leave(visitor);
    await eventually(() => expect(told(watcher, '过客').at(-1)).toBe('gone'));
    walk(marker, 530, 310);
    await eventually(() => expect(told(watcher, '路标').at(-1)).toBe('530,310'));
    expect(told(watcher, '过客').filter((word) => word === 'gone')).toEqual(['gone']);
    expect(told(watcher, '过客').at(-1)).toBe('gone');
  });

  it('[EX-L1] is one person in several windows, who goes with the last of them', async () => {
    const examples = await run();
    const watcher = await window(examples, '旁观者');
    const [one, two] = [await window(examples, '分身'), await window(examples, '分身')];
    walk(one, 480, 280);
    await eventually(() => expect(around(two).at(-1)).toMatchObject({ you: { x: 480, y: 280 } }));
    await eventually(() => expect(told(watcher, '分身').at(-1)).toBe('480,280'));
    const third = await window(examples, '分身');
    expect(JSON.parse(String(await third.next()))).toMatchObject({ kind: 'hello', x: 480, y: 280 });
    await one.close();
    walk(two, 490, 280);
    await eventually(() => expect(told(watcher, '分身').at(-1)).toBe('490,280'));
    await third.close();
    await two.close();
    await eventually(() => expect(told(watcher, '分身').at(-1)).toBe('gone'));
    expect(told(watcher, '分身').filter((word) => word === 'gone')).toEqual(['gone']);
    expect(around(one).some(({ you }) => you !== undefined)).toBe(false); // it knows where it went itself
  });

  it.each([
    ['no JSON', 'west', 'a message is JSON'],
    ['an unknown kind', '{"kind":"jump","x":1,"y":1}', '"kind" is one of move'],
    ['a place west of the map', '{"kind":"move","x":-0.1,"y":1}', '"x" is a number from 0 to 1000'],
    ['a place south of the map', '{"kind":"move","x":1,"y":600.5}', '"y" is a number from 0 to 600'],
    ['infinity', '{"kind":"move","x":1e999,"y":1}', '"x" is a number from 0 to 1000'],
    ['a text', '{"kind":"move","x":"1","y":1}', '"x" is a number from 0 to 1000'],
    ['nothing', '{"kind":"move","x":null,"y":1}', '"x" is a number from 0 to 1000'],
  ])('[EX-L1] complains about %s, and moves nobody', async (_what, message, complaint) => {
    const examples = await run();
    const [peer, other] = [await window(examples, '固执'), await window(examples, '邻居')];
    peer.send(message);
    await eventually(() =>
      expect(heard(peer).filter(({ kind }) => kind === 'complaint')).toEqual([{ kind: 'complaint', text: complaint }]),
    );
    walk(peer, 444, 333);
    await eventually(() => expect(told(other, '固执').at(-1)).toBe('444,333'));
    expect(told(other, '固执')).toHaveLength(2);
  });

  it('[EX-L1] tells of many steps in a moment only the last', async () => {
    const examples = await run();
    const [runner, watcher] = [await window(examples, '飞毛腿'), await window(examples, '看客')];
    await eventually(() => expect(told(watcher, '飞毛腿')).toHaveLength(1));
    for (let i = 0; i < 1000; i++) walk(runner, 450 + (i % 100), 300);
    walk(runner, 500, 321);
    await eventually(() => expect(told(watcher, '飞毛腿').at(-1)).toBe('500,321'));
    expect(told(watcher, '飞毛腿').length).toBeLessThan(100);
  });

  it('[EX-L1] refuses a name that is too long', async () => {
    const peer = await window(await run(), '长'.repeat(65));
    expect(await peer.closed).toEqual({ code: 1008, phrase: 'a name has at most 64 characters' });
  });
});

describe('the world', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** What a window is sent; it takes the next when it is told to, unless it is quick. */
  class Remote {
    readonly notices: Notice['body'][] = [];
    readonly #isQuick: boolean;
    take = () => {};

    constructor(isQuick: boolean) {
      this.#isQuick = isQuick;
    }

    sendObject({ body }: Notice): Promise<void> {
      this.notices.push(body);
      return new Promise((resolve) => {
        this.take = resolve;
        if (this.#isQuick) resolve();
      });
    }
  }

  const enter = (world: World, uid: string, remote: Remote) => world.enter(uid, remote as unknown as RemoteEndpoint.Basic);

  it('[EX-L1] lets nobody wait for one who does not read, and shows them in the end what is so', async () => {
    const world = new World();
    const [slow, quick] = [new Remote(false), new Remote(true)];
    const view = enter(world, '慢', slow);
    const other = enter(world, '快', quick);
    const passing = enter(world, '过客', new Remote(true));
    if (view === null || other === null || passing === null) throw new Error('no room');
    world.move(view, { x: 500, y: 300 });
    for (let i = 1; i <= 20; i++) {
      world.move(other, { x: 400 + i, y: 300 });
      await jest.advanceTimersByTimeAsync(50);
    }
    world.leave(passing); // was never shown, so there is no word of it
    expect(slow.notices).toEqual([expect.objectContaining({ kind: 'hello' })]);
    slow.take();
    await jest.advanceTimersByTimeAsync(0);
    expect(slow.notices.slice(1)).toEqual([{ kind: 'around', near: [{ uid: '快', x: 420, y: 300 }], gone: [] }]);

    world.move(other, { x: 800, y: 300 });
    await jest.advanceTimersByTimeAsync(50);
    world.move(other, { x: 450, y: 300 });
    await jest.advanceTimersByTimeAsync(50);
    world.move(other, { x: 900, y: 300 });
    await jest.advanceTimersByTimeAsync(50);
    slow.take();
    await jest.advanceTimersByTimeAsync(0);
    expect(slow.notices.slice(2)).toEqual([{ kind: 'around', near: [], gone: ['快'] }]);
    expect(quick.notices.filter((body) => body.kind === 'around' && body.gone.includes('慢'))).toHaveLength(2);
  });

  it('[EX-L1] has room for two hundred, and for a further window of each', () => {
    const world = new World();
    const people = Array.from({ length: 200 }, (_, i) => enter(world, `${i}号`, new Remote(true)));
    expect(people).not.toContain(null);
    expect(enter(world, '第201位', new Remote(true))).toBeNull();
    expect(enter(world, '7号', new Remote(true))).not.toBeNull();
    world.leave(people[0] as View);
    expect(enter(world, '第201位', new Remote(true))).not.toBeNull();
  });
});
