/** Messages that have not ended, and what comes behind an end. [REL-1, REL-8, REL-9, CLO-15] */
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { closing, type FrameParts, frame, OPCODES } from '../support/frames.js';
import { held } from '../support/memory.js';
import { sideBySide } from '../support/side-by-side.js';
import { squeezed } from '../support/squeezing.js';
import { heard, withDiary } from './diary.js';

const { continuation, text, binary, close, ping } = OPCODES;
const DEFLATE = { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] };

describe('[REL-9] 200 unfinished messages at once', () => {
  const COUNT = 200;
  const CONSTANT = 24 * 1024; // a block that is half empty, and what the connection itself keeps from its first message on

  it.each([
    ['3,000 fragments of a byte', 1, 3000],
    ['2,000 fragments of 10 bytes', 10, 2000],
    ['a fragment of 20,000 bytes', 20_000, 1],
  ])(
    '%s: their bytes and a constant, while another is served; and each can still be finished',
    async (_what, size, count) => {
      const { meet } = await withDiary();
      const good = await meet();
      const all = await Promise.all(Array.from({ length: COUNT }, () => meet()));
      const each = frame({ opcode: continuation, fin: false, payload: Buffer.alloc(size) });
      const fragments = Buffer.alloc(count * each.length, each);
      const before = await held();
      for (const { peer } of all) peer.send({ opcode: binary, fin: false }, fragments, { opcode: ping });
      for (const { peer } of all) await peer.ponged();
      good.peer.text('here');
      await good.peer.received(1);
      const holds = (await held()) - before;
      expect(holds).toBeLessThan(COUNT * (size * count + CONSTANT));
      for (const { peer } of all) peer.send({ opcode: continuation, payload: '!' });
      await eventually(() =>
        expect(all.map(({ told }) => told.binaries.map(({ length }) => length))).toEqual(all.map(() => [size * count + 1])),
      );
      expect(good.told.ends).toEqual([]);
    },
    90_000,
  );
});

describe('[REL-1, CLO-15] behind its end a stream says nothing', () => {
  const BEHIND: readonly (readonly [string, FrameParts | Buffer])[] = [
    ['a text', { opcode: text, payload: 'behind' }],
    ['a ping', { opcode: ping, payload: 'behind' }],
    ['another close frame', { opcode: close, payload: closing(4001) }],
    ['what is wrong', { opcode: 3 }],
    ['a length that lies', frame({ opcode: binary, length: 2n ** 63n })],
    ['a bomb', { opcode: binary, rsv: 4, payload: squeezed(Buffer.alloc(20_000_000)) }],
    ['a megabyte of zeros', Buffer.alloc(2 ** 20)],
  ];
  const ENDS: readonly (readonly [string, FrameParts | Buffer, number, (number | string)[]])[] = [
    ['a close frame', { opcode: close, payload: closing(1000) }, 1000, [1000]],
    ['a violation', { opcode: 3 }, 1002, ['MARGAY_PROTOCOL', 1002]],
    ['bad UTF-8', { opcode: text, payload: Buffer.from([0xff]) }, 1007, ['MARGAY_UTF8', 1007]],
    ['a message that is too large', frame({ opcode: text, length: 2 ** 30 }), 1009, ['MARGAY_TOO_BIG', 1009]],
    ['a compressed one', { opcode: binary, rsv: 4, payload: squeezed(Buffer.alloc(2 ** 21)) }, 1009, ['MARGAY_TOO_BIG', 1009]],
    ['what cannot be inflated', { opcode: text, rsv: 4, payload: Buffer.from('ffff', 'hex') }, 1002, ['MARGAY_PROTOCOL', 1006]],
  ];
  const rows = ENDS.flatMap((end) => BEHIND.flatMap((behind) => [true, false].map((atOnce) => ({ end, behind, atOnce }))));

  it('in the same packet or the next: one close frame, one end, and nothing of what came behind', async () => {
    const { meet } = await withDiary({ perMessageDeflate: true });
    await sideBySide(
      rows,
      ({ end, behind, atOnce }) => `${behind[0]} behind ${end[0]}, ${atOnce ? 'at once' : 'later'}`,
      async ({ end: [, last, code, ends], behind: [, rest], atOnce }) => {
        const { peer, told } = await meet(DEFLATE);
        peer.send({ opcode: text, payload: 'before' }, last, ...(atOnce ? [rest] : []));
        expect((await peer.closeFrame())?.code).toBe(code);
        if (!atOnce && peer.socket.writable) peer.send(rest);
        await peer.finished();
        expect(await heard(told, ends.length)).toEqual(ends);
        expect(told.texts).toEqual(['before']);
        expect(told.binaries).toEqual([]);
        expect(peer.frames.map(({ opcode }) => opcode)).toEqual([text, close]);
      },
    );
  });
});
