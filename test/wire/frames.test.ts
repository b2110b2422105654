/** Frames that break the protocol, and text that is no UTF-8. [CLO-15, D-09, LIF-10] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, ServerEndpoint, Session, SessionException } from 'margay';
import { eventually } from '../support/eventually.js';
import { closing, type FrameParts, frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { continuation, text, binary, close, ping, pong } = OPCODES;
const begun: FrameParts = { opcode: text, fin: false, payload: 'begin' };

/** Name, and the frames of which the last is the illegal one. */
const ILLEGAL: readonly (readonly [string, readonly (FrameParts | Buffer)[]])[] = [
  ...[4, 2, 1, 7].flatMap((rsv) =>
    [text, binary, ping, pong, close].map(
      (opcode) => [`RSV ${rsv.toString(2).padStart(3, '0')} on opcode ${opcode}`, [{ opcode, rsv }]] as const,
    ),
  ),
  ['RSV 100 on a continuation', [begun, { opcode: continuation, rsv: 4 }]],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`the unknown opcode ${opcode}`, [{ opcode }]] as const),
  ['the unknown opcode 3 in the middle of a message', [begun, { opcode: 3 }]],
  ...[close, ping, pong].map(
    (opcode) => [`a fragmented control frame, opcode ${opcode}`, [{ opcode, fin: false, payload: closing(1000) }]] as const,
  ),
  ...[close, ping, pong].map(
    (opcode) =>
      [
        `a control frame of 126 bytes, opcode ${opcode}`,
        [{ opcode, payload: Buffer.concat([closing(1000), Buffer.alloc(124, 0x61)]) }],
      ] as const,
  ),
  ['a ping that claims 70000 bytes', [{ opcode: ping, payload: '', length: 70_000 }]],
  ['a continuation without a start', [{ opcode: continuation, payload: 'x' }]],
  ['a continuation that does not end, without a start', [{ opcode: continuation, fin: false, payload: 'x' }]],
  [
    'a continuation behind a message that has ended',
    [begun, { opcode: continuation, payload: 'end' }, { opcode: continuation, payload: 'x' }],
  ],
  ['a text frame in the middle of a text', [begun, { opcode: text, payload: 'x' }]],
  ['a binary frame in the middle of a text', [begun, { opcode: binary, payload: 'x' }]],
  [
    'a text frame in the middle of a binary',
    [
      { opcode: binary, fin: false, payload: 'x' },
      { opcode: text, payload: 'x' },
    ],
  ],
  ['a fragment that begins again', [begun, { opcode: text, fin: false, payload: 'x' }]],
  ['a length of 64 bits with the top bit set', [{ opcode: binary, length: 0x8000000000000005n, payload: 'hello' }]],
  ['a length of all ones', [{ opcode: text, length: 0xffffffffffffffffn }]],
  ...[text, binary, ping, pong, close].map(
    (opcode) => [`no mask on opcode ${opcode}`, [{ opcode, mask: null, payload: closing(1000) }]] as const,
  ),
  ['no mask on a continuation', [begun, { opcode: continuation, mask: null, payload: 'x' }]],
];

/** How the bytes reach the server. */
const CUTS: readonly (readonly [string, (peer: RawPeer, bytes: Buffer) => Promise<void>])[] = [
  ['in one packet', async (peer, bytes) => peer.send(bytes)],
  [
    'byte by byte',
    async (peer, bytes) => {
      for (const byte of bytes.subarray(0, 200)) {
        if (!peer.socket.writable) return;
        peer.send(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (peer.socket.writable) peer.send(bytes.subarray(200));
    },
  ],
];

describe.each(CUTS)('[CLO-15] %s', (_how, send) => {
  it.each(ILLEGAL)('%s: SessionException to onError, then 1002 to onClose and to the peer', async (_what, frames) => {
    const steps: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): string {
        return message;
      }
      @OnMessage
      binary(message: Buffer): Buffer {
        return message;
      }
      @OnError
      error(error: Error, session: Session): void {
        steps.push(
          error instanceof SessionException && error.getSession() === session && (error as SessionException & { code: string }).code,
        );
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('before');
    await peer.received(1);
    await send(
      peer,
      Buffer.concat([...frames.map((each) => (Buffer.isBuffer(each) ? each : frame(each))), frame({ opcode: text, payload: 'after' })]),
    );
    expect(await peer.closeFrame()).toMatchObject({ code: 1002, phrase: expect.stringMatching(/./) });
    await peer.finished();
    await eventually(() => expect(steps).toEqual(['MARGAY_PROTOCOL', 1002]));
    expect(peer.texts).not.toContain('after');
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
    [
      'a ping of 125 bytes',
      [
        { opcode: ping, payload: Buffer.alloc(125) },
        { opcode: text, payload: 'x' },
      ],
      'x',
    ],
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
    ['a length of 16 bits for 5 bytes', [], 'hello'],
  ];

  it.each(LEGAL)('%s', async (_what, frames, expected) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): string {
        return `<${message}>`;
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    if (frames.length > 0) peer.send(...frames);
    else peer.send(Buffer.concat([Buffer.from([0x81, 0xfe, 0, 5, 0, 0, 0, 0]), Buffer.from('hello')]));
    expect(await peer.received(1)).toEqual([`<${expected}>`]);
  });
});

describe('[CLO-15] text that is no UTF-8 gets 1007', () => {
  const BAD: readonly (readonly [string, readonly number[]])[] = [
    ['a lone continuation byte', [0x80]],
    ['an overlong slash of two bytes', [0xc0, 0xaf]],
    ['an overlong NUL of two bytes', [0xc1, 0x80]],
    ['an overlong of three bytes', [0xe0, 0x80, 0xaf]],
    ['an overlong of four bytes', [0xf0, 0x80, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ['a code point above 10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a lead byte of five', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['FE', [0xfe]],
    ['FF', [0xff]],
    ['a lead byte before ASCII', [0xe4, 0x41]],
    ['two lead bytes', [0xe4, 0xbd, 0xe4]],
  ];
  /** Frames around the bad bytes; none of them need end the message for it to be known. */
  const PLACES: readonly (readonly [string, (bad: Buffer) => (FrameParts | Buffer)[]])[] = [
    ['alone', (bad) => [{ opcode: text, payload: Buffer.concat([bad, Buffer.from('z')]) }]],
    ['behind a long text', (bad) => [{ opcode: text, payload: Buffer.concat([Buffer.from('好'.repeat(3000)), bad, Buffer.from('z')]) }]],
    ['in a first fragment', (bad) => [{ opcode: text, fin: false, payload: Buffer.concat([bad, Buffer.from('z')]) }]],
    ['in a later fragment', (bad) => [begun, { opcode: continuation, fin: false, payload: Buffer.concat([bad, Buffer.from('z')]) }]],
    [
      'one byte a fragment',
      (bad) => [begun, ...[...bad, 0x7a].map((byte) => ({ opcode: continuation, fin: false, payload: Buffer.from([byte]) }))],
    ],
    [
      'in a frame of which more is to come',
      (bad) => [
        frame({ opcode: text, payload: Buffer.concat([bad, Buffer.from('z'), Buffer.alloc(5000, 0x61)]) }).subarray(0, 8 + bad.length + 1),
      ],
    ],
  ];

  it.each(PLACES.flatMap(([place, put]) => BAD.map(([what, bytes]) => [what, place, put(Buffer.from(bytes))] as const)))(
    '%s, %s',
    async (_what, _place, frames) => {
      const steps: unknown[] = [];
      @ServerEndpoint('/talk')
      class Talk {
        @OnMessage
        text(message: string): void {
          steps.push(message);
        }
        @OnError
        error(error: Error): void {
          steps.push((error as Error & { code: string }).code);
        }
        @OnClose
        close(reason: CloseReason): void {
          steps.push(reason.getCloseCode().getCode());
        }
      }
      const peer = await RawPeer.open(await start(Talk), '/talk');
      peer.send(...frames);
      expect(await peer.closeFrame()).toMatchObject({ code: 1007 });
      await eventually(() => expect(steps).toEqual(['MARGAY_UTF8', 1007]));
      await peer.finished();
    },
  );

  it.each([
    ['at the end of a frame', [{ opcode: text, payload: Buffer.from('a好').subarray(0, 3) }]],
    ['at the end of the last fragment', [begun, { opcode: continuation, payload: Buffer.from([0xf0, 0x9f]) }]],
    ['before an empty last fragment', [{ opcode: text, fin: false, payload: Buffer.from([0xe4]) }, { opcode: continuation }]],
  ] as const)('a character cut off %s', async (_where, frames) => {
    const closes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string): void {}
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send(...frames);
    expect(await peer.closeFrame()).toMatchObject({ code: 1007 });
    await eventually(() => expect(closes).toEqual([1007]));
  });

  it('a message nobody takes is checked too', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      binary(_message: Buffer): void {}
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send({ opcode: text, payload: Buffer.from([0xff]) });
    expect(await peer.closeFrame()).toMatchObject({ code: 1007 });
  });

  it('binary may be anything', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      binary(message: Buffer): string {
        return message.toString('hex');
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send({ opcode: binary, payload: Buffer.from([0xff, 0xfe, 0x80]) });
    expect(await peer.received(1)).toEqual(['fffe80']);
  });
});

it('[D-09] without an @OnError the violation is logged, and closes all the same', async () => {
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
