import { describe, expect, it } from '@jest/globals';
import { AllowedOrigins, parseHost, sameHost } from '../../../../src/container/web/origin.js';
import { fastest } from '../../../support/fastest.js';

describe('Host', () => {
  it.each([
    ['a.example', 'a.example', null],
    ['A.Example:8080', 'a.example', 8080],
    ['a.example:', 'a.example', null],
    ['a_b-c~:080', 'a_b-c~', 80],
    ['127.0.0.1:1', '127.0.0.1', 1],
    ['[::1]', '[::1]', null],
    ['[2001:DB8::1]:443', '[2001:db8::1]', 443],
    ['localhost:65535', 'localhost', 65535],
  ])('[D-06] %s is read', (text, host, port) => {
    expect(parseHost(text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':80',
    'a:65536',
    'a:8x',
    'a:80:80',
    'a:-1',
    'a:+80',
    'a:8 0',
    'a b',
    'u@a',
    'a/b',
    'http://a',
    '::1',
    '[::1',
    '[::1]x',
    '[]',
    '[a]',
    '[1.2.3.4]',
    'a?b',
    'a#b',
    'a\\b',
    'é',
    `${'a'.repeat(301)}`,
  ])('[HS-13] "%s" is not', (text) => {
    expect(parseHost(text)).toBeNull();
  });
});

describe('same host', () => {
  it.each([
    ['http://a.example', 'a.example', true],
    ['http://a.example', 'A.EXAMPLE', true],
    ['HTTP://A.example', 'a.example', true],
    ['https://a.example', 'a.example', true], // behind a proxy that ends TLS
    ['http://a.example', 'a.example:80', true],
    ['https://a.example', 'a.example:443', true],
    ['https://a.example:443', 'a.example', true],
    ['wss://a.example', 'a.example:443', true],
    ['ws://a.example:80', 'a.example', true],
    ['http://a.example:8080', 'a.example:8080', true],
    ['http://[::1]:3000', '[::1]:3000', true],
    ['http://a.example', 'a.example:443', false],
    ['https://a.example', 'a.example:80', false],
    ['http://a.example:8080', 'a.example', false],
    ['http://a.example', 'a.example:8080', false],
    ['http://a.example', 'b.example', false],
    ['http://a.example', 'x.a.example', false],
    ['http://a.example.evil', 'a.example', false],
    ['http://a.example@evil', 'a.example', false],
    ['http://evil/a.example', 'a.example', false],
    ['http://a.example/', 'a.example', false],
    ['http://a.example http://evil', 'a.example', false],
    ['a.example', 'a.example', false],
    ['://a.example', 'a.example', false],
    ['null', 'null', false],
    ['null', 'a.example', false],
    ['', '', false],
    ['file://', '', false],
    ['chrome-extension://abc', 'abc:80', false],
    ['http://a.example', 'a b', false],
  ])('[D-06] Origin %s and Host %s: %s', (origin, host, same) => {
    expect(sameHost(origin, host)).toBe(same);
  });
});

describe('allowedOrigins', () => {
  it.each([
    [['https://a.example'], 'https://a.example', true],
    [['https://A.example:443'], 'HTTPS://a.EXAMPLE', true],
    [['https://a.example'], 'https://a.example:443', true],
    [['http://a.example:8080'], 'http://a.example:8080', true],
    [['http://x', 'http://[::1]:1'], 'http://[::1]:1', true],
    [['chrome-extension://abc'], 'chrome-extension://abc', true],
    [['null'], 'null', true],
    [['https://a.example'], 'http://a.example', false], // here the scheme counts
    [['https://a.example'], 'wss://a.example', false],
    [['https://a.example'], 'https://a.example:8443', false],
    [['https://a.example'], 'https://b.a.example', false],
    [['https://a.example'], 'https://a.example/', false],
    [['https://a.example'], 'null', false],
    [[], 'https://a.example', false],
    ['*', 'https://a.example', true],
    ['*', 'null', true],
    ['*', 'whatever', true],
  ] as ['*' | string[], string, boolean][])('[D-06] %j lets %s in: %s', (allowed, origin, has) => {
    expect(new AllowedOrigins(allowed).has(origin)).toBe(has);
  });

  it.each([
    [undefined, /nor a list/],
    ['https://a.example', /nor a list/],
    [true, /nor a list/],
    [['*'], /write '\*' alone/],
    [['a.example'], /"a.example"; write scheme/],
    [['https://a.example/'], /no slash at the end/],
    [['https://a b'], /write scheme/],
    [[7], /has 7/],
  ])('[D-06] %j is none', (value, objection) => {
    expect(AllowedOrigins.objections(value)).toEqual([expect.stringMatching(objection)]);
    expect(() => new AllowedOrigins(value as string[])).toThrow(objection);
  });

  it.each([
    ['a scheme', 'a'.repeat(16384)],
    ['a host', `http://${'a'.repeat(16377)}`],
    ['an address', `http://[${'1:'.repeat(8188)}]`],
    ['a port', `http://a:${'1'.repeat(16375)}`],
  ])('[REL-4] 16 KiB of %s take less than 10 ms', (_, text) => {
    const allowed = new AllowedOrigins([]);
    const ms = fastest(() => {
      expect(sameHost(text, text.slice(7))).toBe(false);
      expect(allowed.has(text)).toBe(false);
    });
    expect(ms).toBeLessThan(10);
  });
});
