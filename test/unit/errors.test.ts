/** The codes in the sources and the rows of docs/errors.md are the same. */
import { describe, expect, it } from '@jest/globals';
import { filesIn, read } from '../support/project.js';

/** Every code that is spelled in a source, and where; a refusal spells its own without the prefix. */
const inSources = new Map(
  filesIn('src').flatMap((file) => {
    const source = read(file);
    const whole = [...source.matchAll(/MARGAY_[A-Z0-9]+(?:_[A-Z0-9]+)*/g)].map(([code]) => [code, file] as const);
    const refusals = [...source.matchAll(/\brefusal\(\d{3}, '([A-Z0-9_]+)'/g)].map(([, code]) => [`MARGAY_${code}`, file] as const);
    return [...whole, ...refusals];
  }),
);
const rows = read('docs/errors.md')
  .split('\n')
  .filter((line) => line.startsWith('| `MARGAY_'))
  .map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );

describe('docs/errors.md', () => {
  it('has a row for every code of the sources', () => {
    expect([...inSources].filter(([code]) => !rows.some(([each]) => each === code))).toEqual([]);
  });

  it('has no row for a code that no source spells', () => {
    expect(rows.map(([code]) => code as string).filter((code) => !inSources.has(code))).toEqual([]);
  });

  it('has one row for each', () => {
    const codes = rows.map(([code]) => code);
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
  });

  it('says of every code when it comes', () => {
    expect(rows.filter((cells) => cells.slice(1, -1).some((cell) => cell === ''))).toEqual([]);
  });
});
