import { expect, it } from '@jest/globals';
import { Utf8Check } from '../../../../src/transport/ws/utf8-check.js';

const LONG = 'x'.repeat(60);

/** Where the first byte stands after which nothing well-formed can follow; -1 if it is well-formed so far. */
function firstBad(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let i = 0; i < bytes.length; i++) {
    try {
      decoder.decode(bytes.subarray(i, i + 1), { stream: true });
    } catch {
      return i;
    }
  }
  return -1;
}

const bad: readonly (readonly [string, number[]])[] = [
  ['a continuation byte alone', [0x80]],
  ['an overlong slash in 2 bytes', [0xc0, 0xaf]],
  ['an overlong C1', [0xc1, 0xbf]],
  ['an overlong slash in 3 bytes', [0xe0, 0x80, 0xaf]],
  ['an overlong slash in 4 bytes', [0xf0, 0x80, 0x80, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['the last surrogate', [0xed, 0xbf, 0xbf]],
  ['U+110000', [0xf4, 0x90, 0x80, 0x80]],
  ['F5', [0xf5, 0x80, 0x80, 0x80]],
  ['FF', [0xff]],
  ['a character broken off by ASCII', [0xe2, 0x82, 0x41]],
  ['a character broken off by another', [0xf0, 0x9f, 0xc3, 0xa9]],
];

it.each(bad)('[CLO-15] refuses %s at the earliest byte, wherever it stands', (_name, sequence) => {
  for (const before of ['', 'a', 'é', LONG, `${LONG}€`, `${LONG}😀`]) {
    const bytes = Buffer.concat([Buffer.from(before), Buffer.from(sequence), Buffer.from(LONG)]);
    const at = firstBad(bytes);
    expect(at).toBeGreaterThanOrEqual(before.length > 0 ? Buffer.byteLength(before) : 0);
    const byByte = new Utf8Check();
    for (let i = 0; i < at; i++) expect(byByte.push(bytes, i, i + 1)).toBe(true);
    expect(byByte.push(bytes, at, at + 1)).toBe(false);
    expect(new Utf8Check().push(bytes, 0, at + 1)).toBe(false);
    expect(new Utf8Check().push(bytes, 0, bytes.length)).toBe(false);
  }
});

it('[SES-28] takes well-formed text however it is cut, and knows how much of a character is missing', () => {
  const bytes = Buffer.from(`a\u0000\u007fé߿ࠀ€퟿\ufeff￿𐀀😀\u{10ffff}${LONG}€${LONG}😀`);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const check = new Utf8Check();
    expect(check.push(bytes, 0, cut)).toBe(true);
    const whole = cut - check.unfinished;
    expect(Buffer.from(bytes.subarray(0, whole).toString()).equals(bytes.subarray(0, whole))).toBe(true);
    expect(check.unfinished).toBeLessThan(4);
    expect(check.push(bytes, cut, bytes.length)).toBe(true);
    expect(check.unfinished).toBe(0);
  }
});

it('[CLO-15] agrees with the decoder on every sequence of 2 bytes and on many of 4', () => {
  const sample = [
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff,
  ];
  const disagree = (bytes: Buffer): boolean => {
    const at = firstBad(bytes);
    return new Utf8Check().push(bytes, 0, bytes.length) !== at < 0;
  };
  for (let first = 0; first < 256; first++)
    for (let second = 0; second < 256; second++) if (disagree(Buffer.from([first, second]))) throw new Error(`${[first, second]}`);
  for (const a of sample)
    for (const b of sample)
      for (const c of sample)
        for (const d of [0x41, 0x80, 0xbf, 0xc2]) if (disagree(Buffer.from([a, b, c, d]))) throw new Error(`${[a, b, c, d]}`);
});
