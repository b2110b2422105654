import { expect, it } from '@jest/globals';
import { freshKey, mask, turned } from '../../../../src/transport/ws/mask.js';

it('masks bytes of any length at any place', () => {
  const key = 0x5a9173e4 | 0;
  const keyBytes = [key & 0xff, (key >>> 8) & 0xff, (key >>> 16) & 0xff, key >>> 24];
  for (const length of [0, 1, 2, 3, 4, 5, 7, 63, 127, 128, 129, 130, 131, 132, 133, 300, 1021])
    for (let at = 0; at < 9; at++) {
      const bytes = Buffer.alloc(length + 20, 0x61);
      const want = Buffer.from(bytes);
      for (let i = 0; i < length; i++) want[at + i] = 0x61 ^ (keyBytes[i & 3] as number);
      mask(bytes, at, at + length, key);
      expect(bytes.equals(want)).toBe(true);
      expect(mask(bytes, at, at + length, key)).toBeLessThan(0x80);
      expect(bytes.every((byte) => byte === 0x61)).toBe(true);
    }
});

it('tells of a byte beyond ASCII wherever it stands', () => {
  for (const length of [1, 4, 7, 128, 140, 259])
    for (let at = 0; at < length; at++) {
      const bytes = Buffer.alloc(length, 0x20);
      bytes[at] = 0xc3;
      expect(mask(bytes, 0, length, 0) & 0x80).toBe(0x80);
    }
});

it('goes on where it stopped', () => {
  const key = -0x12345678;
  const bytes = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz'.repeat(10));
  const want = Buffer.from(bytes);
  mask(want, 0, want.length, key);
  for (const cut of [0, 1, 2, 3, 4, 5, 131, 200, 359]) {
    const copy = Buffer.from(bytes);
    mask(copy, 0, cut, key);
    mask(copy, cut, copy.length, turned(key, cut));
    expect(copy.equals(want)).toBe(true);
  }
});

it('draws a new key each time', () => {
  const keys = new Set(Array.from({ length: 5000 }, freshKey));
  expect(keys.size).toBeGreaterThan(4990);
});
