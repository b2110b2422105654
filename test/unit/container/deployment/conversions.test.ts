import { describe, expect, it } from '@jest/globals';
import { conversions, NOT_CONVERTIBLE } from '../../../../src/container/deployment/conversions.js';
import { fastest } from '../../../support/fastest.js';

const convert = (token: string, text: string) => conversions.get(token)?.(text);
const BAD = NOT_CONVERTIBLE;

/** Text, and what each token makes of it. */
const ROWS: [token: string, text: string, value: unknown][] = [
  ['String', '', ''],
  ['String', ' x ', ' x '],
  ['Boolean', 'true', true],
  ['Boolean', 'TrUe', true],
  ['Boolean', ' true', false],
  ['Boolean', '1', false],
  ['Boolean', 'yes', false],
  ['Boolean', '', false],
  ['Byte', '127', 127],
  ['Byte', '-128', -128],
  ['Byte', '128', BAD],
  ['Byte', '-129', BAD],
  ['Short', '32767', 32767],
  ['Short', '-32768', -32768],
  ['Short', '32768', BAD],
  ['Short', '-32769', BAD],
  ['Int', '0', 0],
  ['Int', '-0', 0],
  ['Int', '+7', 7],
  ['Int', '007', 7],
  ['Int', '2147483647', 2147483647],
  ['Int', '-2147483648', -2147483648],
  ['Int', '2147483648', BAD],
  ['Int', '-2147483649', BAD],
  ['Long', '9007199254740993', 9007199254740993n],
  ['Long', '9223372036854775807', 9223372036854775807n],
  ['Long', '-9223372036854775808', -9223372036854775808n],
  ['Long', '9223372036854775808', BAD],
  ['Long', '-9223372036854775809', BAD],
  ['Long', '+0000000000000000000000005', 5n],
  ['Long', '-0', 0n],
  ['Long', '10000000000000000000', BAD],
  ['BigInt', '9223372036854775808', 9223372036854775808n],
  ['BigInt', `-${'9'.repeat(50)}`, -(10n ** 50n - 1n)],
  ['BigInt', '+5', 5n],
  ...['Byte', 'Short', 'Int', 'Long', 'BigInt'].flatMap((token) =>
    ['', ' ', ' 1', '1 ', '1.0', '1e1', '0x10', '-', '+', '--1', '+-1', '1_0', '1n', '١', 'NaN', 'abc', '1\n'].map(
      (text): [string, string, unknown] => [token, text, BAD],
    ),
  ),
  ...['Double', 'Number'].flatMap((token): [string, string, unknown][] => [
    [token, '1.5', 1.5],
    [token, ' \t\n+1.5\r ', 1.5],
    [token, '-.5', -0.5],
    [token, '1.', 1],
    [token, '1.e2', 100],
    [token, '1E+2', 100],
    [token, '1e-2', 0.01],
    [token, '-0', -0],
    [token, '1e999', Infinity],
    [token, 'NaN', Number.NaN],
    [token, '+NaN', Number.NaN],
    [token, '-Infinity', -Infinity],
    [token, '0.1', 0.1],
  ]),
  ['Float', '0.1', Math.fround(0.1)],
  ['Float', '1e39', Infinity],
  ['Float', ' 2 ', 2],
  ['Float', 'NaN', Number.NaN],
  ...['Float', 'Double', 'Number'].flatMap((token) =>
    [
      '',
      ' ',
      '.',
      'e1',
      '1e',
      '1e+',
      '+',
      '1.2.3',
      '1,5',
      '0x1p3',
      '1f',
      '1d',
      'nan',
      'infinity',
      'INF',
      '1 2',
      '\u00a01',
      'abc',
      '1_0',
      '١',
    ].map((text): [string, string, unknown] => [token, text, BAD]),
  ),
  ['Char', 'a', 'a'],
  ['Char', 'é', 'é'],
  ['Char', ' ', ' '],
  ['Char', '\ud83d', '\ud83d'],
  ['Char', '', BAD],
  ['Char', 'ab', BAD],
  ['Char', '😺', BAD],
];

describe('conversions', () => {
  it.each(ROWS)('[PP-4] %s of %j', (token, text, value) => {
    expect(convert(token, text)).toBe(value);
  });

  it('[PP-4] there is one for every token of the table', () => {
    expect([...conversions.keys()]).toEqual([
      'String',
      'Boolean',
      'Byte',
      'Short',
      'Int',
      'Long',
      'BigInt',
      'Float',
      'Double',
      'Number',
      'Char',
    ]);
    expect(conversions.get('constructor')).toBeUndefined();
  });

  it.each(['Byte', 'Short', 'Int', 'Long', 'BigInt', 'Float', 'Double', 'Number', 'Boolean', 'Char'])(
    '[REL-4] %s of 16 KiB takes less than 10 ms',
    (token) => {
      for (const text of ['0', '9', ' ', '.', 'e'].flatMap((char) => [char.repeat(16384), `${char.repeat(16383)}x`])) {
        const ms = fastest(() => {
          convert(token, text);
        });
        expect(ms).toBeLessThan(10);
      }
    },
  );
});
