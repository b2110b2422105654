/** Which language it is that a request would like best. [D-22] */
import { expect, it, jest } from '@jest/globals';
import { preferredLocale } from '../../../../src/container/web/preferred-locale.js';

it.each([
  [['de-CH, fr'], 'de-CH'],
  [['en;q=0.1', 'it; q=0.9'], 'it'],
  [['abcd, en'], 'en'], // looks like a tag and is none
  [['*, , ;q=1, -, a_b, 1, en-'], undefined],
  [[], undefined],
])('[D-22] of %j it is %s', (lines, tag) => {
  expect(preferredLocale(lines)?.toString()).toBe(tag);
});

it('[REL-4] thousands of tags that are none are not all tried', () => {
  const tried = jest.spyOn(Intl, 'Locale');
  expect(preferredLocale(['abcd,'.repeat(3200)])).toBe(null);
  expect(tried.mock.calls.length).toBeLessThan(100);
  tried.mockRestore();
});
