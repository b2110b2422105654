import { describe, expect, it } from '@jest/globals';
import { RequestPath } from '../../../../src/container/web/request-path.js';
import { Router } from '../../../../src/container/web/router.js';
import { UriTemplate } from '../../../../src/container/web/uri-template.js';
import { fastest } from '../../../support/fastest.js';

const path = (target: string) => RequestPath.parse(target) as RequestPath;

function routerOf(...templates: string[]): Router<string> {
  const router = new Router<string>();
  for (const each of templates) router.add(new UriTemplate(each), each);
  return router;
}

/** `template name=value …`, or null. */
function found(router: Router<string>, target: string): string | null {
  const hit = router.find(path(target));
  return hit && [hit.value, ...[...hit.parameters].map(([name, value]) => `${name}=${value}`)].join(' ');
}

/** The match vectors of the ledger, section 1. */
const VECTORS: [ids: string, templates: string[], target: string, result: string | null][] = [
  ['URI-10', ['/a/b/'], '/a/b/', '/a/b/'],
  ['URI-10', ['/a/b/'], '/a/b', null],
  ['URI-6', ['/a/{v}'], '/a/b', '/a/{v} v=b'],
  ['URI-6', ['/a/{v}'], '/a/apple', '/a/{v} v=apple'],
  ['URI-9', ['/a/{v}'], '/a', null],
  ['URI-11', ['/a/{v}'], '/a/', null],
  ['URI-10', ['/a/{v}'], '/a/b/', null],
  ['URI-9', ['/a/{v}'], '/a/b/c', null],
  ['URI-10', ['/a/{v}/'], '/a/b/', '/a/{v}/ v=b'],
  ['URI-6', ['/{a}/{b}'], '/x/x', '/{a}/{b} a=x b=x'],
  ['URI-6', ['/a/{v}/c', '/a/b/c', '/a/{x}/{y}'], '/a/b/c', '/a/b/c'],
  ['URI-6', ['/a/{v}/c', '/a/b/c', '/a/{x}/{y}'], '/a/d/c', '/a/{v}/c v=d'],
  ['URI-6', ['/a/{v}/c', '/a/b/c', '/a/{x}/{y}'], '/a/x/y', '/a/{x}/{y} x=x y=y'],
  ['URI-6', ['/{x}/d', '/b/{y}'], '/b/d', '/b/{y} y=d'],
  ['URI-6', ['/a/{x}/{y}', '/a/b/{z}'], '/a/x/y', '/a/{x}/{y} x=x y=y'],
  ['URI-6', ['/a/{x}/{y}', '/a/b/{z}'], '/a/b/y', '/a/b/{z} z=y'],
  ['URI-6', ['/{a}', '/a'], '/a', '/a'],
  ['URI-6', ['/{a}', '/a'], '/c', '/{a} a=c'],
  // and what the rules say beyond them
  ['URI-6', ['/{a}'], '/A', '/{a} a=A'],
  ['URI-6', ['/a', '/b'], '/A', null],
  ['URI-7', ['/a/{x}/c', '/{y}/b/d'], '/a/b/d', '/{y}/b/d y=a'],
  ['URI-7', ['/a/{x}/c', '/{y}/b/d'], '/a/b/c', '/a/{x}/c x=b'],
  ['URI-7', ['/a/b/c/x', '/a/{p}/c/y', '/{q}/b/c/z'], '/a/b/c/z', '/{q}/b/c/z q=a'],
  ['URI-8', ['/{x}/y', '/|/y'], '/%7C/y', '/|/y'],
  ['URI-8', ['/{x}/{y}', '/~/{y}'], '/~/1', '/~/{y} y=1'],
  ['URI-8', ['/{x}/{y}', '/é/{y}'], '/%C3%A9/1', '/é/{y} y=1'],
  ['URI-8', ['/{x}/{y}', '/%7D/{y}'], '/}/1', '/%7D/{y} y=1'],
  ['URI-9', [], '/', null],
  ['URI-9', ['/'], '/a', null],
  ['URI-10', ['/a', '/a/'], '/a', '/a'],
  ['URI-10', ['/a', '/a/'], '/a/', '/a/'],
  ['URI-10', ['/a/', '/a/{v}'], '/a/', '/a/'],
  ['URI-11', ['/{v}', '/a/{v}/b'], '/', null],
  ['URI-11', ['/a/{v}/b'], '/a//b', null],
  ['URI-11', ['/{x}/', '/a/{v}'], '/a/', '/{x}/ x=a'],
  ['URI-12', ['/a b'], '/%61%20b', '/a b'],
  ['URI-12', ['/a%20b'], '/a%20b', '/a%20b'],
  ['URI-12', ['/f/{v}'], '/f/a%2Fb', '/f/{v} v=a/b'],
  ['URI-12', ['/f/{v}'], '/f/b?v=c', '/f/{v} v=b'],
  ['URI-12', ['/f/{v}', '/{v}'], '/f/..', null],
  ['URI-12', ['/f/{v}', '/{v}'], '/f/%2e%2e/g', '/{v} v=g'],
  ['URI-13', ['/f/{v}'], '/f/%7Bbar%7D', '/f/{v} v={bar}'],
  ['URI-13', ['/f/{v}'], '/f/x%7By', '/f/{v} v=x{y'],
  ['URI-15', ['/', '/{v}'], '/', '/'],
  ['URI-17', ['/', '/x', '/h/{p}'], '//', '/'],
  ['URI-17', ['/', '/x', '/h/{p}'], '///x', '/x'],
  ['URI-17', ['/', '/x', '/h/{p}'], '//h/p', '/h/{p} p=p'],
  ['URI-17', ['/', '/x', '/h/{p}'], 'http://h/x', '/x'],
  ['D-14', ['/websocket/<uid>', '/websocket/all'], '/websocket/42', '/websocket/<uid> uid=42'],
  ['REL-4', ['/{__proto__}'], '/constructor', '/{__proto__} __proto__=constructor'],
  ['REL-4', ['/a'], '/__proto__', null],
  ['REL-4', ['/a'], '/a/toString', null],
];

describe('find', () => {
  it.each(VECTORS)('[%s] %j: %s leads to %j', (_, templates, target, result) => {
    expect(found(routerOf(...templates), target)).toBe(result);
    expect(found(routerOf(...templates.toReversed()), target)).toBe(result); // the order of deployment is no matter
  });

  it('[REL-4] costs no more than the trie, whatever the request', () => {
    // Every node has both children, and every way dead-ends: 2^14 leaves are the most there is to visit.
    const router = new Router<number>();
    for (let n = 0; n < 1 << 10; n++) {
      const way = Array.from({ length: 10 }, (_, i) => (n & (1 << i) ? 'a' : `{v${i}}`));
      router.add(new UriTemplate(`/${way.join('/')}/end`), n);
    }
    const targets = [path(`/${Array(10).fill('a').join('/')}/no`), path('/a'.repeat(8000)), path(`${'/a'.repeat(8000)}/end`)];
    for (const target of targets) {
      const ms = fastest(() => {
        expect(router.find(target)).toBeNull();
      });
      expect(ms).toBeLessThan(10);
    }
  });

  it('[URI-7] agrees with a matcher that tries every template', () => {
    const { SEED = Date.now() % 1e9 } = process.env;
    const seed = Number(SEED);
    let state = seed;
    const random = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const pick = (from: readonly string[]) => from[random(from.length)] as string;
    for (let round = 0; round < 400; round++) {
      const templates = new Map<string, string>();
      for (let i = 0; i < 1 + random(12); i++) {
        const raw = Array.from({ length: 1 + random(4) }, (_, at) => pick(['a', 'b', '~', `{v${at}}`, `{w${at}}`]));
        const source = `/${raw.join('/')}${random(4) === 0 ? '/' : ''}`;
        templates.set(source.replace(/\{\w+\}/g, '{}'), source);
      }
      const router = routerOf(...templates.values());
      for (let i = 0; i < 20; i++) {
        const target = `/${Array.from({ length: 1 + random(4) }, () => pick(['a', 'b', '~', 'c'])).join('/')}${random(4) === 0 ? '/' : ''}`;
        expect({ seed, target, templates: [...templates.values()], got: found(router, target) }).toMatchObject({
          got: naive([...templates.values()], target),
        });
      }
    }
  });
});

/** Every template that fits, ranked by where its variables stand: the later the first of them, the better. */
function naive(templates: readonly string[], target: string): string | null {
  const wanted = target.slice(1).split('/');
  const rows = templates
    .map((template) => ({ template, parts: template.slice(1).split('/') }))
    .filter(
      ({ parts }) =>
        parts.length === wanted.length && parts.every((part, i) => (part.startsWith('{') ? wanted[i] !== '' : part === wanted[i])),
    )
    .map((row) => ({ ...row, rank: row.parts.map((part) => (part.startsWith('{') ? '1' : '0')).join('') }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1));
  const [best] = rows;
  return best
    ? [best.template, ...best.parts.flatMap((part, i) => (part.startsWith('{') ? `${part.slice(1, -1)}=${wanted[i]}` : []))].join(' ')
    : null;
}

describe('add, taken, remove', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a/{x}', '/a/{y}'],
    ['/a/{x}', '/a/<y>'],
    ['/a%20b', '/a b'],
    ['/', '/'],
  ])('[URI-5] %s takes the place of %s', (one, other) => {
    const router = routerOf(one);
    expect(router.taken(new UriTemplate(other))).toBe(one);
    expect(() => router.add(new UriTemplate(other), other)).toThrow(`${other} is taken by ${one}`);
    expect(router.taken(new UriTemplate(other))).toBe(one);
  });

  it.each([
    ['/a/{x}', '/a/b'],
    ['/a/{x}', '/{x}/a'],
    ['/a', '/a/'],
    ['/a/b', '/a'],
    ['/a', '/a/b'],
    ['/{x}', '/%7Bx%7D'],
  ])('[URI-5] %s and %s may coexist', (one, other) => {
    const router = routerOf(one);
    expect(router.taken(new UriTemplate(other))).toBeUndefined();
    router.add(new UriTemplate(other), other);
    expect(router.taken(new UriTemplate(other))).toBe(other);
  });

  it('[URI-5] what was removed is free again, and nothing else is', () => {
    const router = routerOf('/a/{x}/c', '/a/b', '/a', '/a/{x}');
    expect(router.remove(new UriTemplate('/a/{other}/c'))).toBe(true);
    expect(router.remove(new UriTemplate('/a/{x}/c'))).toBe(false);
    expect(router.remove(new UriTemplate('/q/{x}'))).toBe(false);
    expect(router.taken(new UriTemplate('/a/{x}/c'))).toBeUndefined();
    expect(['/a/1/c', '/a/b', '/a', '/a/1'].map((target) => found(router, target))).toEqual([null, '/a/b', '/a', '/a/{x} x=1']);
    expect(router.remove(new UriTemplate('/a'))).toBe(true);
    expect(['/a', '/a/b', '/a/1'].map((target) => found(router, target))).toEqual([null, '/a/b', '/a/{x} x=1']);
    router.add(new UriTemplate('/a'), 'again');
    expect(found(router, '/a')).toBe('again');
  });
});
