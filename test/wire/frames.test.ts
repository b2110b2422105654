/** Frames that break the protocol are 1002 as soon as their header tells; their neighbours are not. [CLO-15, D-09, LIF-10] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, ServerEndpoint, Session, SessionException } from 'margay';
import { eventually } from '../support/eventually.js';
import { closing, type FrameParts, frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';
import { heard, withDiary } from './diary.js';

const { continuation, text, binary, close, ping, pong } = OPCODES;
const begun: FrameParts = { opcode: text, fin: false, payload: 'begin' };

/** How long a frame says it is, and in how many bytes. */
interface Length {
  readonly what: string;
  readonly length: number | bigint;
  readonly headerSize: 2 | 4 | 10;
}

const short = (length: number): Length => ({ what: `${length} bytes`, length, headerSize: 2 });
const LENGTHS: readonly Length[] = [
  ...[0, 1, 2, 125].map(short),
  { what: '5 bytes in a length of 16 bits', length: 5, headerSize: 4 },
  { what: '5 bytes in a length of 64 bits', length: 5, headerSize: 10 },
  { what: '126 bytes', length: 126, headerSize: 4 },
  { what: '65535 bytes', length: 65_535, headerSize: 4 },
  { what: '65536 bytes', length: 65_536, headerSize: 10 },
  { what: 'a length of 64 bits with the top bit set', length: 2n ** 63n + 5n, headerSize: 10 },
  { what: 'a length of all ones', length: 2n ** 64n - 1n, headerSize: 10 },
];

interface Row {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;
  readonly length: Length;
  readonly inMessage: boolean;
}

const BOOLEANS = [true, false];
const fresh = short(2);

/** Every bit of the first byte and the mask, with a short payload; then every length, with the bits as they should be. */
function rowsOf(opcode: number): Row[] {
  const bits = BOOLEANS.flatMap((fin) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((rsv) =>
      BOOLEANS.flatMap((masked) => BOOLEANS.map((inMessage) => ({ opcode, fin, rsv, masked, length: fresh, inMessage }))),
    ),
  );
  const lengths = LENGTHS.flatMap((length) =>
    BOOLEANS.flatMap((fin) => BOOLEANS.map((inMessage) => ({ opcode, fin, rsv: 0, masked: true, length, inMessage }))),
  );
  return [...bits, ...lengths];
}

/** RFC 6455, 5.2 to 5.5, read aloud. */
function isLegal({ opcode, fin, rsv, masked, length, inMessage }: Row): boolean {
  if (rsv !== 0 || !masked || BigInt(length.length) >= 2n ** 63n) return false;
  switch (opcode) {
    case continuation:
      return inMessage;
    case text:
    case binary:
      return !inMessage;
    case close:
      return fin && length.headerSize === 2 && length.length !== 1;
    case ping:
    case pong:
      return fin && length.headerSize === 2;
    default:
      return false;
  }
}

const nameOf = ({ opcode, fin, rsv, masked, length, inMessage }: Row): string =>
  `opcode ${opcode}, fin ${fin}, rsv ${rsv}, ${masked ? '' : 'not '}masked, ${length.what}, ${inMessage ? 'inside' : 'outside'} a message`;

/** The two bytes that are enough, or three where it is the top bit of the length. */
function telling({ opcode, fin, rsv, masked, length: { length, headerSize } }: Row): Buffer {
  const whole = frame({ opcode, fin, rsv, length, headerSize, ...(masked ? {} : { mask: null }) });
  const top = BigInt(length) >= 2n ** 63n && opcode < close;
  return whole.subarray(0, top ? 3 : 2);
}

function complete({ opcode, fin, length: { length, headerSize } }: Row): Buffer {
  const size = Number(length);
  const payload = opcode === close && size > 0 ? closing(1000, 'x'.repeat(size - 2)) : Buffer.alloc(size, 0x61);
  return frame({ opcode, fin, payload, headerSize });
}

const NAMED = ['a continuation', 'a text', 'a binary frame', ...Array(5).fill(''), 'a close frame', 'a ping', 'a pong'];

describe('[CLO-15] FIN × RSV × mask × lengths × inside a message or not: 1002 before anything behind the header has come, or not at all', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])(
    'opcode %i; a length in more bytes than it needs, which RFC 6455 forbids to send and does not say how to take, is accepted',
    async (opcode) => {
      const { meet } = await withDiary();
      const known = NAMED[opcode] !== undefined && NAMED[opcode] !== '';
      const rows = known ? rowsOf(opcode) : rowsOf(opcode).filter(({ rsv, length }) => rsv === 0 && length === fresh);
      await sideBySide(rows, nameOf, async (row) => {
        const { peer, told } = await meet();
        if (row.inMessage) peer.send(begun);
        if (!isLegal(row)) {
          peer.send(telling(row));
          expect(await peer.closeFrame()).toMatchObject({ code: 1002, phrase: expect.stringMatching(/./) });
          expect(await heard(told, 2)).toEqual(['MARGAY_PROTOCOL', 1002]);
          expect(told.texts).toEqual([]);
          return peer.reset();
        }
        peer.send(complete(row), { opcode: ping, payload: 'alive' });
        if (opcode === close) {
          expect(await peer.closeFrame()).toMatchObject({ code: row.length.length === 0 ? 1005 : 1000 });
          expect(await heard(told, 1)).toEqual([row.length.length === 0 ? 1005 : 1000]);
        } else {
          await peer.ponged(opcode === ping ? 2 : 1);
          expect(peer.pongs.at(-1)).toBe('alive');
          expect(told.ends).toEqual([]);
        }
        peer.reset();
      });
    },
  );

  it.each([
    ['a continuation behind a message that has ended', [begun, { opcode: continuation, payload: 'end' }, { opcode: continuation }]],
    [
      'a second message inside one whose fragments are empty',
      [{ opcode: binary, fin: false }, { opcode: continuation, fin: false }, { opcode: text }],
    ],
    ['a ping that claims 70000 bytes', [{ opcode: ping, payload: '', length: 70_000 }]],
  ])('%s', async (_what, frames: readonly FrameParts[]) => {
    const { meet } = await withDiary();
    const { peer, told } = await meet();
    peer.send(...frames);
    expect(await peer.closeFrame()).toMatchObject({ code: 1002 });
    expect(await heard(told, 2)).toEqual(['MARGAY_PROTOCOL', 1002]);
  });
});

describe('[CLO-6] every code in a close frame', () => {
  const legal = (code: number) => (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
  const CODES = [
    0,
    1,
    255,
    256,
    999,
    ...Array.from({ length: 20 }, (_, i) => 1000 + i),
    1100,
    1999,
    2000,
    2999,
    3000,
    3999,
    4000,
    4999,
    5000,
    9999,
    0x7fff,
    0x8000,
    65535,
  ];

  it('that a peer may send is echoed and told; any other is 1002, though RFC 6455 leaves open what becomes of those nobody has defined', async () => {
    const { meet } = await withDiary();
    await sideBySide(CODES, String, async (code) => {
      const { peer, told } = await meet();
      peer.close(code, 'why');
      if (legal(code)) {
        expect(await peer.closeFrame()).toEqual({ code, phrase: 'why' });
        expect(await heard(told, 1)).toEqual([code]);
        expect(told.reason?.getReasonPhrase()).toBe('why');
      } else {
        expect((await peer.closeFrame())?.code).toBe(1002);
        expect(await heard(told, 2)).toEqual(['MARGAY_PROTOCOL', 1002]);
      }
      await peer.finished();
      expect(peer.frames).toHaveLength(1);
    });
  });

  it('[CLO-15] one byte instead of a code is 1002 and a phrase of bad UTF-8 is 1007, though RFC 6455 leaves both open', async () => {
    const { meet } = await withDiary();
    const PAYLOADS = [
      { payload: Buffer.from([3]), code: 1002, error: 'MARGAY_PROTOCOL' },
      { payload: Buffer.concat([closing(1000), Buffer.from([0xff])]), code: 1007, error: 'MARGAY_UTF8' },
      { payload: Buffer.concat([closing(1000, 'a'), Buffer.from([0xe4, 0xbd])]), code: 1007, error: 'MARGAY_UTF8' },
      { payload: Buffer.concat([closing(1006), Buffer.from([0xff])]), code: 1002, error: 'MARGAY_PROTOCOL' },
    ];
    await sideBySide(
      PAYLOADS,
      ({ payload }) => payload.toString('hex'),
      async ({ payload, code, error }) => {
        const { peer, told } = await meet();
        peer.send({ opcode: close, payload });
        expect((await peer.closeFrame())?.code).toBe(code);
        expect(await heard(told, 2)).toEqual([error, code]);
      },
    );
  });
});

describe('[CLO-15] what looks odd and is legal', () => {
  const LEGAL: readonly (readonly [string, readonly FrameParts[], string])[] = [
    ['an empty text', [{ opcode: text }], ''],
    [
      'an empty first fragment',
      [
        { opcode: text, fin: false },
        { opcode: continuation, payload: 'x' },
      ],
      'x',
    ],
    ['an empty last fragment', [{ opcode: text, fin: false, payload: 'x' }, { opcode: continuation }], 'x'],
    ['nothing but empty fragments', [{ opcode: text, fin: false }, { opcode: continuation, fin: false }, { opcode: continuation }], ''],
    [
      'a ping and a pong between fragments',
      [begun, { opcode: ping, payload: 'p' }, { opcode: pong, payload: 'q' }, { opcode: continuation, payload: '!' }],
      'begin!',
    ],
    ['a mask of zeros', [{ opcode: text, payload: 'plain', mask: Buffer.alloc(4) }], 'plain'],
    ['a mask of ones', [{ opcode: text, payload: 'plain', mask: Buffer.alloc(4, 0xff) }], 'plain'],
    [
      'a character cut by a fragment',
      [
        { opcode: text, fin: false, payload: Buffer.from('好').subarray(0, 1) },
        { opcode: continuation, payload: Buffer.from('好').subarray(1) },
      ],
      '好',
    ],
    ['a byte order mark', [{ opcode: text, payload: '\ufeffx' }], '\ufeffx'],
    ['NUL and the last code point', [{ opcode: text, payload: '\0\u{10ffff}' }], '\0\u{10ffff}'],
    [
      '[REL-9] a thousand fragments',
      [begun, ...Array(998).fill({ opcode: continuation, fin: false, payload: '' }), { opcode: continuation }],
      'begin',
    ],
  ];

  it.each(LEGAL)('%s', async (_what, frames, expected) => {
    const { meet } = await withDiary();
    const { peer } = await meet();
    peer.send(...frames);
    expect(await peer.received(1)).toEqual([expected]);
  });
});

describe('[D-09] who hears of a violation', () => {
  it('@OnError a SessionException with its session, then @OnClose; what was sent behind it nobody', async () => {
    const steps: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): string {
        return message;
      }
      @OnError
      error(error: Error, session: Session): void {
        steps.push(error instanceof SessionException && error.getSession() === session);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send({ opcode: text, payload: 'before' }, { opcode: 3 }, { opcode: text, payload: 'after' });
    expect((await peer.closeFrame())?.code).toBe(1002);
    await peer.finished();
    await eventually(() => expect(steps).toEqual([true, 1002]));
    expect(peer.texts).toEqual(['before']);
  });

  it('without an @OnError the log, and it closes all the same', async () => {
    const closes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const started = await start(Talk);
    const peer = await RawPeer.open(started, '/talk');
    peer.send({ opcode: 3 });
    expect(await peer.closeFrame()).toMatchObject({ code: 1002 });
    await eventually(() => expect(closes).toEqual([1002]));
    expect(started.log.filter(({ code }) => code === 'MARGAY_UNHANDLED_ERROR')).toHaveLength(1);
  });
});
