/**
 * The ids of the requirements ledger that no test names yet.
 *
 *   node scripts/open-ids.js     rewrites test/spec/open-ids.json from the tests' sources
 *
 * Run it when test/spec/coverage.test.ts asks for it: after tests for an open id were written, or after a merge that left
 * conflicts in that file (take either side, then run this). test/spec/ledger-ids.json lists every id there is, by section.
 * A test names its ids at the beginning of its name, each in brackets, one or several: `[URI-6] …`, `[URI-6, D-14] …`,
 * `[ANN-3] [ANN-12] …`, `[REL-4 to REL-6] …`; a table of tests may name them in its rows, as the whole first cell: `'ANN-9'`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ID = /[A-Z][A-Z0-9]*-[A-Z]?\d+/;
/** One id, a range, or several of them. */
const LIST = `${ID.source}(?:(?:, | and | to )${ID.source})*`;
const NAMES = new RegExp(`(['"\`])((?:\\[${LIST}\\] ?)+)`, 'g');
const CELL = new RegExp(`\\[\\s*(['"])(${LIST})\\1,`, 'g');

/** @param {string} root the project's folder */
export function ledgerIds(root) {
  return Object.values(JSON.parse(readFileSync(join(root, 'test/spec/ledger-ids.json'), 'utf8'))).flat();
}

/**
 * Every id that a test names, and the files that do.
 * @param {string} root
 * @returns {Map<string, string[]>}
 */
export function namedIds(root) {
  const named = new Map();
  for (const file of readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const source = readFileSync(join(root, 'test', file), 'utf8').replace(/^\s*\/\/.*$/gm, '');
    for (const id of [...source.matchAll(NAMES)].flatMap(([, , list]) => idsIn(list))) note(id, file);
    if (/\[%s\]/.test(source)) for (const [, , list] of source.matchAll(CELL)) for (const id of idsIn(list)) note(id, file);
  }
  return named;

  function note(id, file) {
    if (!named.get(id)?.includes(file)) named.set(id, [...(named.get(id) ?? []), file]);
  }
}

/** @param {string} root */
export function openIds(root) {
  const named = namedIds(root);
  return ledgerIds(root).filter((id) => !named.has(id));
}

/** `[URI-1 to URI-4, D-14]` names five. */
function idsIn(list) {
  const range = new RegExp(`(${ID.source}) to (${ID.source})|(${ID.source})`, 'g');
  return [...list.matchAll(range)].flatMap(([, from, to, one]) => {
    if (one !== undefined) return one;
    const [stem, first, last] = [from.replace(/\d+$/, ''), ...[from, to].map((id) => Number(/\d+$/.exec(id)[0]))];
    return Array.from({ length: last - first + 1 }, (_, i) => stem + String(first + i).padStart(/0\d$/.test(from) ? 2 : 1, '0'));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const open = openIds(process.cwd());
  writeFileSync(join(process.cwd(), 'test/spec/open-ids.json'), `${JSON.stringify(open, null, 2)}\n`);
  console.log(`${open.length} of ${ledgerIds(process.cwd()).length} ids are named by no test`);
}
