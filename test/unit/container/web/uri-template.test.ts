import { describe, expect, it } from '@jest/globals';
import { RequestPath } from '../../../../src/container/web/request-path.js';
import { UriTemplate } from '../../../../src/container/web/uri-template.js';
import { fastest } from '../../../support/fastest.js';

const path = (target: string) => RequestPath.parse(target) as RequestPath;
const matched = (template: string, target: string) => {
  const values = new UriTemplate(template).match(path(target));
  return values && [...values];
};

describe('objections', () => {
  it.each([
    ['/'],
    ['/a'],
    ['/a/b/'],
    ['/a/{v}'],
    ['/{a}/{b}/c'],
    ['/a b/é'],
    ['/a%20b/%7Bx%7D'],
    ['/a:b/*/(c)'],
    ['/...'],
    ['/.a/b.'],
    ['/%2F%3F%23'],
    ['/websocket/<uid>'],
  ])('[URI-1] none to %s', (source) => {
    expect(UriTemplate.objections(source)).toEqual([]);
  });

  it('[URI-15] none to the root', () => {
    expect(UriTemplate.objections('/')).toEqual([]);
    expect(matched('/', '/')).toEqual([]);
    expect(matched('/', '/a')).toBeNull();
  });

  it.each([
    [undefined, /not a string; write/],
    [null, /not a string/],
    [42, /not a string/],
    [['/a'], /not a string/],
    ['', /does not begin with "\/"; write "\/"/],
    ['a/b', /does not begin with "\/"; write "\/a\/b"/],
    ['{v}', /does not begin with "\/"/],
    ['//', /empty segment; write "\/"/],
    ['/a//b', /empty segment; write "\/a\/b"/],
    ['/a/{v}//', /empty segment/],
    ['/./a', /dot segment "\."/],
    ['/a/./b', /dot segment "\."/],
    ['/a/../b', /dot segment "\.\."/],
    ['/a/.', /dot segment/],
    ['/a/..', /dot segment/],
    ['/..', /dot segment/],
    ['/a/%2e%2E/b', /dot segment/],
    ['/a/%zz', /"%zz".*write %25/],
    ['/100%', /write %25/],
    ['/%C3', /write %25/],
    ['/%00', /percent-encoded text/],
    ['/\ud800', /percent-encoded text/],
    ['/a?b', /"\?".*%3F/],
    ['/a#b', /"#".*%23/],
  ])('[URI-1] %j', (source, objection) => {
    expect(UriTemplate.objections(source)).toEqual([expect.stringMatching(objection)]);
  });

  it.each([
    '/a{v}',
    '/{v}a',
    '/{a}{b}',
    '/{a',
    '/a}',
    '/{{a}}',
    '/}a{',
    '/{/x}',
    '/{',
    '/}',
    '/<a',
    '/a>b',
    '/{a>',
    '/<a}',
    '/x<y>',
    '/<a><b>',
  ])('[URI-2] a variable fills its segment, a brace does not stray: %s', (source) => {
    const objections = UriTemplate.objections(source);
    expect(objections).not.toEqual([]);
    for (const each of objections) expect(each).toMatch(/let a variable fill its segment/);
  });

  it.each(['v', 'V2', 'a-b', '_', 'a.b', '1', '-', 'client-id', '__proto__', 'constructor'])('[URI-3] {%s} is a name', (name) => {
    expect(UriTemplate.objections(`/a/{${name}}`)).toEqual([]);
    expect(matched(`/a/{${name}}`, '/a/1')).toEqual([[name, '1']]);
  });

  it.each(['{}', '<>', '{+x}', '{!x}', '{x*}', '{x:3}', '{a b}', '{é}', '{x,y}', '{a%20b}', '<x*>'])('[URI-3] %s is not', (segment) => {
    expect(UriTemplate.objections(`/a/${segment}`)).toEqual([expect.stringMatching(/write \{name\}|use letters, digits/)]);
  });

  it.each(['/{a}/{a}', '/{a}/b/{a}', '/{a}/<a>', '/{__proto__}/{__proto__}'])('[URI-4] a name is used once: %s', (source) => {
    expect(UriTemplate.objections(source)).toEqual([expect.stringMatching(/two variables named .*rename one/)]);
  });

  it('[URI-4] names differ in letter case', () => {
    expect(matched('/{a}/{A}', '/1/2')).toEqual([
      ['a', '1'],
      ['A', '2'],
    ]);
  });

  it('[URI-1] all of a path are told together, and the constructor tells them too', () => {
    expect(UriTemplate.objections('a//{}/{x}/{x}/..')).toHaveLength(5);
    expect(() => new UriTemplate('a//b')).toThrow(/does not begin.*; and it has an empty segment/);
  });
});

describe('shape', () => {
  it.each([
    ['/a/{x}', '/a/{y}'],
    ['/a%20b', '/a b'],
    ['/%61', '/a'],
    ['/%c3%A9', '/é'],
    ['/{a}/b/', '/{b}/b/'],
  ])('[URI-5] %s equals %s', (one, other) => {
    expect(new UriTemplate(one).shape).toBe(new UriTemplate(other).shape);
  });

  it.each([
    ['/a/{x}', '/a/x'],
    ['/a/{x}', '/{x}/a'],
    ['/a', '/a/'],
    ['/a', '/A'],
    ['/a%2Fb', '/a/b'],
    ['/{x}', '/%7Bx%7D'],
    ['/{x}', '/%7B%7D'],
    ['/a%2520b', '/a%20b'],
  ])('[URI-5] %s differs from %s', (one, other) => {
    expect(new UriTemplate(one).shape).not.toBe(new UriTemplate(other).shape);
  });

  it('[D-14] <name> is another spelling of {name}', () => {
    const one = new UriTemplate('/websocket/<uid>');
    const other = new UriTemplate('/websocket/{uid}');
    expect(one.shape).toBe(other.shape);
    expect(one.names).toEqual(other.names);
    expect(one.segments).toEqual([{ literal: 'websocket' }, { variable: 'uid' }]);
    expect(matched('/websocket/<uid>', '/websocket/42')).toEqual([['uid', '42']]);
  });
});

describe('match', () => {
  it.each([
    ['/a/b', '/a/b', []],
    ['/a/b', '/a/B', null],
    ['/a/b', '/a', null],
    ['/a/b', '/a/b/c', null],
    ['/a.b', '/axb', null], // a dot is a dot
    ['/a:b/*/(c)/+', '/a:b/*/(c)/+', []],
    ['/:a', '/x', null],
    ['/a/{v}', '/a/b', [['v', 'b']]],
    [
      '/{x}/b/{y}',
      '/1/b/2',
      [
        ['x', '1'],
        ['y', '2'],
      ],
    ],
    ['/{x}/b/{y}', '/1/c/2', null],
  ])('[URI-6] %s against %s', (template, target, values) => {
    expect(matched(template, target)).toEqual(values);
  });

  it.each([
    ['/a/b/', '/a/b/', []],
    ['/a/b/', '/a/b', null],
    ['/a/b', '/a/b/', null],
    ['/a/{v}/', '/a/b/', [['v', 'b']]],
    ['/a/{v}/', '/a/b', null],
    ['/a/{v}', '/a/b/', null],
  ])('[URI-10] a trailing slash counts: %s against %s', (template, target, values) => {
    expect(matched(template, target)).toEqual(values);
  });

  it.each([
    ['/a/{v}', '/a/'],
    ['/{v}', '/'],
    ['/a/{v}/', '/a//'],
    ['/a/{v}/b', '/a//b'],
  ])('[URI-11] nothing is no value: %s against %s', (template, target) => {
    expect(matched(template, target)).toBeNull();
  });

  it.each([
    ['/a%20b', '/a%20b', []],
    ['/a b', '/a%20b', []],
    ['/é', '/%C3%A9', []],
    ['/%61', '/a', []],
    ['/a%2Fb', '/a%2fb', []],
    ['/a%2Fb', '/a/b', null],
    ['/f/{v}', '/f/x%2Fy', [['v', 'x/y']]],
    ['/f/{v}', '/f/%2525', [['v', '%25']]],
    ['/f/{v}', '/f/%C3%A9%20%0A', [['v', 'é \n']]],
  ])('[URI-12] %s against %s', (template, target, values) => {
    expect(matched(template, target)).toEqual(values);
  });

  it.each([
    ['/foo/%7Bbar%7D', '{bar}'],
    ['/foo/x%7By', 'x{y'],
    ['/foo/{bar}', '{bar}'],
  ])('[URI-13] braces in a value: %s', (target, value) => {
    expect(matched('/foo/{v}', target)).toEqual([['v', value]]);
  });

  it('[REL-4] __proto__ and constructor are ordinary names and values', () => {
    const values = new UriTemplate('/{__proto__}/{constructor}').match(path('/toString/__proto__'));
    expect(values && [...values]).toEqual([
      ['__proto__', 'toString'],
      ['constructor', '__proto__'],
    ]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('[REL-4] 16 KiB take less than 10 ms', () => {
    const template = new UriTemplate(`/${Array.from({ length: 40 }, (_, i) => `{v${i}}`).join('/')}`);
    const target = path(`/${Array(39).fill('a').join('/')}/${'%C3%A9'.repeat(2700)}`);
    const ms = fastest(() => {
      expect(template.match(target)?.size).toBe(40);
    });
    expect(ms).toBeLessThan(10);
  });
});
