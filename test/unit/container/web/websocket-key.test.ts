import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { acceptOf, isKey } from '../../../../src/container/web/websocket-key.js';
import { holds, seed } from '../../../support/property.js';

describe('Sec-WebSocket-Key', () => {
  it.each([
    ['x3JJHMbDL1EzLkh9GBhXDw==', 'HSmrc0sMlYUkAGmm5OPpG2HaGWk='],
    ['dGhlIHNhbXBsZSBub25jZQ==', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
  ])('[HS-16] %s is answered with %s', (key, accept) => {
    expect(isKey(key)).toBe(true);
    expect(acceptOf(key)).toBe(accept);
  });

  it.each(['AAAAAAAAAAAAAAAAAAAAAA==', '++++//////AAAAAAAAAAAA==', 'AAAAAAAAAAAAAAAAAAAAAB=='])('[HS-1] %s is a key', (key) => {
    expect(isKey(key)).toBe(true);
  });

  it.each([
    '',
    'dGhlIHNhbXBsZSBub25jZQ',
    'dGhlIHNhbXBsZSBub25jZQ=',
    'dGhlIHNhbXBsZSBub25jZQ=A',
    'dGhlIHNhbXBsZSBub25jZQA=',
    'dGhlIHNhbXBsZSBub25jZQAA',
    'dGhlIHNhbXBsZSBub25jZ-==',
    'dGhlIHNhbXBsZSBub25jZ ==',
    'dGhl=HNhbXBsZSBub25jZQ==',
    ' GhlIHNhbXBsZSBub25jZQ==',
    'dGhlIHNhbXBsZSBub25jZQ==\n',
    'éGhlIHNhbXBsZSBub25jZQ==',
    'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==',
  ])('[HS-1] %j is none', (key) => {
    expect(isKey(key)).toBe(false);
  });
});

it(`[HS-1] any 16 bytes are a key, and nothing else is (seed ${seed})`, () => {
  const bytes = fc.uint8Array({ minLength: 14, maxLength: 18 }).map((each) => Buffer.from(each).toString('base64'));
  const near = fc
    .tuple(bytes, fc.nat(24), fc.constantFrom('', '=', ' ', '-', '_', '\n', 'é', 'A'))
    .map(([key, at, by]) => key.slice(0, at) + by + key.slice(at + 1));
  holds(fc.oneof(bytes, near, fc.string()), (text) => {
    const isWritten =
      Buffer.from(text, 'base64').toString('base64').slice(0, 21) === text.slice(0, 21) && /^[A-Za-z0-9+/]==$/.test(text.slice(21));
    expect(isKey(text)).toBe(isWritten && Buffer.from(text, 'base64').length === 16);
  });
});
