/** permessage-deflate from handshake to message, against zlib itself. [EXT-13, EXT-14, REL-8, REL-15] */
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { type FrameParts, OPCODES } from '../support/frames.js';
import { randomOf } from '../support/mutations.js';
import type { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { Squeezer, squeezed, Unsqueezer } from '../support/squeezing.js';
import { heard, withDiary } from './diary.js';

const { continuation, text, binary, ping } = OPCODES;
const RSV1 = 4;
const HEADER = 'Sec-WebSocket-Extensions: permessage-deflate';
const BOOLEANS = [true, false];

/** Letters that repeat nothing, but themselves after `distance`. */
function words(distance: number, count: number, seed = 1): string {
  const random = randomOf(seed);
  const once = Array.from({ length: distance }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join('');
  return once.repeat(count);
}

/** What the messages say that a compressor can remember: all within the smallest window, some beyond it, some beyond the largest. */
const MESSAGES = [words(100, 3), '你好 👋', words(2000, 2, 2), '', words(100, 3), words(40_000, 2, 3), words(2000, 1, 2)];

interface Agreed {
  readonly serverForgets: boolean;
  readonly clientForgets: boolean;
  readonly serverBits: number;
  readonly clientBits: number;
}

/** Offer such a line; what is agreed on must be the same. */
function offerOf({ serverForgets, clientForgets, serverBits, clientBits }: Agreed): string {
  return [
    HEADER,
    ...(serverForgets ? ['server_no_context_takeover'] : []),
    `server_max_window_bits=${serverBits}`,
    ...(clientForgets ? ['client_no_context_takeover'] : []),
    `client_max_window_bits=${clientBits}`,
  ].join('; ');
}

const AGREED: readonly Agreed[] = BOOLEANS.flatMap((serverForgets) =>
  BOOLEANS.flatMap((clientForgets) =>
    [9, 10, 11, 12, 13, 14, 15].map((serverBits) => ({ serverForgets, clientForgets, serverBits, clientBits: 24 - serverBits })),
  ),
);

/** The text messages so far, put together and inflated. */
function inflated(peer: RawPeer, from: Unsqueezer, done: { frames: number; texts: string[] }): string[] {
  let pieces: Buffer[] = [];
  const { frames } = peer;
  for (let i = done.frames; i < frames.length; i++) {
    const { opcode, fin, payload } = frames[i] as (typeof frames)[number];
    if (opcode > binary) continue;
    pieces.push(payload);
    if (!fin) continue;
    const first = frames[i - pieces.length + 1] as (typeof frames)[number];
    const all = Buffer.concat(pieces);
    done.texts.push((first.rsv === RSV1 ? from.unsqueeze(all) : all).toString());
    done.frames = i + 1;
    pieces = [];
  }
  return done.texts;
}

describe('[EXT-14] every window of 9 to 15 bits, with and without context takeover in either direction', () => {
  const nameOf = (agreed: Agreed) => offerOf(agreed).slice(HEADER.length);
  const FREE = { perMessageDeflate: { serverNoContextTakeover: false, clientNoContextTakeover: false } };

  it.each([
    ['whole', 1],
    ['in fragments', 4],
  ])(
    'messages %s, plain and empty ones between them, come back as they were, and nothing reaches further back than was agreed on',
    async (_how, parts) => {
      const { meet } = await withDiary(FREE);
      await sideBySide(AGREED, nameOf, async (agreed) => {
        const { peer, told } = await meet({ lines: [offerOf(agreed)] });
        expect((await peer.response()).headers.get('sec-websocket-extensions')).toEqual([offerOf(agreed).slice(26)]);
        const to = new Squeezer({ windowBits: agreed.clientBits, takeover: !agreed.clientForgets });
        const from = new Unsqueezer({ windowBits: agreed.serverBits, takeover: !agreed.serverForgets });
        const expected: string[] = [];
        for (const message of MESSAGES) {
          const payload = to.squeeze(message);
          const size = Math.ceil(payload.length / parts);
          for (let i = 0; i < parts; i++) {
            const shape: FrameParts = i === 0 ? { opcode: text, rsv: RSV1 } : { opcode: continuation };
            peer.send({ ...shape, fin: i === parts - 1, payload: payload.subarray(i * size, (i + 1) * size) });
          }
          peer.send({ opcode: text, payload: 'plain' }, { opcode: text });
          expected.push(message, 'plain', '');
        }
        const done = { frames: 0, texts: [] as string[] };
        await eventually(() => expect(inflated(peer, from, done)).toHaveLength(expected.length));
        expect(done.texts.every((each, i) => each === expected[i])).toBe(true);
        expect(told.texts.every((each, i) => each === expected[i])).toBe(true);
        expect(told.ends).toEqual([]);
        peer.reset();
      });
    },
  );

  it('the context is kept exactly where that was agreed on: a message said again costs next to nothing, or as much as before', async () => {
    const { meet } = await withDiary(FREE);
    await sideBySide(AGREED, nameOf, async (agreed) => {
      const { peer } = await meet({ lines: [offerOf(agreed)] });
      for (let i = 0; i < 2; i++) peer.send({ opcode: text, payload: words(200, 1) });
      await eventually(() => expect(peer.frames).toHaveLength(2));
      const [first = 0, again = 0] = peer.frames.map(({ payload }) => payload.length);
      if (agreed.serverForgets) expect(again).toBe(first);
      else expect(again).toBeLessThan(first / 4);
      peer.reset();
    });
  });

  it('a client that reaches back into a context it said it would forget cannot be inflated', async () => {
    const { meet } = await withDiary(FREE);
    for (const clientForgets of BOOLEANS) {
      const { peer, told } = await meet({ lines: [offerOf({ serverForgets: true, clientForgets, serverBits: 15, clientBits: 15 })] });
      const to = new Squeezer({ takeover: true });
      for (let i = 0; i < 2; i++) peer.send({ opcode: text, rsv: RSV1, payload: to.squeeze(words(200, 1)) });
      if (clientForgets) expect(await heard(told, 2)).toEqual(['MARGAY_PROTOCOL', 1006]);
      await eventually(() => expect(told.texts).toHaveLength(clientForgets ? 1 : 2));
    }
  });
});

describe('[REL-8, EXT-14] bombs', () => {
  const LIMIT = 100_000;
  const bomb = squeezed(Buffer.alloc(40_000_000));
  const nested = squeezed('x'.repeat(LIMIT + 1));
  const SHAPES: readonly (readonly [string, readonly FrameParts[]])[] = [
    ['in one frame', [{ opcode: binary, rsv: RSV1, payload: bomb }]],
    ['of text', [{ opcode: text, rsv: RSV1, payload: squeezed('x'.repeat(10_000_000)) }]],
    ['a byte too large', [{ opcode: text, rsv: RSV1, payload: nested }]],
    [
      'in two fragments, of which the second is never finished',
      [
        { opcode: binary, rsv: RSV1, fin: false, payload: bomb.subarray(0, 20) },
        { opcode: continuation, fin: false, payload: bomb.subarray(20, 2000) },
      ],
    ],
    [
      'in fragments of a byte',
      [
        { opcode: text, rsv: RSV1, fin: false },
        ...Array.from(nested, (byte) => ({ opcode: continuation, fin: false, payload: Buffer.from([byte]) })),
        { opcode: continuation },
      ],
    ],
    ['whose frame claims much that never comes', [{ opcode: binary, rsv: RSV1, payload: bomb.subarray(0, 2000), length: 2n ** 40n }]],
    [
      'behind messages of the same context',
      [
        { opcode: text, rsv: RSV1, payload: squeezed('first') },
        { opcode: binary, rsv: RSV1, payload: bomb },
      ],
    ],
  ];

  it.each(BOOLEANS)('stop at the limit, context takeover forgone: %s', async (clientNoContextTakeover) => {
    const options = { maxTextMessageBufferSize: LIMIT, maxBinaryMessageBufferSize: LIMIT, perMessageDeflate: { clientNoContextTakeover } };
    const { meet } = await withDiary(options);
    const before = process.memoryUsage();
    let most = 0;
    const look = setInterval(() => {
      const now = process.memoryUsage();
      most = Math.max(most, now.arrayBuffers - before.arrayBuffers);
    }, 1);
    await sideBySide(
      SHAPES,
      ([what]) => what,
      async ([, frames]) => {
        const { peer, told } = await meet({ lines: [HEADER] });
        peer.send(...frames);
        expect((await peer.closeFrame())?.code).toBe(1009);
        expect(await heard(told, 2)).toEqual(['MARGAY_TOO_BIG', 1009]);
        expect(told.binaries).toEqual([]);
        peer.reset();
      },
    );
    clearInterval(look);
    expect(most).toBeLessThan(16 * 2 ** 20); // bytes, for seven of which two are of 40 MB
  });
});

describe('[EXT-14, REL-1] garbage', () => {
  it.each([
    ['forgets', true],
    ['keeps', false],
  ])(
    'where the client %s its context: what cannot be inflated is 1002 on the wire and 1006 for @OnClose',
    async (_what, clientNoContextTakeover) => {
      const { meet } = await withDiary({ perMessageDeflate: { clientNoContextTakeover } });
      const flushed = Buffer.from([0, 0, 0xff, 0xff]); // what follows it begins a block
      const far = new Squeezer({ takeover: true });
      far.squeeze('said before');
      const rows = [
        Buffer.from('ffffffffff', 'hex'), // no such kind of block
        Buffer.from([0x01, 0x05, 0x00, 0xff, 0xff, 0x61]), // a stored block whose lengths do not agree
        far.squeeze('said before'), // reaches back to where nothing is
        ...[1, 100, 9000, 20_000, 300_000].map((size) => Buffer.concat([squeezed(words(size, 1)), flushed, Buffer.from([0xff])])),
        ...[100, 20_000].map((size) => Buffer.concat([squeezed(words(size, 1)), flushed, Buffer.alloc(20_000, 0xff)])),
      ];
      await sideBySide(
        rows,
        (row) => row.toString('hex').slice(-60),
        async (row) => {
          const { peer, told } = await meet({ lines: [HEADER] });
          peer.send({ opcode: text, rsv: RSV1, payload: row }, { opcode: text, payload: 'behind' });
          expect((await peer.closeFrame())?.code).toBe(1002);
          expect(await heard(told, 2)).toEqual(['MARGAY_PROTOCOL', 1006]);
          expect(told.texts).toEqual([]);
          peer.reset();
        },
      );
    },
  );

  it('[CLO-15] bad UTF-8 is known before the message has ended, compressed too', async () => {
    const { meet } = await withDiary({ perMessageDeflate: true });
    const { peer, told } = await meet({ lines: [HEADER] });
    peer.send({ opcode: text, rsv: RSV1, fin: false, payload: squeezed(Buffer.from([0x61, 0xff])) });
    expect((await peer.closeFrame())?.code).toBe(1007);
    expect(await heard(told, 2)).toEqual(['MARGAY_UTF8', 1007]);
  });
});

describe('[EXT-14] what a sender may do that we never do', () => {
  const one = squeezed('one');
  const ROWS: readonly (readonly [string, readonly FrameParts[], string])[] = [
    ['an empty message, compressed', [{ opcode: text, rsv: RSV1, payload: squeezed('') }], ''],
    ['a compressed message of nothing at all, which RFC 7692 leaves open', [{ opcode: text, rsv: RSV1 }], ''],
    [
      'a block marked as the last',
      [
        { opcode: text, rsv: RSV1, payload: Buffer.from('f348cdc9c90700', 'hex') },
        { opcode: text, rsv: RSV1, payload: one },
      ],
      'Hello',
    ],
    ['a stored block', [{ opcode: text, rsv: RSV1, payload: Buffer.from('000500faff48656c6c6f00', 'hex') }], 'Hello'],
    ['the trailer left on', [{ opcode: text, rsv: RSV1, payload: Buffer.concat([one, Buffer.from([0, 0, 0xff, 0xff, 0])]) }], 'one'],
    [
      'empty fragments',
      [{ opcode: text, rsv: RSV1, fin: false }, { opcode: continuation, fin: false, payload: one }, { opcode: continuation }],
      'one',
    ],
    [
      'a ping between fragments',
      [
        { opcode: text, rsv: RSV1, fin: false, payload: one.subarray(0, 2) },
        { opcode: ping },
        { opcode: continuation, payload: one.subarray(2) },
      ],
      'one',
    ],
  ];

  it.each(
    BOOLEANS.flatMap((clientNoContextTakeover) =>
      ROWS.map(([what, frames, expected]) => [what, clientNoContextTakeover, frames, expected] as const),
    ),
  )('%s (context forgotten: %s)', async (_what, clientNoContextTakeover, frames, expected) => {
    const { meet } = await withDiary({ perMessageDeflate: { clientNoContextTakeover } });
    const { peer, told } = await meet({ lines: [HEADER] });
    peer.send(...frames, { opcode: text, payload: 'behind' });
    await eventually(() => expect(told.texts.at(-1)).toBe('behind'));
    expect(told.texts[0]).toBe(expected);
    expect(told.ends).toEqual([]);
  });
});
