/**
 * A peer that ends its direction, or the whole connection, at any point: one @OnClose for each that was opened, nothing
 * left of it, and the others undisturbed. [REL-1, REL-13, REL-14, CLO-9]
 */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, InputStream, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { closing, frame, OPCODES } from '../support/frames.js';
import { backTo, handles } from '../support/handles.js';
import { cert, key } from '../support/localhost-certificate.js';
import { type RawAddress, RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { Squeezer } from '../support/squeezing.js';
import { type Started, start } from '../support/start.js';

withFastSeconds();

const { text, binary, continuation, close, ping } = OPCODES;
const DEFLATE = ['Sec-WebSocket-Extensions: permessage-deflate'];
const long = frame({ opcode: text, payload: 'x'.repeat(300) });
const squeezed = new Squeezer().squeeze('x'.repeat(1000));

interface Stage {
  readonly when: string;
  /** What is sent, in one packet; behind the 101 if `opens`. */
  readonly sends: readonly Buffer[];
  readonly opens: boolean;
  /** What @OnClose is told after a plain end; 1006 otherwise. */
  readonly code?: number;
}

const request = (target: string): Buffer => Buffer.from(upgradeRequest(target, DEFLATE));

const HANDSHAKE: readonly Stage[] = [
  { when: 'before the request', sends: [], opens: false },
  ...[10, 60, 170, request('/talk').length - 1].map((bytes) => ({
    when: `after ${bytes} bytes of the request`,
    sends: [request('/talk').subarray(0, bytes)],
    opens: false,
  })),
  { when: 'behind a request that is refused', sends: [request('/nowhere')], opens: false },
];

const FRAMES: readonly Stage[] = (
  [
    ['right behind the 101', []],
    ['in the first byte of a header', [long.subarray(0, 1)]],
    ['in a length', [long.subarray(0, 3)]],
    ['in a mask', [long.subarray(0, 6)]],
    ['in a payload', [long.subarray(0, 100)]],
    ['in a message', [frame({ opcode: text, fin: false, payload: 'x' })]],
    [
      'in a fragment of it',
      [frame({ opcode: text, fin: false, payload: 'x' }), frame({ opcode: continuation, payload: 'xyz' }).subarray(0, 8)],
    ],
    ['in a compressed message', [frame({ opcode: text, rsv: 4, payload: squeezed }).subarray(0, -3)]],
    ['behind compressed bytes that are none', [frame({ opcode: text, rsv: 4, fin: false, payload: 'x'.repeat(50) })]],
    ['in a message that is read as a stream', [frame({ opcode: binary, fin: false, payload: 'x'.repeat(20_000) })]],
    ['behind a message', [frame({ opcode: text, payload: 'x' })]],
    ['while its handler runs', [frame({ opcode: text, payload: 'wait' })]],
    [
      'while several wait for it',
      [frame({ opcode: text, payload: 'wait' }), frame({ opcode: text, payload: 'x' }), frame({ opcode: text, payload: 'x' })],
    ],
    ['while its handler throws', [frame({ opcode: text, payload: 'throw' })]],
    ['while our queue is full', [frame({ opcode: text, payload: 'much' })]],
    ['while we write a message as a stream', [frame({ opcode: text, payload: 'write' })]],
    ['behind a ping', [frame({ opcode: ping, payload: 'x' })]],
    ['in a ping', [frame({ opcode: ping, payload: 'x' }).subarray(0, 6)]],
    ['in a close frame', [frame({ opcode: close, payload: closing(4000) }).subarray(0, 7)]],
    ['behind its close frame', [frame({ opcode: close, payload: closing(4000) })], 4000],
    ['behind its close frame and more', [frame({ opcode: close, payload: closing(4000) }), long, long], 4000],
    ['behind a close frame and half of another', [frame({ opcode: close, payload: closing(4000) }), long.subarray(0, 9)], 4000],
    ['behind our close frame', [frame({ opcode: text, payload: 'close' })], 4001],
    ['behind both close frames', [frame({ opcode: text, payload: 'close' }), frame({ opcode: close, payload: closing(4001) })], 4001],
    ['behind a frame that is wrong', [frame({ opcode: 3 })], 1002],
  ] as const
).map(([when, sends, code]) => ({ when, sends, opens: true, ...(code === undefined ? {} : { code }) }));

/** How the peer goes. */
const WAYS: Readonly<Record<string, (peer: RawPeer) => Promise<unknown> | undefined>> = {
  'ends its direction': async (peer) => {
    peer.end();
    await peer.closed();
  },
  'ends its direction and reads nothing': (peer) => {
    peer.stopReading();
    peer.end();
    return undefined;
  },
  'ends its direction, then resets': async (peer) => {
    peer.end();
    await sleep(20);
    peer.reset();
  },
  'ends its direction below TLS': (peer) => {
    peer.endBelow();
    return undefined;
  },
  resets: (peer) => {
    peer.reset();
    return undefined;
  },
};

/** What was heard of each connection, by its name. */
class Diary {
  readonly opens = new Map<string, number>();
  readonly closes = new Map<string, number[]>();
  readonly errors = new Map<string, string[]>();
}

async function serving(diary: Diary, options: Parameters<typeof start>[1]): Promise<Started> {
  const nameOf = (session: Session): string => decodeURIComponent(session.getQueryString() ?? '');
  const add = <T>(map: Map<string, T[]>, session: Session, item: T) =>
    map.set(nameOf(session), [...(map.get(nameOf(session)) ?? []), item]);
  @ServerEndpoint('/talk')
  class Talk {
    @OnOpen
    open(session: Session): void {
      diary.opens.set(nameOf(session), (diary.opens.get(nameOf(session)) ?? 0) + 1);
    }

    @OnMessage
    async text(message: string, session: Session): Promise<string> {
      if (message === 'wait') await sleep(60);
      if (message === 'throw') throw new Error('thrown');
      if (message === 'much')
        void session
          .getAsyncRemote()
          .sendBinary(Buffer.alloc(8_000_000))
          .catch(() => {});
      if (message === 'close') await session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), ''));
      if (message === 'write')
        session
          .getBasicRemote()
          .getSendWriter()
          .on('error', () => {})
          .write('x'.repeat(20_000));
      return message === 'write' || message === 'close' ? (undefined as never) : message;
    }

    @OnMessage
    async bytes(stream: InputStream): Promise<void> {
      for await (const _piece of stream);
    }

    @OnError
    error(error: Error, session: Session): void {
      add(diary.errors, session, (error as Error & { code?: string }).code ?? error.message);
    }

    @OnClose
    close(reason: CloseReason, session: Session): void {
      add(diary.closes, session, reason.getCloseCode().getCode());
    }
  }
  return start(Talk, { closeTimeout: 300, lingerTimeout: 200, perMessageDeflate: true, ...options });
}

/** One that goes on all the time, and is answered in order. */
async function goodClient(address: RawAddress, secure: boolean): Promise<() => Promise<void>> {
  const peer = await RawPeer.open(address, '/talk?good', { secure });
  let sent = 0;
  const timer = setInterval(() => peer.text(`${sent++}`), 10);
  return async () => {
    clearInterval(timer);
    await peer.received(sent);
    expect(peer.texts).toEqual(Array.from({ length: sent }, (_, i) => String(i)));
    peer.close(1000);
    await peer.finished();
  };
}

/** Errors that an end of the connection may bring, or that the stage itself does. */
const EXPECTED = [
  'MARGAY_CONNECTION_LOST',
  'MARGAY_PROTOCOL',
  'MARGAY_INFLATE',
  'MARGAY_EOF',
  'MARGAY_SEND_FAILED',
  'MARGAY_SEND_CLOSED',
  'thrown',
];

async function play(stages: readonly Stage[], way: string, secure: boolean): Promise<void> {
  const diary = new Diary();
  const started = await serving(diary, secure ? { tls: { key, cert } } : {});
  const address = { port: started.port, secure };
  const before = handles();
  const stop = await goodClient(address, secure);
  await sideBySide(
    stages,
    ({ when }) => `${way} ${when}`,
    async ({ when, sends, opens, code = 1006 }) => {
      const name = `/talk?${encodeURIComponent(when)}`;
      const peer = opens ? await RawPeer.open(address, name, { lines: DEFLATE, secure }) : await RawPeer.connect(address);
      if (sends.length > 0) peer.send(...sends);
      await WAYS[way]?.(peer);
      if (!opens) return;
      await eventually(() => expect(diary.closes.get(when)).toBeDefined());
      if (way === 'ends its direction') expect(diary.closes.get(when)).toEqual([code]);
    },
  );
  await stop();
  RawPeer.dropAll();
  await backTo(before);
  for (const { when, opens } of stages) {
    expect([when, diary.opens.get(when) ?? 0]).toEqual([when, opens ? 1 : 0]);
    expect([when, diary.closes.get(when)?.length ?? 0]).toEqual([when, opens ? 1 : 0]);
    expect((diary.errors.get(when) ?? []).filter((error) => !EXPECTED.includes(error))).toEqual([]);
  }
  expect(diary.closes.get('good')).toEqual([1000]);
  expect(diary.errors.get('good')).toBeUndefined();
}

describe('[REL-1, REL-13, REL-14, CLO-9] a peer that goes at any point leaves one @OnClose and nothing else', () => {
  it.each(Object.keys(WAYS).filter((way) => !way.includes('TLS')))('%s', (way) => play([...HANDSHAKE, ...FRAMES], way, false));

  it.each(['ends its direction', 'ends its direction below TLS', 'resets'])('over TLS: %s', (way) =>
    play([...HANDSHAKE, ...FRAMES], way, true),
  );
});
