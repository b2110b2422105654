/** What a client runs in a browser too does without the global `Buffer`. */
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { node } from '../../../support/command.js';
import { eitherEnd } from '../../../support/either-end.js';

it('[ANN-9, COD-7] where there is no Buffer, bytes are a Uint8Array, and nothing else changes', async () => {
  const files = eitherEnd.map((file) => new URL(`../../../../src/${file.replace(/\.ts$/, '.js')}`, import.meta.url).href);
  const { out, err, ended } = node([fileURLToPath(new URL('without-buffer.js', import.meta.url)), ...files]);
  expect([await ended, err()]).toEqual([0, []]);
  expect(out()).toEqual([
    'Emitted text one!',
    'Emitted binary Uint8Array 2,3',
    'Bound text Uint8Array 3',
    'Bound text Uint8Array 8,7',
    'Copied binary ArrayBuffer 4,5',
    'Decoded Uint8Array 6',
    'Buffer is undefined',
  ]);
});
