import { createHook } from 'node:async_hooks';
import { constants, inflateRawSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import type { DeflateOptions } from '../../../../src/transport/ws/deflate.js';
import { Deflater } from '../../../../src/transport/ws/deflater.js';

const OPTIONS: DeflateOptions = { noContextTakeover: true, windowBits: 15 };
/** Two slices. */
const LONG = Buffer.alloc(300_000, 'a long message, ');
const SHORT = Buffer.alloc(20_000, 'a short one, ');

function deflated(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const deflater = new Deflater(OPTIONS, reject);
    deflater.deflate(bytes, true, (squeezed) => {
      deflater.close();
      resolve(squeezed);
    });
  });
}

/** How many of five are let in at once: each needs a stream that nobody has left behind. */
function placesThatAreFree(): number {
  let made = 0;
  const hook = createHook({ init: (_id, type) => void (type === 'ZLIB' && made++) }).enable();
  const five = [1, 2, 3, 4, 5].map((level) => new Deflater({ ...OPTIONS, windowBits: 9, level }, () => {}));
  for (const deflater of five) deflater.deflate(SHORT, true, () => {});
  hook.disable();
  for (const deflater of five) deflater.close();
  return made;
}

const inflated = (squeezed: Buffer): Buffer =>
  inflateRawSync(Buffer.concat([squeezed, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH });

it('[REL-15] long messages that are interrupted by short ones, again and again, come out whole, and no place is lost', async () => {
  for (let round = 0; round < 20; round++) {
    const short = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) expect(inflated(await deflated(SHORT)).equals(SHORT)).toBe(true);
    };
    const long = async (): Promise<void> => expect(inflated(await deflated(LONG)).equals(LONG)).toBe(true);
    await Promise.all([long(), long(), short(), short(), short()]);
  }
  expect(placesThatAreFree()).toBe(3);
});

it('[REL-15] one that is closed calls no more, wherever it was: waiting, at work, interrupted', async () => {
  const told: string[] = [];
  const many = Array.from({ length: 12 }, (_, i) => {
    const deflater = new Deflater(OPTIONS, () => told.push('an error'));
    deflater.deflate(i % 2 === 0 ? LONG : SHORT, true, () => told.push('done'));
    return deflater;
  });
  await new Promise((resolve) => setImmediate(resolve));
  const early = told.length;
  for (const deflater of many) deflater.close();
  for (let i = 0; i < 4; i++) expect(inflated(await deflated(LONG)).equals(LONG)).toBe(true);
  expect(told).toHaveLength(early);
  expect(told).not.toContain('an error');
});

it('[REL-1] what zlib, or whoever is told, throws is the error of that connection alone, and costs no place', async () => {
  const errors: string[] = [];
  const impossible = new Deflater({ ...OPTIONS, level: 99 }, (error) => errors.push((error as NodeJS.ErrnoException).code ?? ''));
  impossible.deflate(SHORT, true, () => errors.push('done'));
  expect(errors).toEqual(['ERR_OUT_OF_RANGE']);
  const thrown = await new Promise<Error>((resolve) => {
    const deflater = new Deflater(OPTIONS, resolve);
    deflater.deflate(SHORT, true, () => {
      deflater.close();
      throw new Error('by whoever was told');
    });
  });
  expect(thrown.message).toBe('by whoever was told');
  expect(placesThatAreFree()).toBe(3);
});
