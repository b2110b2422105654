import { expect, it } from '@jest/globals';
import { RefusedOrigins } from '../../../../src/container/web/refused-origins.js';
import { held } from '../../../support/memory.js';

/** As node makes it of what a client sent: a string of its own. */
const originOf = (i: number, length: number): string =>
  Buffer.from(`http://${String(i).padStart(6, '0')}.example`.padEnd(length, 'x')).toString('latin1');

it('[D-06] an origin is new once', () => {
  const refused = new RefusedOrigins();
  for (const length of [0, 16_000]) {
    expect(refused.isNew(originOf(1, length))).toBe(true);
    expect(refused.isNew(originOf(1, length))).toBe(false);
  }
  expect(refused.isNew(originOf(2, 0))).toBe(true);
});

it('[REL-14] however many come, and however long they are, what is remembered of them stays small', async () => {
  const refused = new RefusedOrigins();
  const before = await held();
  for (let i = 0; i < 1000; i++) refused.isNew(originOf(i, 16_000)); // the most that are remembered
  expect((await held()) - before).toBeLessThan(2 ** 21); // bytes, of 16 million
  for (let i = 0; i < 10_000; i++) refused.isNew(originOf(1000 + i, 100));
  expect((await held()) - before).toBeLessThan(2 ** 21);
  expect(refused.isNew(originOf(10_999, 100))).toBe(false);
});
