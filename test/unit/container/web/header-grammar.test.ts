import { describe, expect, it } from '@jest/globals';
import { extensionsOf, hasToken, listOf } from '../../../../src/container/web/header-grammar.js';
import { fastest } from '../../../support/fastest.js';

describe('token lists', () => {
  it.each([
    [['websocket'], 'websocket', true],
    [['WebSocket'], 'websocket', true],
    [['h2c, websocket'], 'websocket', true],
    [['h2c', 'websocket'], 'websocket', true],
    [[',, \twebsocket\t,'], 'websocket', true],
    [['keep-alive, Upgrade'], 'upgrade', true],
    [['8, 13'], '13', true],
    [['websocket2'], 'websocket', false],
    [['web socket'], 'websocket', false],
    [['websocket/13'], 'websocket', false],
    [['"websocket"'], 'websocket', false],
    [['\u00a0websocket'], 'websocket', false],
    [['113'], '13', false],
    [[''], 'websocket', false],
    [[], 'websocket', false],
  ])('[HS-1] %j has %s: %s', (lines, token, has) => {
    expect(hasToken(lines, token)).toBe(has);
  });
});

describe('subprotocols', () => {
  it.each([
    [['chat, superchat'], ['chat', 'superchat']],
    [
      ['b', 'a'],
      ['b', 'a'],
    ],
    [
      ['b,a', ' c '],
      ['b', 'a', 'c'],
    ],
    [['chat,,  ,chat,'], ['chat', 'chat']],
    [['Chat,chat'], ['Chat', 'chat']],
    [['__proto__, constructor'], ['__proto__', 'constructor']],
    [[' , '], []],
    [[], []],
  ])('[HS-14] %j is %j', (lines, entries) => {
    expect(listOf(lines)).toEqual(entries);
  });
});

/** `name;p=v;q`, a bare parameter without "=". */
function read(...lines: string[]): string[] | string {
  const entries = extensionsOf(lines);
  if ('refusal' in entries) return entries.refusal;
  return entries.map(({ name, parameters }) =>
    [name, ...parameters.map((each) => (each.value === null ? each.name : `${each.name}=${each.value}`))].join(';'),
  );
}

describe('extensions', () => {
  it.each([
    ['foo', ['foo']],
    ['foo, bar', ['foo', 'bar']],
    ['foo; a; b=1 ;c = 2', ['foo;a;b=1;c=2']],
    ['foo;a=1, foo;a=2', ['foo;a=1', 'foo;a=2']],
    ['foo;a;a=1;a', ['foo;a;a=1;a']],
    ['Foo;A=B', ['Foo;A=B']],
    ['foo;a="b"', ['foo;a=b']],
    ['foo; a = "b c" ; d', ['foo;a=b c;d']],
    ['foo;a="b\\c\\\\"', ['foo;a=bc\\']],
    ['foo;a=""', ['foo;a=']],
    ['foo;a=', ['foo;a=']],
    ['__proto__;constructor=toString', ['__proto__;constructor=toString']],
    ['permessage-deflate; client_max_window_bits', ['permessage-deflate;client_max_window_bits']],
  ])('[HS-14] %s', (line, entries) => {
    expect(read(line)).toEqual(entries);
  });

  it.each([
    [[''], []],
    [[', ,'], []],
    [['; =;;,'], []],
    [
      ['foo;;a;', 'bar'],
      ['foo;a', 'bar'],
    ],
    [['foo; =;a', ',', '\t'], ['foo;a']],
    [[], []],
  ])('[HS-1] empty entries are skipped: %j', (lines, entries) => {
    expect(read(...lines)).toEqual(entries);
  });

  it.each([
    ['a="b;c"', 1, 'an extension has a value'],
    ['foo;b;a="b;c"', 7, 'a value holds a separator'],
    ['foo;a="b;c"', 5, 'a value holds a separator'],
    ['foo;a="b,c"', 5, 'a value holds a separator'],
    ['foo;a="b=c"', 5, 'a value holds a separator'],
    ['foo;a="b\\"c"', 5, 'a value holds a separator'],
    ['foo;a="b', 7, 'a quote is never closed'],
    ['foo;a="b\\"', 7, 'a quote is never closed'],
    ['foo;a="', 7, 'a quote is never closed'],
    ['foo;a="b"c', 10, 'c is out of place'],
    ['foo;a="b"="c"', 10, '= is out of place'],
    ['foo;a=b=c', 8, '= is out of place'],
    ['foo;a=b"c"', 8, '" is out of place'],
    ['foo;a"b', 6, '" is out of place'],
    ['"foo"', 1, '" is out of place'],
    ['foo=1', 1, 'an extension has a value'],
    ['foo=', 1, 'an extension has a value'],
    [';a', 2, 'there is a parameter without an extension'],
    ['foo,;a=1', 6, 'there is a parameter without an extension'],
    ['; =;a', 5, 'there is a parameter without an extension'],
    ['=1', 1, 'a value has no name'],
    ['foo;=1', 5, 'a value has no name'],
  ])('[HS-14] %s is refused at column %i', (line, column, what) => {
    expect(extensionsOf(['x', line])).toEqual({ refusal: `Line 2, column ${column}: ${what}.`, line: 2, column });
  });

  it('[HS-14] a quote does not reach into the next line', () => {
    expect(read('foo;a="b', 'c"')).toMatch(/Line 1.*never closed/);
  });
});

describe('time', () => {
  it.each([
    ['blanks', ' '.repeat(16384)],
    ['blanks in the middle', `a${' '.repeat(16382)}b`],
    ['commas', ','.repeat(16384)],
    ['semicolons', `a${';'.repeat(16383)}`],
    ['equal signs', '='.repeat(16384)],
    ['quotes', '"'.repeat(16384)],
    ['an open quote', `a;b="${'c'.repeat(16379)}`],
    ['escapes', `a;b="${'\\"'.repeat(8189)}"`],
    ['an open run of escapes', `a;b="${'\\'.repeat(16379)}`],
    ['short pairs', 'a;b="",'.repeat(2340)],
    ['one long name', 'a'.repeat(16384)],
    ['blanks between', 'a \t,'.repeat(4096)],
  ])('[REL-4] 16 KiB of %s take less than 10 ms', (_, text) => {
    const ms = fastest(() => {
      hasToken([text], 'websocket');
      extensionsOf([text]);
    });
    expect(ms).toBeLessThan(10);
  });
});
