/** Which requirements of the ledger no test names: the list may only shrink. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { read, root } from '../support/project.js';

interface Ledger {
  ledgerIds(root: string): string[];
  namedIds(root: string): ReadonlyMap<string, readonly string[]>;
  openIds(root: string): string[];
}

const { ledgerIds, namedIds, openIds }: Ledger = await import(pathToFileURL(join(root, 'scripts/open-ids.js')).href);
const written = JSON.parse(read('test/spec/open-ids.json')) as string[];
const open = openIds(root);

it('an id of the ledger that lost its test is put into test/spec/open-ids.json with a reason, or gets its test back', () => {
  expect(open.filter((id) => !written.includes(id))).toEqual([]);
});

it('an id that has a test now is taken out of test/spec/open-ids.json: node scripts/open-ids.js', () => {
  expect(written.filter((id) => !open.includes(id))).toEqual([]);
});

it('every id that a test names is in the ledger', () => {
  const known = new Set(ledgerIds(root));
  expect([...namedIds(root)].filter(([id]) => !known.has(id))).toEqual([]);
});

it('an id stands once in the ledger', () => {
  const ids = ledgerIds(root);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});
