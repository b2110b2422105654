import { constants, deflateRawSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { Inflater } from '../../../../src/transport/ws/inflate.js';
import { eventually } from '../../../support/raw-channel.js';

const squeeze = (payload: Buffer): Buffer => deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

function inflating(noContextTakeover: boolean) {
  const told: string[] = [];
  const inflater = new Inflater(
    { noContextTakeover, windowBits: 15 },
    {
      onSlice: (bytes) => told.push(`slice ${bytes.length}`),
      onInflated: () => told.push('inflated'),
      onInflateError: (error) => told.push(`error ${(error as NodeJS.ErrnoException).code}`),
      onDefect: () => told.push('defect'),
    },
  );
  return { inflater, told };
}

it('[REL-15] what is inflated in one call is small, however it looks compressed', () => {
  const { inflater } = inflating(true);
  expect(inflater.inOneGo(squeeze(Buffer.alloc(200_000)), 1e9)).toHaveLength(200_000);
  expect(inflater.inOneGo(squeeze(Buffer.alloc(300_000)), 1e9)).toBeNull();
  expect(inflater.inOneGo(squeeze(Buffer.alloc(1000)), 999)).toBeNull();
  expect(inflater.inOneGo(Buffer.from('ffff', 'hex'), 1e9)).toMatchObject({ code: 'Z_DATA_ERROR' });
  expect(inflater.fitsInOneGo(4096)).toBe(true);
  expect(inflater.fitsInOneGo(4097)).toBe(false);
  expect(inflating(false).inflater.fitsInOneGo(1)).toBe(false);
});

it('[EXT-14] a context lives as long as it was agreed on', async () => {
  const first = Buffer.from('a phrase that comes again and again');
  for (const noContextTakeover of [false, true]) {
    const { inflater, told } = inflating(noContextTakeover);
    inflater.feed(squeeze(first), true, true);
    await eventually(() => told.includes('inflated'));
    inflater.messageEnds();
    // The second message points back into the first.
    const again = deflateRawSync(first, { finishFlush: constants.Z_SYNC_FLUSH, dictionary: first }).subarray(0, -4);
    inflater.feed(again, true, true);
    await eventually(() => told.filter((each) => each === 'inflated' || each.startsWith('error')).length === 2);
    expect(told.at(-1)).toBe(noContextTakeover ? 'error Z_DATA_ERROR' : 'inflated');
    inflater.close();
  }
});

it('says nothing once it is closed', async () => {
  const { inflater, told } = inflating(true);
  inflater.feed(squeeze(Buffer.alloc(1_000_000)), true, true);
  await eventually(() => told.length > 3);
  inflater.close();
  const { length } = told;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(told).toHaveLength(length);
  inflater.feed(squeeze(Buffer.from('next')), true, true);
  await eventually(() => told.at(-1) === 'inflated');
  expect(told.at(-2)).toBe('slice 4');
});
