/** Many connections that have much to read share one slice of each turn, by a clock that the test moves. [REL-11] */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { readLater, type Waiting } from '../../../../src/transport/ws/read-turns.js';

let now = 0;
beforeEach(() => void jest.spyOn(performance, 'now').mockImplementation(() => now));
afterEach(() => void jest.restoreAllMocks());

/** Each takes that many ms, and asks for so many turns in all. */
function readers(count: number, ms: number, turns: number) {
  const order: number[] = [];
  for (let name = 0; name < count; name++) {
    let left = turns;
    const reader: Waiting = {
      proceed() {
        order.push(name);
        now += ms;
        if (--left > 0) readLater(reader);
      },
    };
    readLater(reader);
  }
  return order;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

it('[REL-11] 10 ms of reading in a turn, however many there are', async () => {
  const order = readers(20, 2, 1);
  expect(order).toEqual([]); // never on the stack of who asks
  await turn();
  expect(order).toEqual(upTo(5));
  await turn();
  expect(order).toEqual(upTo(10));
  while (order.length < 20) await turn();
  expect(order).toEqual(upTo(20));
});

it('[REL-11] whoever has read goes behind those who have not', async () => {
  const order = readers(7, 4, 3);
  while (order.length < 21) await turn();
  expect(order).toEqual([...upTo(7), ...upTo(7), ...upTo(7)]);
});

it('[REL-11] one who needs longer than that has a turn of his own, and those behind him theirs', async () => {
  const order = readers(3, 50, 1);
  await turn();
  expect(order).toEqual([0]);
  await turn();
  expect(order).toEqual([0, 1]);
  await turn();
  expect(order).toEqual([0, 1, 2]);
});
