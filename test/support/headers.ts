/** Random list headers: what is meant, and lines that say it. */
import fc from 'fast-check';
import { HOSTILE } from './paths.js';

/** As in `Sec-WebSocket-Extensions` and `Forwarded`; null for a bare name. */
export interface Meant {
  readonly name: string;
  readonly value: string | null;
}

const TCHAR = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** RFC 7230, 3.2.6. */
export const isTchar = (character: string) => TCHAR.includes(character);

export const token = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...TCHAR), minLength: 1, maxLength: 8 }) },
);

export const blank = fc.constantFrom('', '', ' ', '\t', ' \t  ');

/** Text for between quotes; `but` lists what it does not hold. */
export const quotable = (but: string) =>
  fc.string({
    unit: fc
      .oneof(fc.constantFrom(...'a \\"\t,;=b\u00a0'), fc.integer({ min: 0x20, max: 0xff }).map(String.fromCharCode))
      .filter((each) => !but.includes(each)),
    maxLength: 8,
  });

/** As a header has it: bare where that is possible and wanted, else quoted, and of what need not be escaped some is. */
function pairOf({ name, value }: Meant, isQuoted: boolean, escapes: readonly boolean[], blanks: readonly string[]): string {
  const [before, around, inner, behind] = blanks as [string, string, string, string];
  if (value === null) return `${before}${name}${behind}`;
  const isBare = !isQuoted && [...value].every(isTchar);
  const quoted = () => `"${[...value].map((each, i) => (/["\\]/.test(each) || escapes[i] ? `\\${each}` : each)).join('')}"`;
  return `${before}${name}${around}=${inner}${isBare ? value : quoted()}${behind}`;
}

/** What stands between separators and means nothing. */
const nothing = fc.constantFrom('', ' ', '\t', '=', ' = ', '=""');

const written = (pair: fc.Arbitrary<Meant>) =>
  fc
    .record({
      pair,
      isQuoted: fc.boolean(),
      escapes: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
      blanks: fc.array(blank, { minLength: 4, maxLength: 4 }),
      behind: fc.array(nothing, { maxLength: 2 }),
    })
    .map(({ pair: meant, isQuoted, escapes, blanks, behind }) => ({
      meant,
      text: [pairOf(meant, isQuoted, escapes, blanks), ...behind].join(';'),
    }));

/** Lists of lists, on one line or on several; `parted` is by entries, `lines` as they come. */
export const pairHeader = (head: fc.Arbitrary<Meant>, rest: fc.Arbitrary<Meant>) =>
  fc
    .array(
      fc.record({
        head: written(head),
        rest: fc.array(written(rest), { maxLength: 4 }),
        behind: fc.array(nothing, { maxLength: 1 }),
        cut: fc.boolean(),
      }),
      { maxLength: 5 },
    )
    .map((entries) => {
      const lines: string[][] = [[]];
      for (const each of entries) {
        if (each.cut) lines.push([]);
        lines.at(-1)?.push([each.head, ...each.rest].map(({ text }) => text).join(';'), ...each.behind);
      }
      return {
        meant: entries.map((each) => [each.head.meant, ...each.rest.map(({ meant }) => meant)]),
        lines: lines.map((line) => line.join(',')),
      };
    });

/** A comma list of what holds no comma and no blank at its ends, on lines. */
export const listHeader = (entry: fc.Arbitrary<string>) =>
  fc
    .array(fc.record({ entry: fc.option(entry, { nil: '', freq: 4 }), before: blank, behind: blank, cut: fc.boolean() }), { maxLength: 8 })
    .map((all) => {
      const lines: string[][] = [[]];
      for (const each of all) {
        if (each.cut) lines.push([]);
        lines.at(-1)?.push(each.before + each.entry + each.behind);
      }
      return { meant: all.map((each) => each.entry).filter((each) => each !== ''), lines: lines.map((line) => line.join(',')) };
    });

/** Text in another letter case, here and there. */
export const recased = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((each, i) => (upper[i] ? each.toUpperCase() : each.toLowerCase())).join(''));

/** Lines that are nearly headers. */
export const nearLines = (...words: string[]): fc.Arbitrary<string[]> =>
  fc.array(
    fc.oneof(
      fc
        .array(fc.constantFrom(',', ';', '=', '"', '\\', '\\"', ' ', '\t', 'a', 'b', '\u00a0', '\0', ...HOSTILE.slice(0, 2), ...words), {
          maxLength: 14,
        })
        .map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    { maxLength: 3 },
  );

/** What a parser of headers is held up with, if it can be. */
export const tedious = fc
  .array(fc.constantFrom(',', ';', '=', '"', '\\', ' ', '\t', 'a', ':', '[', ']', '.', '1', '%', '/', '%41'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''));
