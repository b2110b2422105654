/** Messages in parts, declared and added. [SES-28, ANN-10, ANN-15, LIF-6] */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type Class, Endpoint, MessageHandler, OnError, OnMessage, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

type Part = (part: string | Buffer, last: boolean, session: Session) => unknown;

const { continuation, ping } = OPCODES;
const NO_MASK = Buffer.alloc(4);

const ENDPOINTS: readonly (readonly [string, (part: Part, failed?: (error: Error) => void) => Class | ServerEndpointConfig])[] = [
  [
    'declared',
    (part, failed) => {
      @ServerEndpoint('/parts')
      class Declared {
        @OnMessage text(message: string, last: boolean, session: Session): unknown {
          return part(message, last, session);
        }

        @OnMessage binary(last: boolean, session: Session, message: Buffer): unknown {
          return part(message, last, session);
        }

        @OnError error(error: Error): void {
          failed?.(error);
        }
      }
      return Declared;
    },
  ],
  [
    'added',
    (part, failed) => {
      class Added extends Endpoint {
        onOpen(session: Session): void {
          class TextParts extends MessageHandler.Partial(String) {
            onMessage(message: string, last: boolean): unknown {
              return part(message, last, session);
            }
          }
          session.addMessageHandler(new TextParts());
          session.addMessageHandler(Buffer, { partial: true, onMessage: (message: Buffer, last: boolean) => part(message, last, session) });
        }

        override onError(_session: Session, error: Error): void {
          failed?.(error);
        }
      }
      return ServerEndpointConfig.Builder.create(Added, '/parts').build();
    },
  ],
];

const WAYS = ENDPOINTS.flatMap(([how, endpoint]) => (['text', 'binary'] as const).map((kind) => ({ how, kind, endpoint })));

describe.each(WAYS)('$kind in parts, $how', ({ kind, endpoint }) => {
  const opcode = OPCODES[kind];

  it('[SES-28, ANN-10] each fragment as it comes, the last with the flag, possibly empty; the session beside them', async () => {
    const seen: unknown[] = [];
    const server = await start(endpoint((part, last, session) => void seen.push(String(part), last, session instanceof Session)));
    const peer = await RawPeer.open(server, '/parts');
    peer.send({ opcode, fin: false, payload: 'a' });
    await eventually(() => expect(seen).toEqual(['a', false, true]));
    peer.send({ opcode: ping }, { opcode: continuation, fin: false, payload: 'b' }, { opcode: continuation, payload: '' });
    await eventually(() => expect(seen.slice(3)).toEqual(['b', false, true, '', true, true]));
    peer.send({ opcode, payload: 'whole' }, { opcode, payload: '' });
    await eventually(() => expect(seen.slice(9)).toEqual(['whole', true, true, '', true, true]));
  });

  it('[SES-28] one large frame comes in parts of at least 8192 bytes before it is complete, and its bytes are all there', async () => {
    const parts: { size: number; last: boolean }[] = [];
    const server = await start(endpoint((part, last) => void parts.push({ size: part.length, last })));
    const peer = await RawPeer.open(server, '/parts');
    peer.send(frame({ opcode, length: 60_000, mask: NO_MASK }), Buffer.alloc(20_000, 'x'));
    await eventually(() => expect(parts.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThanOrEqual(12_000));
    expect(parts.some(({ last }) => last)).toBe(false);
    peer.send(Buffer.alloc(40_000, 'y'));
    await eventually(() => expect(parts.at(-1)?.last).toBe(true));
    expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(60_000);
    expect(parts.filter(({ size, last }) => !last && size < 8192)).toEqual([]);
    expect(parts.filter(({ last }) => last)).toHaveLength(1);
  });

  it('[ANN-15, SES-16, SES-28] no buffer size limits them', async () => {
    let size = 0;
    const server = await start(
      endpoint((part) => {
        size += part.length;
      }),
      { maxTextMessageBufferSize: 100, maxBinaryMessageBufferSize: 100 },
    );
    const peer = await RawPeer.open(server, '/parts');
    peer.send({ opcode, payload: 'x'.repeat(50_000) }, { opcode, fin: false, payload: 'y'.repeat(200) });
    peer.send({ opcode: continuation, payload: 'z'.repeat(200) });
    await eventually(() => expect(size).toBe(50_400));
  });

  it('[LIF-6] an async handler gets one after the other, never two at once, and messages never mix', async () => {
    let running = 0;
    const seen: string[] = [];
    const server = await start(
      endpoint(async (part, last) => {
        if (++running > 1) seen.push('two at once');
        await sleep(2);
        seen.push(`${part}${last ? '.' : ''}`);
        running--;
      }),
    );
    const peer = await RawPeer.open(server, '/parts');
    for (const name of ['a', 'b', 'c']) {
      peer.send({ opcode, fin: false, payload: `${name}1` }, { opcode: continuation, fin: false, payload: `${name}2` });
      peer.send({ opcode: continuation, payload: `${name}3` });
    }
    await eventually(() => expect(seen).toEqual(['a1', 'a2', 'a3.', 'b1', 'b2', 'b3.', 'c1', 'c2', 'c3.']));
  });

  it('[LIF-10, D-08] one that fails is told to onError; the next parts still come, and the session stays', async () => {
    const seen: string[] = [];
    const failures: string[] = [];
    const server = await start(
      endpoint(
        (part) => {
          seen.push(String(part));
          if (String(part) === 'b') throw new Error('bad part');
        },
        ({ message }) => failures.push(message),
      ),
    );
    const peer = await RawPeer.open(server, '/parts');
    peer.send(
      { opcode, fin: false, payload: 'a' },
      { opcode: continuation, fin: false, payload: 'b' },
      { opcode: continuation, payload: 'c' },
    );
    await eventually(() => expect(seen).toEqual(['a', 'b', 'c']));
    expect(failures).toEqual(['bad part']);
  });

  it('[LIF-14] of a message that is cut off by a close are not followed by any other, nor by a last one', async () => {
    const hold = gate();
    const seen: string[] = [];
    const server = await start(
      endpoint(async (part, last) => {
        seen.push(`${part}${last ? '.' : ''}`);
        await hold.promise;
      }),
    );
    const peer = await RawPeer.open(server, '/parts');
    peer.send({ opcode, fin: false, payload: 'a' }, { opcode: continuation, fin: false, payload: 'b' });
    peer.close(1000);
    await eventually(() => expect(seen).toEqual(['a']));
    hold.open();
    expect((await peer.closeFrame())?.code).toBe(1000);
    await eventually(() => expect(seen).toEqual(['a', 'b'])); // what came before the close frame is delivered
  });

  it('[ANN-13, SES-21] what they return is sent for each part if declared, never if added', async () => {
    const server = await start(endpoint((part, last) => `${part} ${last}`));
    const peer = await RawPeer.open(server, '/parts');
    peer.send({ opcode, fin: false, payload: 'a' }, { opcode: continuation, payload: 'b' }, { opcode: ping });
    await peer.ponged();
    await eventually(() => expect(peer.texts).toEqual(endpoint === ENDPOINTS[0]?.[1] ? ['a false', 'b true'] : []));
  });

  it('[EXT-14, SES-28] a compressed message comes inflated, in parts', async () => {
    const sizes: number[] = [];
    let lasts = 0;
    const server = await start(
      endpoint((part, last) => {
        sizes.push(part.length);
        if (last) lasts++;
      }),
      { perMessageDeflate: true },
    );
    const peer = await RawPeer.open(server, '/parts', { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] });
    const payload = deflateRawSync(Buffer.alloc(300_000, 'x'), { finishFlush: 2 }).subarray(0, -4);
    peer.send({ opcode, rsv: 4, payload });
    await eventually(() => expect(lasts).toBe(1));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(300_000);
    expect(sizes.length).toBeGreaterThan(10);
  });
});

describe('a text part', () => {
  it('[SES-28] never splits a character, nor a surrogate pair', async () => {
    const parts: string[] = [];
    const [, endpoint] = ENDPOINTS[1] as (typeof ENDPOINTS)[number];
    let whole = false;
    const server = await start(
      endpoint((part, last) => {
        parts.push(part as string);
        whole = last;
      }),
    );
    const peer = await RawPeer.open(server, '/parts');
    const text = '🐈你é'.repeat(5000);
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; from += 4099) {
      const fin = from + 4099 >= bytes.length;
      peer.send({ opcode: from === 0 ? OPCODES.text : continuation, fin, payload: bytes.subarray(from, from + 4099) });
    }
    await eventually(() => expect(whole).toBe(true));
    expect(parts.join('') === text).toBe(true);
    expect(parts.filter((part) => !part.isWellFormed())).toHaveLength(0);
  });

  it('[ANN-15] an explicit maxMessageSize is not for parts', async () => {
    @ServerEndpoint('/sized')
    class Sized {
      @OnMessage({ maxMessageSize: 3 }) text(part: string, last: boolean): string {
        return `${part} ${last}`;
      }
    }
    const peer = await RawPeer.open(await start(Sized), '/sized');
    peer.send({ opcode: OPCODES.text, fin: false, payload: 'longer' }, { opcode: continuation, payload: 'than three' });
    expect(await peer.received(2)).toEqual(['longer false', 'than three true']);
  });
});
