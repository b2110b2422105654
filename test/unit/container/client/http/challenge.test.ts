/** What a challenge says, and what is none. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { challengeOf } from '../../../../../src/container/client/http/challenge.js';
import { disproportion } from '../../../../support/cost.js';
import { fastest } from '../../../../support/fastest.js';
import { blank, isTchar, nearLines, quotable, recased, tedious, token } from '../../../../support/headers.js';
import { holds, seed } from '../../../../support/property.js';

/** `scheme;name=value;…`, or null. */
function read(source: string): string | null {
  const challenge = challengeOf(source);
  return challenge && [challenge.scheme, ...[...challenge.parameters].map(([name, value]) => `${name}=${value}`)].join(';');
}

describe('a challenge', () => {
  it.each([
    ['Basic realm="a"', 'basic;realm=a'],
    ['BASIC REALM=a', 'basic;realm=a'],
    ['Digest realm="a b", nonce=c,qop="auth,auth-int"', 'digest;realm=a b;nonce=c;qop=auth,auth-int'],
    ['Digest realm = "a" ,\tnonce\t=\t"b" ', 'digest;realm=a;nonce=b'],
    ['Digest realm="say \\"hi\\" \\\\ \\x"', 'digest;realm=say "hi" \\ x'],
    ['Digest realm="", nonce="="', 'digest;realm=;nonce=='],
    ['Digest realm="caf\u00e9\t"', 'digest;realm=caf\u00e9\t'],
    [', ,Basic ,, realm="a",,charset="UTF-8",', 'basic;realm=a;charset=UTF-8'],
    ['X __proto__=1, constructor=2', 'x;__proto__=1;constructor=2'],
    ['Negotiate', 'negotiate'],
    ['Negotiate ', 'negotiate'],
    ['Negotiate YII/+abc==', 'negotiate'],
    ['Negotiate YII, Basic realm="a"', 'negotiate'],
    ['Negotiate a=', 'negotiate'],
    ['Basic realm=, charset="UTF-8"', 'basic'], // a word too, and what is behind it is another's
  ])('[CLI-11] %s', (source, said) => {
    expect(read(source)).toBe(said);
    expect(challengeOf(source)?.source).toBe(source);
  });

  it.each([
    ['Basic realm="a", Digest realm="b", nonce="c"', 'basic;realm=a'],
    ['Digest nonce=a,realm=b,Basic realm="c"', 'digest;nonce=a;realm=b'],
    ['Negotiate, Basic realm="a"', 'negotiate'],
    ['Basic realm="a", Negotiate', 'basic;realm=a'],
    ['Basic realm="a", Bearer, x=1', 'basic;realm=a'],
    ['Basic realm="a", Digest realm="never closed', 'basic;realm=a'],
    ['Basic realm="Digest realm=b, nonce=c"', 'basic;realm=Digest realm=b, nonce=c'],
  ])('[CLI-11] the first of several counts: %s', (source, said) => {
    expect(read(source)).toBe(said);
  });

  it.each([
    '',
    ' , ',
    '=',
    '"Basic"',
    'Basic=a',
    'Basic="a"',
    'Basic/a',
    'Basic realm="a',
    'Basic realm="a\\"',
    'Basic realm="a\\',
    'Basic realm="a" b',
    'Basic realm="a" nonce="b"',
    'Basic realm="a"b',
    'Basic realm=a b=c',
    'Basic realm a=b',
    'Basic realm="a", =b',
    'Basic realm="a", nonce=',
    'Basic realm="a", nonce=;',
    'Basic realm="a", "b"=c',
    'Basic realm="a", Realm="b"',
    'Basic realm="a\u0000b"',
    'Basic realm="a\r\nb"',
    'Basic realm="\u0101"',
  ])('[CLI-11] %j cannot be read', (source) => {
    expect(read(source)).toBeNull();
  });
});

const parameters = fc.uniqueArray(
  fc.record({
    name: token,
    value: fc.oneof(token, quotable('\x7f')),
    isQuoted: fc.boolean(),
    blanks: fc.array(blank, { minLength: 4, maxLength: 4 }),
  }),
  { selector: ({ name }) => name.toLowerCase(), minLength: 1, maxLength: 6 },
);

it(`[CLI-11, REL-4] it is read as it is meant, with anything between quotes (seed ${seed})`, () => {
  const cases = fc.record({ scheme: token, parameters, behind: fc.constantFrom('', ',', ' ,', ', Basic realm="x"', ',Negotiate') });
  holds(
    cases.chain(({ scheme, ...rest }) => fc.record({ scheme: fc.constant(scheme), written: recased(scheme), rest: fc.constant(rest) })),
    ({ scheme, written, rest }) => {
      const pairs = rest.parameters.map(({ name, value, isQuoted, blanks: [before, around, inner, behind] }) => {
        const isBare = !isQuoted && value !== '' && [...value].every(isTchar);
        return `${before}${name}${around}=${inner}${isBare ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}${behind}`;
      });
      const challenge = challengeOf(`${written} ${pairs.join(',')}${rest.behind}`);
      expect(challenge?.scheme).toBe(scheme.toLowerCase());
      expect([...(challenge?.parameters ?? [])]).toEqual(rest.parameters.map(({ name, value }) => [name.toLowerCase(), value]));
    },
    800,
  );
});

it(`[CLI-11, REL-1] any line is read or not; nothing is read that was not written (seed ${seed})`, () => {
  const bareText = (text: string) => text.replaceAll('\\', '').toLowerCase();
  holds(
    nearLines('Digest', 'realm="a"', 'nonce=b', ', '),
    (lines) => {
      for (const line of lines) {
        const challenge = challengeOf(line);
        for (const text of challenge === null ? [] : [challenge.scheme, ...[...challenge.parameters].flat()]) {
          expect(bareText(line)).toContain(bareText(text));
          expect(text).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
        }
      }
    },
    2000,
  );
});

describe('time', () => {
  it.each([
    ['blanks', ' '.repeat(16384)],
    ['blanks before nothing', `Basic${' '.repeat(16370)}"`],
    ['blanks behind a word', `Basic a${' '.repeat(16370)}"`],
    ['commas', ','.repeat(16384)],
    ['equal signs', `Basic a${'='.repeat(16370)}b`],
    ['a long word', `Basic ${'a'.repeat(16370)}"`],
    ['escapes', `Basic realm="${'\\"'.repeat(8180)}"`],
    ['an open run of escapes', `Basic realm="${'\\'.repeat(16371)}`],
    ['parameters', `Digest ${Array.from({ length: 1600 }, (_, i) => `n${i}="",`).join('')}`],
  ])('[REL-4] 16 KiB of %s take less than 10 ms', (_, source) => {
    expect(fastest(() => challengeOf(source))).toBeLessThan(10);
  });

  it(`[REL-4] no line costs more than its length does (seed ${seed})`, () => {
    const work = (text: string) => {
      challengeOf(text);
      challengeOf(`Basic ${text}`);
      challengeOf(`Basic a="${text}`);
    };
    holds(tedious, (unit) => expect(disproportion(unit, work)).toBeNull(), 20);
  });
});
