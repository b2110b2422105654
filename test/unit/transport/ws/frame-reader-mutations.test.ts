/** Legal streams made wrong, at the reader: whatever becomes of them, it is what becomes of them at ws's Receiver. */
import { it } from '@jest/globals';
import { compareAll } from '../../../support/differential.js';
import { base, caseOf } from '../../../support/random-cases.js';

it(`[REL-1, CLO-15] 17,000 mutations of legal streams say to us what they say to ws (seed ${base})`, async () => {
  await compareAll(base, 17_000, (seed) => caseOf(seed, { spoilt: true }));
}, 60_000);

it(`[REL-1, EXT-14] 3,000 mutations of compressed streams say to us what they say to ws (seed ${base})`, async () => {
  await compareAll(base, 3000, (seed) => caseOf(seed, { spoilt: true, compressed: true }), 30);
}, 60_000);
