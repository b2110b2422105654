import { expect, it } from '@jest/globals';
import { type Entrant, Turnstile } from '../../../../src/transport/ws/turnstile.js';

const KiB = 1024;
const SLICE = 256 * KiB;

/** Who was let in, in order. */
class Guests {
  readonly order: string[] = [];
  readonly #known = new Map<string, Entrant>();

  of(name: string): Entrant {
    let guest = this.#known.get(name);
    if (guest === undefined) {
      guest = { admitted: () => void this.order.push(name) };
      this.#known.set(name, guest);
    }
    return guest;
  }
}

it('[REL-15] no more are inside than there are places; the next comes when one has left', () => {
  const turnstile = new Turnstile(2);
  const guests = new Guests();
  for (const name of ['a', 'b', 'c', 'd']) turnstile.enter(guests.of(name), SLICE);
  expect(guests.order).toEqual(['a', 'b']);
  turnstile.leave();
  expect(guests.order).toEqual(['a', 'b', 'c']);
  turnstile.leave();
  turnstile.leave();
  turnstile.leave();
  for (const name of ['e', 'f', 'g']) turnstile.enter(guests.of(name), SLICE);
  expect(guests.order).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('[REL-15] whoever waits no longer is passed over, and keeps nobody else waiting', () => {
  const turnstile = new Turnstile(1);
  const guests = new Guests();
  for (const name of ['a', 'b', 'c', 'd']) turnstile.enter(guests.of(name), name === 'c' ? KiB : SLICE);
  expect(turnstile.forget(guests.of('b'))).toBe(true);
  expect(turnstile.forget(guests.of('c'))).toBe(true);
  expect(turnstile.forget(guests.of('c'))).toBe(false);
  expect(turnstile.forget(guests.of('a'))).toBe(false); // is inside: it has to leave
  turnstile.leave();
  expect(guests.order).toEqual(['a', 'd']);
});

it('[REL-15] what is short goes ahead every other time: neither waits for all of the other', () => {
  const turnstile = new Turnstile(1);
  const guests = new Guests();
  turnstile.enter(guests.of('first'), SLICE);
  for (const i of [1, 2, 3]) turnstile.enter(guests.of(`long ${i}`), SLICE);
  for (const i of [1, 2, 3]) turnstile.enter(guests.of(`short ${i}`), KiB);
  for (let i = 0; i < 6; i++) turnstile.leave();
  expect(guests.order).toEqual(['first', 'short 1', 'long 1', 'short 2', 'long 2', 'short 3', 'long 3']);
});

it('[REL-15] who has begun makes room for what is short, and then goes on before those who have not', () => {
  const turnstile = new Turnstile(1);
  const guests = new Guests();
  turnstile.enter(guests.of('begun'), 1024 * KiB);
  expect(turnstile.stays(guests.of('begun'), SLICE)).toBe(true);
  turnstile.enter(guests.of('waiting'), 1024 * KiB);
  expect(turnstile.stays(guests.of('begun'), 2 * SLICE)).toBe(true); // or all would have begun, and each would need memory
  turnstile.enter(guests.of('short'), KiB);
  expect(turnstile.stays(guests.of('begun'), 3 * SLICE)).toBe(false);
  expect(guests.order).toEqual(['begun', 'short']);
  turnstile.leave();
  turnstile.leave();
  expect(guests.order).toEqual(['begun', 'short', 'begun', 'waiting']);
});

it('[REL-15] who has had 4 MiB compressed goes behind the others', () => {
  const turnstile = new Turnstile(1);
  const guests = new Guests();
  turnstile.enter(guests.of('endless'), 2 ** 30);
  turnstile.enter(guests.of('waiting'), SLICE);
  for (let slices = 1; slices < 16; slices++) expect(turnstile.stays(guests.of('endless'), slices * SLICE)).toBe(true);
  expect(turnstile.stays(guests.of('endless'), 16 * SLICE)).toBe(false);
  expect(guests.order).toEqual(['endless', 'waiting']);
  turnstile.leave();
  expect(guests.order).toEqual(['endless', 'waiting', 'endless']);
});

it('[REL-15] one that was interrupted, and is gone, is passed over too', () => {
  const turnstile = new Turnstile(1);
  const guests = new Guests();
  turnstile.enter(guests.of('begun'), 1024 * KiB);
  turnstile.enter(guests.of('short'), KiB);
  turnstile.stays(guests.of('begun'), SLICE);
  turnstile.enter(guests.of('waiting'), SLICE);
  expect(turnstile.forget(guests.of('begun'))).toBe(true);
  turnstile.leave();
  expect(guests.order).toEqual(['begun', 'short', 'waiting']);
});
