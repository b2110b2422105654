/** Headers that announce what no one sends: refused with their last byte, or taken at their word for what does come. [REL-8, CLO-15] */
import { constants } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import type { Intake } from '../../../../src/transport/spi.js';
import { give, type Reading, reading } from '../../../support/reading.js';
import { PARTS, SKIP, upTo, WHOLE } from '../../../support/recorder.js';
import { frame, more, text } from '../../../support/wire-frames.js';

/** At the edges of what counts in 31, 32, 53 and 63 bits. */
const LENGTHS = [
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 31n + 1n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 2n,
  2n ** 62n,
  2n ** 63n - 1n,
];
const WAYS: readonly (readonly [string, Intake])[] = [
  ['whole, at most 1000 bytes', upTo(1000)],
  ['whole', WHOLE],
  ['in parts', PARTS],
  ['in parts, 1000 bytes at most', Object.freeze({ mode: 'parts', limit: 1000 })],
  ['not at all', SKIP],
];
const SIDES = [
  ['a server', true],
  ['a client', false],
] as const;

function fits(opcode: number, { mode, limit }: Intake, length: bigint): boolean {
  if (mode === 'skip') return true;
  const most = opcode === 1 ? constants.MAX_STRING_LENGTH : constants.MAX_LENGTH;
  return length <= limit && (mode === 'parts' || length <= most);
}

describe.each(SIDES)('%s that is told of a length', (_side, isServer) => {
  const mask = isServer ? {} : { mask: null };
  const header = isServer ? 14 : 10;

  it.each(WAYS)('[REL-8] and wants the message %s: 1009 with the last byte of the header, or nothing is said of it', (_how, wants) => {
    for (const opcode of [1, 2]) {
      for (const length of LENGTHS) {
        const { reader, house } = reading({ isServer, wants });
        const bytes = frame({ opcode, length, payload: Buffer.alloc(9000, 0x61), ...mask });
        give(reader, bytes.subarray(0, header - 1));
        expect(house.events).toEqual([]);
        give(reader, bytes.subarray(header - 1, header));
        const what = [opcode, length, house.events];
        expect(what).toEqual([opcode, length, fits(opcode, wants, length) ? [] : [['failed', 1009]]]);
        if (!fits(opcode, wants, length)) continue;
        give(reader, bytes.subarray(header));
        expect(house.events.map(([name, , data, last]) => [name, (data as string).length, last])).toEqual(
          wants.mode === 'parts' ? [['part', opcode === 1 ? 9000 : 18_000, false]] : [],
        );
      }
    }
  });

  it('[CLO-15] whose top bit is set: 1002, however the message is wanted, at its first byte', () => {
    for (const [, wants] of WAYS) {
      for (const length of [2n ** 63n, 2n ** 63n + 5n, 2n ** 64n - 1n]) {
        const { reader, house } = reading({ isServer, wants });
        give(reader, frame({ opcode: 2, length, ...mask }).subarray(0, 3));
        expect(house.events).toEqual([['failed', 1002]]);
      }
    }
  });

  it('[REL-8] that is written in more bytes than it needs counts as what it is', () => {
    for (const headerSize of [4, 10] as const) {
      for (const [size, want] of [
        [1000, ['text', 'x'.repeat(1000)]],
        [1001, ['failed', 1009]],
        [0, ['text', '']],
        [125, ['text', 'x'.repeat(125)]],
      ] as const) {
        const { reader, house } = reading({ isServer, wants: upTo(1000) });
        give(reader, text('x'.repeat(size), { headerSize, ...mask }));
        expect(house.events).toEqual([want]);
      }
    }
  });

  it('[REL-8] which only the last of many fragments makes too long: at that header, and not before', () => {
    for (const through of [false, true]) {
      const identity = { rsv: [], parameters: [], inbound: <T>(each: T) => each, outbound: <T>(each: T) => each };
      const how: Reading = { isServer, wants: upTo(1000), ...(through && { transformations: [identity] }) };
      const { reader, house } = reading(how);
      give(
        reader,
        text('x', { fin: false, ...mask }),
        ...Array<Buffer>(999).fill(more('x', { fin: false, ...mask })),
        more('', { fin: false, ...mask }),
      );
      expect(house.events).toEqual([]);
      give(reader, more('x', { fin: false, ...mask }).subarray(0, through ? undefined : isServer ? 6 : 2));
      expect(house.events).toEqual([['failed', 1009]]);
    }
  });
});
