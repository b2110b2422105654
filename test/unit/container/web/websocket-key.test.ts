import { describe, expect, it } from '@jest/globals';
import { acceptOf, isKey } from '../../../../src/container/web/websocket-key.js';

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
