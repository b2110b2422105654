import { describe, expect, it } from '@jest/globals';
import { decodeSegment, RequestPath } from '../../../../src/container/web/request-path.js';
import { fastest } from '../../../support/fastest.js';

/** Segments of a legal target, or the refusal. */
function read(target: string): readonly string[] | string {
  const path = RequestPath.parse(target);
  return path instanceof RequestPath ? path.segments : path.refusal;
}

describe('a request target becomes segments', () => {
  it.each([
    ['/', ['']],
    ['/a', ['a']],
    ['/a/', ['a', '']],
    ['/a/b', ['a', 'b']],
    ['/__proto__/constructor', ['__proto__', 'constructor']],
    ['/a;v=1/b', ['a;v=1', 'b']],
    ['/a+b', ['a+b']],
  ])('[URI-12] %s', (target, segments) => {
    expect(read(target)).toEqual(segments);
  });

  it.each([
    ['/%61', ['a']],
    ['/a%20b', ['a b']],
    ['/%C3%A9', ['é']],
    ['/%F0%9F%98%BA', ['😺']],
    ['/%252F', ['%2F']], // once
    ['/x%2Fy', ['x/y']], // after the split
    ['/x%2f..%2fy', ['x/../y']],
    ['/%3Fa%23', ['?a#']],
    ['/%0A', ['\n']],
  ])('[URI-12] percent sequences are decoded once, after the split: %s', (target, segments) => {
    expect(read(target)).toEqual(segments);
  });

  it.each([
    ['/%7Bbar%7D', ['{bar}']],
    ['/x%7By', ['x{y']],
    ['/{bar}', ['{bar}']],
  ])('[URI-13] a value may hold braces: %s', (target, segments) => {
    expect(read(target)).toEqual(segments);
  });

  it.each([
    ['/./a', ['a']],
    ['/a/.', ['a', '']],
    ['/a/./', ['a', '']],
    ['/a/../b', ['b']],
    ['/a/..', ['']],
    ['/a/b/..', ['a', '']],
    ['/a/b/../', ['a', '']],
    ['/a/%2e%2E/b', ['b']],
    ['/a/.%2e/b', ['b']],
    ['/%2e', ['']],
    ['/a/...', ['a', '...']],
    ['/a/%252e%252e', ['a', '%2e%2e']], // decoded once, so these are letters
    ['/a//../b', ['b']],
  ])('[URI-12] dot segments are resolved after %%2e is decoded: %s', (target, segments) => {
    expect(read(target)).toEqual(segments);
  });

  it.each([
    ['//', ['']],
    ['///x', ['x']],
    ['//h/p', ['h', 'p']],
    ['/a//b', ['a', 'b']],
    ['/a///', ['a', '']],
    ['http://h/p', ['p']],
    ['WS://u@h:80/p/q', ['p', 'q']],
    ['http://h', ['']],
    ['http://h?x=/y', ['']],
    ['http://h//p', ['p']],
  ])('[URI-17] %s', (target, segments) => {
    expect(read(target)).toEqual(segments);
  });

  it.each(['*', '', 'a/b', 'host:80', 'mailto:x', '?x', '?http://h/p'])('[URI-17] "%s" is refused', (target) => {
    expect(read(target)).toMatch(/neither|empty/);
  });

  it.each(['/..', '/../a', '/a/../..', '/a/../../b', '/%2e%2e', '//..', '/./..'])('[URI-17] above the root is refused: %s', (target) => {
    expect(read(target)).toMatch(/above the root/);
  });

  it.each(['/%', '/%z', '/%zz', '/a/%4', '/%C3', '/%C3/%A9', '/%FF', '/%C0%AF', '/%ED%A0%80', '/%F4%90%80%80', '/%00', '/a%00b'])(
    '[URI-12] malformed percent, bad UTF-8 and NUL are refused: %s',
    (target) => {
      expect(read(target)).toMatch(/percent sequence/);
    },
  );

  it.each(['/é', '/a b', '/a\0', '/a\tb', '/a#b', '/a?b#c', '/\u{1F600}'])('[URI-12] what no target holds is refused: %j', (target) => {
    expect(read(target)).toMatch(/must be percent-encoded/);
  });

  it('[URI-12] a dot segment never becomes a value, and no segment but the last is empty', () => {
    const { SEED = Date.now() % 1e9 } = process.env;
    const seed = Number(SEED);
    let state = seed;
    const random = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const pieces = ['a', 'b%20', '.', '..', '%2e', '%2E.', '', '%2F', '...'];
    for (let round = 0; round < 3000; round++) {
      const raw = Array.from({ length: 1 + random(7) }, () => pieces[random(pieces.length)] as string);
      const target = `/${raw.join('/')}`;
      let depth = 0;
      let above = false;
      for (const piece of raw.filter((each) => each !== '')) {
        const text = decodeURIComponent(piece);
        depth += text === '.' ? 0 : text === '..' ? -1 : 1;
        above ||= depth < 0;
      }
      // The URL standard resolves dots as we do, but keeps runs of slashes and stops at the root.
      const wanted = above
        ? 'above'
        : new URL(`http://h${target.replace(/\/+/g, '/')}`).pathname.slice(1).split('/').map(decodeURIComponent);
      const got = read(target);
      expect({ seed, target, got: typeof got === 'string' ? 'above' : got }).toEqual({ seed, target, got: wanted });
    }
  });
});

describe('beside the segments', () => {
  it.each([
    ['/a', null],
    ['/a?', ''],
    ['/a?x=%zz&y=/../z?', 'x=%zz&y=/../z?'],
    ['http://h?q', 'q'],
  ])('[URI-12] the query of %s is cut off at the first ? and stays raw', (target, query) => {
    expect(RequestPath.parse(target)).toMatchObject({ query });
  });

  it('[URI-12] one canonical spelling stands for all', () => {
    const spellings = ['/%61%20b/x%2Fy/', '//a%20b/./x%2fy/', '/a%20b/q/../x%2Fy/?z'];
    expect(spellings.map((target) => String(RequestPath.parse(target)))).toEqual(Array(3).fill('/a%20b/x%2Fy/'));
  });

  it.each(['\0', '%00', '\ud800', '%ED%A0%80', '%'])('[URI-12] decodeSegment refuses %j', (raw) => {
    expect(decodeSegment(raw)).toBeNull();
  });

  it.each([
    ['slashes', '/'.repeat(16384)],
    ['short segments', '/a'.repeat(8192)],
    ['ups and downs', '/a/..'.repeat(3276)],
    ['percents', `/${'%41'.repeat(5461)}`],
    ['a late fault', `/${'%41'.repeat(5460)}%z`],
    ['a long scheme', `${'a'.repeat(16383)}:`],
    ['a long authority', `http://${'a'.repeat(16370)}`],
    ['question marks', `/${'?'.repeat(16383)}`],
  ])('[REL-4] 16 KiB of %s take less than 10 ms', (_, target) => {
    const ms = fastest(() => {
      const path = RequestPath.parse(target);
      if (path instanceof RequestPath) void path.canonical;
    });
    expect(ms).toBeLessThan(10);
  });
});
