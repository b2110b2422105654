/** Messages that are too big. [ANN-15, SES-16, REL-8, EXT-14, D-09, D-12, D-23] */
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session, SessionException } from 'margay';
import { eventually } from '../support/eventually.js';
import { type FrameParts, frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { continuation, text, binary } = OPCODES;

/** A payload as permessage-deflate sends it. */
function squeezed(data: string | Buffer): Buffer {
  const bytes = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, -4);
}

const DEFLATE = ['Sec-WebSocket-Extensions: permessage-deflate'];
const header = (parts: FrameParts) => frame(parts).subarray(0, parts.length !== undefined && parts.length < 126 ? 6 : 14);

describe('[ANN-15] maxMessageSize: 6', () => {
  const LET_THROUGH: readonly (readonly [string, readonly FrameParts[], string])[] = [
    ['你好, 6 bytes', [{ opcode: text, payload: '你好' }], '你好'],
    ['sixsix, 6 bytes', [{ opcode: text, payload: 'sixsix' }], 'sixsix'],
    [
      '6 bytes in fragments',
      [
        { opcode: text, fin: false, payload: '你' },
        { opcode: continuation, payload: '好' },
      ],
      '你好',
    ],
    ['6 bytes, and an empty fragment behind them', [{ opcode: text, fin: false, payload: '你好' }, { opcode: continuation }], '你好'],
    ['nothing', [{ opcode: text }], ''],
  ];

  it.each(LET_THROUGH)('exactly the limit is accepted: %s', async (_what, frames, expected) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 })
      text(message: string): string {
        return message;
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send(...frames);
    expect(await peer.received(1)).toEqual([expected]);
  });

  const REFUSED: readonly (readonly [string, readonly (FrameParts | Buffer)[]])[] = [
    ['你好吗: 9 bytes, 3 characters', [{ opcode: text, payload: '你好吗' }]],
    ['7 bytes', [{ opcode: text, payload: 'sevenss' }]],
    [
      '7 bytes in fragments',
      [
        { opcode: text, fin: false, payload: 'seven' },
        { opcode: continuation, payload: 'ss' },
      ],
    ],
    [
      'a fragment too many, of a message that has not ended',
      [
        { opcode: text, fin: false, payload: '你好' },
        { opcode: continuation, fin: false, payload: 'x' },
      ],
    ],
    ['a declared length of 7, of which nothing has come', [header({ opcode: text, length: 7 })]],
    ['a declared length of 2^40', [header({ opcode: text, length: 2n ** 40n })]],
    ['a declared length of 2^63-1', [header({ opcode: text, length: 2n ** 63n - 1n })]],
    ['a declared length behind a fragment', [{ opcode: text, fin: false, payload: '你' }, header({ opcode: continuation, length: 4 })]],
  ];

  it.each(REFUSED)('%s: SessionException, then 1009 on both sides', async (_what, frames) => {
    const steps: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 })
      text(message: string): void {
        steps.push(message);
      }
      @OnError
      error(error: Error): void {
        steps.push(error instanceof SessionException && (error as SessionException & { code: string }).code);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send(...frames);
    expect(await peer.closeFrame()).toMatchObject({ code: 1009 });
    await peer.finished();
    await eventually(() => expect(steps).toEqual(['MARGAY_TOO_BIG', 1009]));
  });

  it('counts the bytes of binary messages', async () => {
    const closes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 })
      binary(message: Buffer): string {
        return String(message.length);
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send({ opcode: binary, payload: Buffer.alloc(6) });
    expect(await peer.received(1)).toEqual(['6']);
    peer.send({ opcode: binary, payload: Buffer.alloc(7) });
    expect(await peer.closeFrame()).toMatchObject({ code: 1009 });
    await eventually(() => expect(closes).toEqual([1009]));
  });

  it('does not hold for the other type, nor for partial handlers', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 })
      text(message: string): string {
        return message;
      }
      @OnMessage({ maxMessageSize: 6 })
      binary(part: Buffer, last: boolean): string {
        return `${part.length} ${last}`;
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send({ opcode: binary, fin: false, payload: Buffer.alloc(100) }, { opcode: continuation, payload: Buffer.alloc(50) });
    expect(await peer.received(2)).toEqual(['100 false', '50 true']);
  });

  it("raises the session's own limit where it is higher", async () => {
    const sizes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        sizes.push(session.getMaxTextMessageBufferSize(), session.getMaxBinaryMessageBufferSize());
      }
      @OnMessage({ maxMessageSize: 50 })
      text(message: string): string {
        return String(message.length);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { maxTextMessageBufferSize: 10, maxBinaryMessageBufferSize: 10 }), '/talk');
    peer.text('x'.repeat(50));
    expect(await peer.received(1)).toEqual(['50']);
    expect(sizes).toEqual([50, 10]);
  });
});

describe('[SES-16] the buffer sizes of a session', () => {
  it.each([
    ['text', text],
    ['binary', binary],
  ] as const)('[D-23] 1 MiB of %s is accepted, a byte more is 1009', async (_kind, opcode) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): string {
        return String(message.length);
      }
      @OnMessage
      binary(message: Buffer): string {
        return String(message.length);
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send({ opcode, payload: Buffer.alloc(1_048_576, 0x61) });
    expect(await peer.received(1)).toEqual(['1048576']);
    peer.send(header({ opcode, length: 1_048_577 }));
    expect(await peer.closeFrame()).toMatchObject({ code: 1009 });
  });

  it('hold from the next message on, and count bytes of UTF-8 [D-12]', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string, session: Session): string {
        session.setMaxTextMessageBufferSize(6);
        return message;
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('this is longer than six');
    await peer.received(1);
    peer.text('你好');
    await peer.received(2);
    peer.text('你好吗');
    expect(await peer.closeFrame()).toMatchObject({ code: 1009 });
  });
});

describe('[EXT-14] with permessage-deflate', () => {
  it('[REL-8] the limit holds for the inflated size: exactly the limit passes', async () => {
    const closes: number[] = [];
    const errors: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 1000 })
      text(message: string): string {
        return `${message.length}`;
      }
      @OnError
      error(error: Error): void {
        errors.push((error as Error & { code: string }).code);
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const messages: string[] = [];
    const started = await start(Talk, { perMessageDeflate: true });
    const peer = await RawPeer.open(started, '/talk', { lines: DEFLATE });
    peer.send({ opcode: text, rsv: 4, payload: squeezed('x'.repeat(1000)) });
    await eventually(() => expect(peer.frames).toHaveLength(1));
    peer.send({ opcode: text, rsv: 4, payload: squeezed('x'.repeat(1001)) });
    expect(await peer.closeFrame()).toMatchObject({ code: 1009 });
    await eventually(() => expect([...messages, ...errors, ...closes]).toEqual(['MARGAY_TOO_BIG', 1009]));
  });

  it('[REL-8] a bomb is stopped before it has gone off', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 1000 })
      binary(_message: Buffer): void {}
    }
    const bomb = squeezed(Buffer.alloc(64 * 1024 * 1024));
    const peer = await RawPeer.open(await start(Talk, { perMessageDeflate: true }), '/talk', { lines: DEFLATE });
    const before = process.memoryUsage.rss();
    peer.send({ opcode: binary, rsv: 4, fin: false, payload: bomb.subarray(0, -10) });
    expect(await peer.closeFrame()).toMatchObject({ code: 1009 });
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 1024 * 1024);
  });

  it('[EXT-14] what cannot be inflated: SessionException with an IOE as cause, wire 1002, local 1006', async () => {
    const steps: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): void {
        steps.push(message);
      }
      @OnError
      error(error: Error): void {
        const cause = error.cause as Error & { code: string };
        steps.push(error instanceof SessionException, `${cause.name} ${cause.code}`);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk, { perMessageDeflate: true }), '/talk', { lines: DEFLATE });
    peer.send({ opcode: text, rsv: 4, payload: Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]) });
    expect(await peer.closeFrame()).toMatchObject({ code: 1002 });
    await eventually(() => expect(steps).toEqual([true, 'IOException MARGAY_INFLATE', 1006]));
  });

  it('[CLO-15] bad UTF-8 inside a compressed text is 1007', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string): void {}
    }
    const peer = await RawPeer.open(await start(Talk, { perMessageDeflate: true }), '/talk', { lines: DEFLATE });
    peer.send({ opcode: text, rsv: 4, payload: squeezed(Buffer.from([0x61, 0xff])) });
    expect(await peer.closeFrame()).toMatchObject({ code: 1007 });
  });

  it.each([
    [
      'RSV1 on a continuation',
      [
        { opcode: text, rsv: 4, fin: false, payload: squeezed('x') },
        { opcode: continuation, rsv: 4 },
      ],
    ],
    ['RSV1 on a ping', [{ opcode: OPCODES.ping, rsv: 4 }]],
    ['RSV1 on a close frame', [{ opcode: OPCODES.close, rsv: 4 }]],
    ['RSV2 on a text', [{ opcode: text, rsv: 2 }]],
    ['RSV3 on a compressed text', [{ opcode: text, rsv: 5, payload: squeezed('x') }]],
  ] as const)('[CLO-15, EXT-14] %s is 1002', async (_what, frames) => {
    const closes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk, { perMessageDeflate: true }), '/talk', { lines: DEFLATE });
    peer.send(...frames);
    expect(await peer.closeFrame()).toMatchObject({ code: 1002 });
    await eventually(() => expect(closes).toEqual([1002]));
  });

  it('[EXT-14] an uncompressed message is legal, and so are fragments of a compressed one', async () => {
    const messages: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): void {
        messages.push(message);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { perMessageDeflate: true }), '/talk', { lines: DEFLATE });
    const bytes = squeezed('compressed and cut');
    peer.send(
      { opcode: text, payload: 'plain' },
      { opcode: text, rsv: 4, fin: false, payload: bytes.subarray(0, 3) },
      { opcode: OPCODES.ping, payload: 'p' },
      { opcode: continuation, fin: false, payload: bytes.subarray(3, 4) },
      { opcode: continuation, payload: bytes.subarray(4) },
    );
    await eventually(() => expect(messages).toEqual(['plain', 'compressed and cut']));
  });
});
