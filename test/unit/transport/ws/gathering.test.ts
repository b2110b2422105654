import { expect, it } from '@jest/globals';
import { Gathering, keepable } from '../../../../src/transport/ws/gathering.js';

it('[REL-9] gives back what it was given, however it was cut', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let round = 0; round < 200; round++) {
    const gathering = new Gathering();
    const all: Buffer[] = [];
    for (let i = random(60); i >= 0; i--) {
      const chunk = Buffer.alloc(random(10) === 0 ? random(70_000) : random(300) + 1, random(256));
      const start = random(chunk.length);
      const end = start + random(chunk.length - start + 1);
      gathering.add(chunk, start, end);
      all.push(chunk.subarray(start, end));
    }
    const want = Buffer.concat(all);
    expect(gathering.length).toBe(want.length);
    expect(gathering.take().equals(want)).toBe(true);
    expect(gathering.length).toBe(0);
    expect(gathering.take().length).toBe(0);
  }
});

it('hands out a view only where it pins little', () => {
  const chunk = Buffer.allocUnsafeSlow(65_536);
  expect(keepable(chunk, 100, 60_000).buffer).toBe(chunk.buffer);
  expect(keepable(chunk, 100, 20_000).buffer).not.toBe(chunk.buffer);
  const small = Buffer.allocUnsafeSlow(100);
  expect(keepable(small, 0, 100).buffer).not.toBe(small.buffer);
});
