import { deflateRawSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { eventually } from '../../../support/eventually.js';
import { give, joined, read, reading } from '../../../support/reading.js';
import { type Event, PARTS, WHOLE } from '../../../support/recorder.js';
import { squeezed } from '../../../support/squeezing.js';
import { binary, close, more, ping, pong, text } from '../../../support/wire-frames.js';

const stream = Buffer.concat([
  text('Grüße €'),
  ping('abc'),
  text('frag€'.slice(0, 3), { fin: false }),
  pong('in between'),
  more(Buffer.from('é😀').subarray(0, 4), { fin: false }),
  more(Buffer.from('é😀').subarray(4)),
  binary('', { fin: false }),
  ping(),
  more('\u0001\u0002'),
  text('y'.repeat(130)),
  binary('long header', { headerSize: 10 }),
  close(4001, 'so long €'),
]);

it.each([
  ['whole', WHOLE],
  ['parts', PARTS],
])('[REL-7] every way of cutting a stream in two, and byte by byte, gives the same events (%s)', (_mode, wants) => {
  const want = joined(read(stream, { wants }));
  expect(want.at(-1)).toEqual(['closing', 4001, 'so long €']);
  for (let cut = 0; cut <= stream.length; cut++)
    expect(joined(read([stream.subarray(0, cut), stream.subarray(cut)], { wants }))).toEqual(want);
  expect(
    joined(
      read(
        Array.from(stream, (byte) => Buffer.from([byte])),
        { wants },
      ),
    ),
  ).toEqual(want);
});

it('[REL-7] every way of cutting it in three, around each frame header', () => {
  const want = read(stream);
  for (let cut = 0; cut <= stream.length; cut += 3)
    for (let size = 1; size <= 16; size += 3)
      expect(read([stream.subarray(0, cut), stream.subarray(cut, cut + size), stream.subarray(cut + size)])).toEqual(want);
});

it('[CLO-15] 1007 at the same byte, however the stream is cut', () => {
  const broken = text(Buffer.concat([Buffer.from('ab€'), Buffer.from([0xf4, 0x90]), Buffer.alloc(70, 0x61)]), { fin: false });
  for (const step of [1, 2, 3, 5]) {
    const { reader, house } = reading();
    let fed = 0;
    while (house.events.length === 0) {
      give(reader, broken.subarray(fed, fed + step));
      fed += step;
    }
    expect(house.events).toEqual([['failed', 1007]]);
    expect(fed).toBeLessThan(6 + 5 + 2 + step);
  }
});

it.each([true, false])(
  '[REL-7, EXT-14] nor does a cut behind a compressed block marked as the last (no context: %s)',
  async (noContextTakeover) => {
    const last = Buffer.concat([deflateRawSync('Hello'), Buffer.from([0])]);
    const behind = Buffer.concat([last, Buffer.from([0xff, 0xff])]); // which no new block may begin with
    const stream = Buffer.concat([
      text(behind, { rsv: 4 }),
      text(behind, { rsv: 4, fin: false }),
      more(squeezed(', world')),
      text(squeezed('again'), { rsv: 4 }),
    ]);
    const want = [
      ['text', 'Hello'],
      ['text', 'Hello, world'],
      ['text', 'again'],
    ];
    const heard = async (chunks: Buffer[]): Promise<readonly Event[]> => {
      const { reader, house, state } = reading({ deflate: { noContextTakeover, windowBits: 15 } });
      give(reader, ...chunks);
      reader.end();
      await eventually(() => expect(state.ended).toBe(true));
      return house.events;
    };
    for (let cut = 0; cut <= stream.length; cut++) expect(await heard([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(want);
    expect(await heard(Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(want);
  },
);
