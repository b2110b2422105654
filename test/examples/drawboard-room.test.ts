/** The room of the drawboard, with a clock that the test moves on, and players without a socket. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Drawn } from '../../examples/drawboard/draw-message.js';
import { Player } from '../../examples/drawboard/player.js';
import { Room } from '../../examples/drawboard/room.js';
import { gate } from '../support/eventually.js';

const turn = () => new Promise(setImmediate);

/** Somebody who is in the room and has got the picture, and what they are told from then on. */
async function enter(room: Room) {
  const told: string[] = [];
  const picture = gate();
  const player = new Player({
    async send(message) {
      if (typeof message === 'string') told.push(...message.split(';'));
      else picture.open();
    },
    close: (reason) => void told.push(`close ${reason}`),
  });
  room.enter(player);
  await picture.promise;
  await turn();
  told.length = 0;
  /** What was told since the last time. */
  const heard = async () => {
    await turn();
    return told.splice(0);
  };
  return { player, heard };
}

const dot = (id: number, x: number): Drawn => ({
  id,
  message: { type: 1, red: 0, green: 0, blue: 0, alpha: 255, thickness: 1, x1: x, y1: 0, x2: x, y2: 0 },
});
const item = (id: number, x: number) => `${id},1,0,0,0,255,1,${x},0,${x},0`;

describe('the room of the drawboard', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
  afterEach(() => void jest.useRealTimers());

  it('[EX-D5] gathers strokes for 30 ms, then tells each player all of them at once, each with the number that this player has come to', async () => {
    const room = new Room();
    const [first, second] = [await enter(room), await enter(room)];
    await first.heard();
    room.draw(first.player, dot(1, 10));
    room.draw(second.player, dot(5, 20));
    jest.advanceTimersByTime(29);
    room.draw(first.player, dot(2, 30));
    expect([await first.heard(), await second.heard()]).toEqual([[], []]);
    jest.advanceTimersByTime(1);
    expect(await first.heard()).toEqual([`1${item(1, 10)}|${item(1, 20)}|${item(2, 30)}`]);
    expect(await second.heard()).toEqual([`1${item(0, 10)}|${item(5, 20)}|${item(5, 30)}`]);
  });

  it('[EX-D5] is silent when nobody draws, and gathers again when somebody does', async () => {
    const room = new Room();
    const { player, heard } = await enter(room);
    for (const id of [1, 2]) {
      jest.advanceTimersByTime(1000);
      expect(await heard()).toEqual([]);
      room.draw(player, dot(id, 10));
      jest.advanceTimersByTime(29);
      expect(await heard()).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(await heard()).toEqual([`1${item(id, 10)}`]);
    }
    expect(jest.getTimerCount()).toBe(0);
  });

  it('[EX-D3] tells a newcomer of no stroke that is in the picture, and the others of all', async () => {
    const room = new Room();
    const first = await enter(room);
    room.draw(first.player, dot(1, 10));
    const second = await enter(room);
    room.draw(first.player, dot(2, 20));
    jest.advanceTimersByTime(30);
    expect(await first.heard()).toEqual(['3+', `1${item(1, 10)}|${item(2, 20)}`]);
    expect(await second.heard()).toEqual([`1${item(0, 20)}`]);
  });

  it('[EX-D5] takes nothing from who has left, and tells them nothing', async () => {
    const room = new Room();
    const [first, second] = [await enter(room), await enter(room)];
    room.draw(second.player, dot(1, 10));
    room.leave(second.player);
    room.leave(second.player);
    room.draw(second.player, dot(2, 20));
    jest.advanceTimersByTime(30);
    expect(await first.heard()).toEqual(['3+', '3-', `1${item(0, 10)}`]);
    expect(await second.heard()).toEqual([]);
  });
});
