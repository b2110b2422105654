/** The list headers of a handshake, from what is meant to lines and back. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { extensionsOf, hasToken, isToken, listOf, pairLists } from '../../../../src/container/web/header-grammar.js';
import { disproportion } from '../../../support/cost.js';
import { isTchar, listHeader, type Meant, nearLines, pairHeader, quotable, recased, tedious, token } from '../../../support/headers.js';
import { holds, seed } from '../../../support/property.js';

const bare = token.map((name): Meant => ({ name, value: null }));
const parameter = (but: string) =>
  fc.oneof(
    bare,
    fc.tuple(token, fc.oneof(token, quotable(but))).map(([name, value]): Meant => ({ name, value })),
  );
const extensions = pairHeader(bare, parameter(',;"='));
const entriesOf = (meant: readonly (readonly Meant[])[]) => meant.map(([head, ...parameters]) => ({ name: head?.name, parameters }));

it(`[HS-14, REL-4] extensions are read as they are meant, on however many lines (seed ${seed})`, () => {
  holds(
    extensions,
    ({ meant, lines }) => {
      expect(extensionsOf(lines)).toEqual(entriesOf(meant));
      expect(extensionsOf([lines.join(',')])).toEqual(entriesOf(meant)); // RFC 7230, 3.2.2
    },
    800,
  );
});

it(`[HS-14] what was read, written plainly, reads the same (seed ${seed})`, () => {
  const plainly = ({ name, value }: Meant) => (value === null ? name : `${name}="${value.replace(/["\\]/g, '\\$&')}"`);
  holds(extensions, ({ lines }) => {
    const read = extensionsOf(lines) as { name: string; parameters: Meant[] }[];
    expect(extensionsOf(read.map(({ name, parameters }) => [name, ...parameters.map(plainly)].join('; ')))).toEqual(read);
  });
});

it(`[D-37] lists of pairs are read as they are meant, with anything between quotes (seed ${seed})`, () => {
  holds(
    pairHeader(parameter(''), parameter('')),
    ({ meant, lines }) => {
      const read = pairLists(lines);
      expect('refusal' in read || read.map((list) => list.map(({ name, value }) => ({ name, value })))).toEqual(meant);
      expect('refusal' in read || read.map((list) => list.map(({ first }) => first))).toEqual(
        meant.map((list) => list.map((_, i) => i === 0)),
      );
    },
    800,
  );
});

it(`[HS-1, HS-14] a comma list is its entries in their order, and a token is found in any letter case (seed ${seed})`, () => {
  const odd = fc.constantFrom('a b', '\u00a0a', 'b\u00a0', '\ufeff', '"', ';'); // what is blank elsewhere is none here
  const cases = listHeader(fc.oneof({ weight: 3, arbitrary: token }, odd)).chain((header) =>
    fc.record({ header: fc.constant(header), asked: fc.oneof(token, fc.constantFrom(...header.meant, 'upgrade').chain(recased)) }),
  );
  holds(
    cases,
    ({ header: { meant, lines }, asked }) => {
      expect(listOf(lines)).toEqual(meant);
      expect(listOf([lines.join(',')])).toEqual(meant);
      expect(hasToken(lines, asked)).toBe(meant.some((each) => each.toLowerCase() === asked.toLowerCase()));
    },
    600,
  );
});

it(`[HS-14, REL-1, REL-4] any lines are read, or refused at a place that is there; nothing is read that was not written (seed ${seed})`, () => {
  const bareText = (text: string | null) => (text ?? '').replaceAll('\\', '');
  holds(
    nearLines('permessage-deflate', 'foo;a', '"b"', '=1'),
    (lines) => {
      const read = extensionsOf(lines);
      if ('refusal' in read) {
        expect(read.refusal.startsWith(`Line ${read.line}, column ${read.column}: `)).toBe(true);
        expect(lines[read.line - 1]?.length).toBeGreaterThanOrEqual(read.column - 1);
        return;
      }
      for (const text of read.flatMap(({ name, parameters }) => [name, ...parameters.flatMap((each) => [each.name, each.value])])) {
        expect(lines.some((line) => bareText(line).includes(bareText(text)))).toBe(true);
        expect(text ?? '').not.toMatch(/[,;="]/);
      }
      expect(read.every(({ name, parameters }) => name !== '' && parameters.every((each) => each.name !== ''))).toBe(true);
    },
    2000,
  );
});

it(`[HS-14] a token is what RFC 7230 says it is (seed ${seed})`, () => {
  const texts = fc.oneof(
    token,
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.tuple(token, fc.string({ maxLength: 1 })).map((parts) => parts.join('')),
  );
  holds(texts, (text) => expect(isToken(text)).toBe(text !== '' && [...text].every(isTchar)), 600);
});

it(`[REL-4] no line costs more than its length does (seed ${seed})`, () => {
  const read = (text: string) => {
    hasToken([text], 'websocket');
    extensionsOf([text]);
    extensionsOf([`a;b="${text}`]);
  };
  holds(tedious, (unit) => expect(disproportion(unit, read)).toBeNull(), 30);
});
