/** Text that is UTF-8 passes however it is cut; text that is not is 1007 at the byte that tells. [CLO-15, REL-7] */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, ServerEndpoint } from 'margay';
import { eventually } from '../support/eventually.js';
import { type FrameParts, frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';
import { heard, withDiary } from './diary.js';

const { continuation, text, binary } = OPCODES;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Characters of one, two, three and four bytes, the first and last of each size, and a text that needs none of them. */
const TEXTS = ['ab\0\x7f', 'é\u0080\u07ff', '好\u0800\ud7ff\ue000\uffff', '😀\u{10000}\u{10ffff}', 'a\u07ff好😀z'];

describe('[REL-7] well-formed text', () => {
  it('passes in two and in three frames, cut at every byte', async () => {
    const { meet } = await withDiary();
    for (const each of TEXTS) {
      const { peer, told } = await meet();
      const bytes = Buffer.from(each);
      let count = 0;
      for (let from = 0; from <= bytes.length; from++) {
        for (let to = from; to <= bytes.length; to++) {
          peer.send(
            { opcode: text, fin: false, payload: bytes.subarray(0, from) },
            { opcode: continuation, fin: false, payload: bytes.subarray(from, to) },
            { opcode: continuation, payload: bytes.subarray(to) },
          );
          count++;
        }
      }
      await peer.received(count);
      expect(new Set(peer.texts)).toEqual(new Set([each]));
      expect(told.ends).toEqual([]);
    }
  });

  it('passes in segments of TCP, cut at every byte of the frame', async () => {
    const { meet } = await withDiary();
    await sideBySide(TEXTS, JSON.stringify, async (each) => {
      const { peer } = await meet();
      const bytes = frame({ opcode: text, payload: each });
      for (let cut = 1; cut < bytes.length; cut++) {
        peer.send(bytes.subarray(0, cut));
        await turn();
        await turn();
        peer.send(bytes.subarray(cut));
        await peer.received(cut);
      }
      expect(new Set(peer.texts)).toEqual(new Set([each]));
    });
  });
});

/** Name, bytes, and which of them is the first after which nothing could make it right. */
const BAD: readonly (readonly [what: string, bytes: readonly number[], telling: number])[] = [
  ['a lone continuation byte', [0x80], 0],
  ['the last continuation byte, alone', [0xbf], 0],
  ['an overlong slash of two bytes', [0xc0, 0xaf], 0],
  ['an overlong of two bytes, the last', [0xc1, 0xbf], 0],
  ['an overlong of three bytes', [0xe0, 0x80, 0xaf], 1],
  ['an overlong of three bytes, the last', [0xe0, 0x9f, 0xbf], 1],
  ['an overlong of four bytes', [0xf0, 0x80, 0x80, 0xaf], 1],
  ['an overlong of four bytes, the last', [0xf0, 0x8f, 0xbf, 0xbf], 1],
  ['the first surrogate', [0xed, 0xa0, 0x80], 1],
  ['the last surrogate', [0xed, 0xbf, 0xbf], 1],
  ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], 1],
  ['U+110000', [0xf4, 0x90, 0x80, 0x80], 1],
  ['a lead byte of F5', [0xf5, 0x80, 0x80, 0x80], 0],
  ['a lead byte of five', [0xf8, 0x88, 0x80, 0x80, 0x80], 0],
  ['FE', [0xfe], 0],
  ['FF', [0xff], 0],
  ['ASCII behind a lead byte', [0xe4, 0x41], 1],
  ['ASCII behind two bytes of three', [0xe4, 0xbd, 0x41], 2],
  ['ASCII behind three bytes of four', [0xf0, 0x9f, 0x98, 0x41], 3],
  ['a lead byte behind a lead byte', [0xe4, 0xe4], 1],
  ['a continuation byte too many', [0xc3, 0xa9, 0xa9], 2],
];

const BEFORE = ['', 'a', '好', 'a'.repeat(130), '好'.repeat(60)];

interface Row {
  readonly what: string;
  readonly bad: Buffer;
  readonly telling: number;
  readonly before: string;
}

const ROWS: readonly Row[] = BAD.flatMap(([what, bytes, telling]) =>
  BEFORE.map((before) => ({ what, bad: Buffer.from(bytes), telling, before })),
);
const nameOf = ({ what, before }: Row) => `${what} behind ${JSON.stringify(before.slice(0, 2))} × ${before.length}`;

describe('[CLO-15] text that is no UTF-8 is 1007 at the byte that tells, long before the message is complete', () => {
  it('one byte a fragment: what comes before that byte is taken', async () => {
    const { meet } = await withDiary();
    await sideBySide(ROWS, nameOf, async ({ bad, telling, before }) => {
      const { peer, told } = await meet();
      peer.send({ opcode: text, fin: false, payload: before });
      for (let i = 0; i < telling; i++) peer.send({ opcode: continuation, fin: false, payload: bad.subarray(i, i + 1) });
      peer.ping('still here');
      await peer.ponged();
      expect(told.ends).toEqual([]);
      peer.send({ opcode: continuation, fin: false, payload: bad.subarray(telling, telling + 1) });
      expect(await peer.closeFrame()).toMatchObject({ code: 1007, phrase: expect.stringMatching(/UTF-8/) });
      expect(await heard(told, 2)).toEqual(['MARGAY_UTF8', 1007]);
      expect(told.texts).toEqual([]);
      peer.reset();
    });
  });

  it.each([
    ['whole', true],
    ['first', false],
  ])('in a %s frame of which the rest never comes', async (_what, fin) => {
    const { meet } = await withDiary();
    await sideBySide(ROWS, nameOf, async ({ bad, telling, before }) => {
      const { peer, told } = await meet();
      const payload = Buffer.concat([Buffer.from(before), bad, Buffer.alloc(5000, 0x61)]);
      const bytes = frame({ opcode: text, fin, payload });
      const end = bytes.length - 5000 - bad.length + telling; // of what is still right
      peer.send(bytes.subarray(0, end));
      await turn();
      peer.send(bytes.subarray(end, end + 1));
      expect((await peer.closeFrame())?.code).toBe(1007);
      expect(await heard(told, 2)).toEqual(['MARGAY_UTF8', 1007]);
      peer.reset();
    });
  });

  it('in a whole frame, and behind a fragment, that are there completely', async () => {
    const { meet } = await withDiary();
    await sideBySide(ROWS, nameOf, async ({ bad, before }) => {
      const one = Buffer.concat([Buffer.from(before), bad, Buffer.from('z')]);
      const SHAPES: readonly (readonly FrameParts[])[] = [
        [{ opcode: text, payload: one }],
        [
          { opcode: text, fin: false, payload: 'begin' },
          { opcode: continuation, payload: one },
        ],
      ];
      for (const frames of SHAPES) {
        const { peer, told } = await meet();
        peer.send(...frames, { opcode: text, payload: 'after' });
        expect((await peer.closeFrame())?.code).toBe(1007);
        expect(await heard(told, 2)).toEqual(['MARGAY_UTF8', 1007]);
        expect(told.texts).toEqual([]);
        peer.reset();
      }
    });
  });

  const CUT = [[0xc3], [0xe4], [0xe4, 0xbd], [0xf0], [0xf0, 0x9f], [0xf0, 0x9f, 0x98]].map((bytes) => Buffer.from(bytes));
  const ENDS: readonly (readonly [string, (cut: Buffer) => readonly FrameParts[]])[] = [
    ['a frame', (cut) => [{ opcode: text, payload: cut }]],
    ['a longer frame', (cut) => [{ opcode: text, payload: Buffer.concat([Buffer.alloc(200, 0x61), cut]) }]],
    [
      'the last fragment',
      (cut) => [
        { opcode: text, fin: false, payload: 'a' },
        { opcode: continuation, payload: cut },
      ],
    ],
    ['the fragment before an empty last one', (cut) => [{ opcode: text, fin: false, payload: cut }, { opcode: continuation }]],
  ];

  it.each(ENDS)(
    'a character that the end of %s cuts off is known with the end of the message, and not before',
    async (_where, framesOf) => {
      const { meet } = await withDiary();
      await sideBySide(
        CUT,
        (cut) => cut.toString('hex'),
        async (cut) => {
          const { peer, told } = await meet();
          const frames = framesOf(cut);
          if (frames.length > 1) {
            peer.send(...frames.slice(0, -1));
            peer.ping('still here');
            await peer.ponged();
          }
          peer.send(...frames.slice(-1));
          expect((await peer.closeFrame())?.code).toBe(1007);
          expect(await heard(told, 2)).toEqual(['MARGAY_UTF8', 1007]);
          peer.reset();
        },
      );
    },
  );

  it('[LIF-9] a message that nobody takes is checked too', async () => {
    @ServerEndpoint('/deaf')
    class Deaf {
      @OnMessage
      binary(_message: Buffer): void {}
    }
    const peer = await RawPeer.open(await start(Deaf), '/deaf');
    peer.send({ opcode: text, fin: false, payload: Buffer.from([0xff]) });
    expect((await peer.closeFrame())?.code).toBe(1007);
  });

  it('binary may be anything, and is not asked', async () => {
    const { meet } = await withDiary();
    const { peer, told } = await meet();
    for (const [, bytes] of BAD) peer.send({ opcode: binary, payload: Buffer.from(bytes) });
    await eventually(() => expect(told.binaries).toEqual(BAD.map(([, bytes]) => Buffer.from(bytes))));
  });
});
