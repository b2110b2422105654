/** Messages that are read while they arrive. [ANN-9, ANN-18, D-02, SES-21] */
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  Endpoint,
  InputStream,
  Int,
  OnError,
  OnMessage,
  PathParam,
  Reader,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

type Read = (stream: Reader | InputStream) => unknown;
type Kind = 'text' | 'binary';

const NO_MASK = Buffer.alloc(4);
const { Builder } = ServerEndpointConfig;

/** An endpoint that reads both kinds, declared or added, and says what failed. */
const ENDPOINTS: readonly (readonly [string, (read: Read, failed?: (error: Error) => void) => Class | ServerEndpointConfig])[] = [
  [
    'declared',
    (read, failed) => {
      @ServerEndpoint('/read')
      class Declared {
        @OnMessage text(reader: Reader): unknown {
          return read(reader);
        }

        @OnMessage binary(stream: InputStream): unknown {
          return read(stream);
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
    (read, failed) => {
      class Added extends Endpoint {
        onOpen(session: Session): void {
          session.addMessageHandler(Reader, (reader) => read(reader));
          session.addMessageHandler(InputStream, { onMessage: (stream: InputStream) => read(stream) });
        }

        override onError(_session: Session, error: Error): void {
          failed?.(error);
        }
      }
      return Builder.create(Added, '/read').build();
    },
  ],
];

const KINDS: readonly Kind[] = ['text', 'binary'];
const WAYS = ENDPOINTS.flatMap(([how, endpoint]) => KINDS.map((kind) => ({ how, endpoint, kind })));

async function all(stream: Reader | InputStream): Promise<string> {
  let read = '';
  for await (const chunk of stream as AsyncIterable<string | Buffer>) read += chunk.toString();
  return read;
}

describe.each(WAYS)('a $kind stream, $how', ({ endpoint, kind }) => {
  const opcode = OPCODES[kind];

  it('[ANN-9, D-02] is a Readable of its own class, of strings or of Buffers, and the message is what was sent', async () => {
    const seen: unknown[] = [];
    const server = await start(
      endpoint(async (stream) => {
        seen.push(stream instanceof Readable, stream instanceof Reader, stream instanceof InputStream);
        for await (const chunk of stream as AsyncIterable<unknown>)
          seen.push(Buffer.isBuffer(chunk) ? 'Buffer' : typeof chunk, String(chunk));
        seen.push('end');
      }),
    );
    const peer = await server.dial('/read');
    peer.send(kind === 'text' ? '你好' : Buffer.from('bytes'));
    const expected = kind === 'text' ? [true, true, false, 'string', '你好', 'end'] : [true, false, true, 'Buffer', 'bytes', 'end'];
    await eventually(() => expect(seen).toEqual(expected));
  });

  it('[ANN-18] begins with the first fragment, and gets the others as they come', async () => {
    const seen: string[] = [];
    const server = await start(
      endpoint(async (stream) => {
        seen.push('begin');
        for await (const chunk of stream as AsyncIterable<unknown>) seen.push(String(chunk));
        seen.push('end');
      }),
    );
    const peer = await RawPeer.open(server, '/read');
    peer.send({ opcode, fin: false, payload: 'one' });
    await eventually(() => expect(seen).toEqual(['begin', 'one']));
    peer.send({ opcode: OPCODES.continuation, fin: false, payload: 'two' });
    await eventually(() => expect(seen).toEqual(['begin', 'one', 'two']));
    peer.send({ opcode: OPCODES.continuation, payload: '' });
    await eventually(() => expect(seen).toEqual(['begin', 'one', 'two', 'end']));
  });

  it('[ANN-18] begins with the first bytes of one large frame', async () => {
    let read = 0;
    let ended = false;
    const server = await start(
      endpoint(async (stream) => {
        for await (const chunk of stream as AsyncIterable<string>) read += chunk.length;
        ended = true;
      }),
    );
    const peer = await RawPeer.open(server, '/read');
    peer.send(frame({ opcode, length: 100_000, mask: NO_MASK }), Buffer.alloc(30_000, 'a'));
    await eventually(() => expect(read).toBeGreaterThanOrEqual(24_000));
    expect(ended).toBe(false);
    peer.send(Buffer.alloc(70_000, 'b'));
    await eventually(() => expect([read, ended]).toEqual([100_000, true]));
  });

  it('[ANN-15, SES-16] is held to no buffer size', async () => {
    const server = await start(
      endpoint(async (stream) => (await all(stream)).length),
      {
        maxTextMessageBufferSize: 10,
        maxBinaryMessageBufferSize: 10,
      },
    );
    const peer = await RawPeer.open(server, '/read');
    peer.send({ opcode, payload: 'x'.repeat(5000) }, { opcode, fin: false, payload: 'y'.repeat(5000) });
    peer.send({ opcode: OPCODES.continuation, payload: 'z'.repeat(5000) }, { opcode: OPCODES.ping });
    await peer.ponged();
    expect(peer.frames.filter((each) => each.opcode === OPCODES.close)).toEqual([]);
  });

  it('[SES-28] an empty message is a stream that ends at once', async () => {
    const seen: unknown[] = [];
    const server = await start(endpoint(async (stream) => seen.push(await all(stream))));
    const peer = await server.dial('/read');
    peer.send(kind === 'text' ? '' : Buffer.alloc(0));
    await eventually(() => expect(seen).toEqual(['']));
  });

  it('[D-02] can be read by data events and by a pipeline', async () => {
    const seen: string[] = [];
    let count = 0;
    const server = await start(
      endpoint(async (stream) => {
        if (++count === 1) {
          let text = '';
          const ended = new Promise<void>(
            (resolve) => void stream.on('data', (chunk: unknown) => (text += String(chunk))).on('end', resolve),
          );
          await ended;
          seen.push(text);
          return;
        }
        let text = '';
        const into = new Writable({
          decodeStrings: false,
          write(chunk: string | Buffer, _encoding, callback) {
            text += chunk.toString();
            setImmediate(callback);
          },
        });
        await pipeline(stream, into);
        seen.push(text);
      }),
    );
    const peer = await RawPeer.open(server, '/read');
    for (const payload of ['by events', 'by a pipeline']) {
      peer.send({ opcode, fin: false, payload: payload.slice(0, 4) });
      peer.send({ opcode: OPCODES.continuation, payload: payload.slice(4) });
    }
    await eventually(() => expect(seen).toEqual(['by events', 'by a pipeline']));
  });

  it('[ANN-18] is destroyed when its handler settles: the rest is thrown away, and the next message is served', async () => {
    const seen: string[] = [];
    const streams: (Reader | InputStream)[] = [];
    const server = await start(
      endpoint(async (stream) => {
        streams.push(stream);
        if (streams.length > 1) return void seen.push(await all(stream));
        for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<unknown>) {
          seen.push(String(chunk));
          break;
        }
        seen.push(`alive ${!stream.destroyed}`);
      }),
    );
    const peer = await RawPeer.open(server, '/read');
    peer.send({ opcode, fin: false, payload: 'first' });
    await eventually(() => expect(streams[0]?.destroyed).toBe(true));
    expect(seen).toEqual(['first', 'alive true']);
    for (let i = 0; i < 40; i++) peer.send({ opcode: OPCODES.continuation, fin: false, payload: Buffer.alloc(20_000, 'r') });
    peer.send({ opcode: OPCODES.continuation, payload: 'rest' }, { opcode, payload: 'next' });
    await eventually(() => expect(seen).toEqual(['first', 'alive true', 'next']));
  });

  it('[ANN-18, LIF-6] a handler that never reads gets every message, one after the other, sync or async', async () => {
    const sizes: number[] = [];
    const server = await start(
      endpoint((stream) => {
        sizes.push(stream.readableLength);
        return sizes.length % 2 === 0 ? sleep(5) : undefined;
      }),
    );
    const peer = await RawPeer.open(server, '/read');
    for (let i = 0; i < 6; i++) {
      peer.send(frame({ opcode, fin: false, payload: Buffer.alloc(200_000, 'x') }), { opcode: OPCODES.continuation, payload: 'end' });
    }
    await eventually(() => expect(sizes).toHaveLength(6));
    expect(Math.max(...sizes)).toBeLessThan(300_000);
  });

  it('[LIF-10] a handler that throws in the middle tells onError the error itself; the rest goes, the session and the next message stay', async () => {
    const seen: string[] = [];
    let count = 0;
    const boom = new Error('boom');
    const failures: Error[] = [];
    const server = await start(
      endpoint(
        async (stream) => {
          if (++count === 2) return void seen.push(await all(stream));
          for await (const _chunk of stream as AsyncIterable<unknown>) throw boom;
        },
        (error) => failures.push(error),
      ),
    );
    const peer = await RawPeer.open(server, '/read');
    peer.send({ opcode, fin: false, payload: 'bad' });
    await eventually(() => expect(failures).toEqual([boom]));
    peer.send({ opcode: OPCODES.continuation, payload: Buffer.alloc(100_000, 'r') }, { opcode, payload: 'good' });
    await eventually(() => expect(seen).toEqual(['good']));
    expect(failures).toHaveLength(1);
  });

  it('[ANN-18, LIF-6] two streams in a row keep their bytes and their order with a slow reader', async () => {
    const seen: string[] = [];
    const server = await start(
      endpoint(async (stream) => {
        let [size, turns] = [0, 0];
        let letters = '';
        for await (const chunk of stream as AsyncIterable<string | Buffer>) {
          size += chunk.length;
          const text = chunk.toString('latin1' as never);
          for (const letter of [text[0] as string, text.at(-1) as string]) if (!letters.endsWith(letter)) letters += letter;
          if (turns++ % 4 === 0) await sleep(3);
        }
        seen.push(`${letters} ${size}`);
      }),
    );
    const peer = await RawPeer.open(server, '/read');
    const size = 150_000;
    const message = (a: string, b: string) => [
      frame({ opcode, fin: false, payload: Buffer.alloc(size, a) }),
      frame({ opcode: OPCODES.continuation, payload: Buffer.alloc(size, b) }),
    ];
    peer.send(...message('a', 'b'), ...message('c', 'd'), ...message('e', 'f'));
    await eventually(() => expect(seen).toEqual([`ab ${2 * size}`, `cd ${2 * size}`, `ef ${2 * size}`]));
  });

  it('[LIF-7, LIF-6] pings are answered while a message is being read', async () => {
    const held = gate();
    const seen: string[] = [];
    const server = await start(
      endpoint(async (stream) => {
        seen.push('begin');
        await held.promise;
        seen.push(await all(stream));
      }),
    );
    const peer = await RawPeer.open(server, '/read');
    peer.send({ opcode, fin: false, payload: 'a' });
    await eventually(() => expect(seen).toEqual(['begin']));
    peer.send(
      { opcode: OPCODES.ping, payload: 'p' },
      { opcode: OPCODES.continuation, payload: 'b' },
      { opcode: OPCODES.ping, payload: 'q' },
    );
    expect(await peer.ponged(2)).toEqual(['p', 'q']);
    held.open();
    await eventually(() => expect(seen).toEqual(['begin', 'ab']));
  });

  it('[ANN-13, SES-21] what its handler returns is sent if it is declared, ignored if it is added', async () => {
    const server = await start(endpoint(async (stream) => `read ${(await all(stream)).length}`));
    const peer = await RawPeer.open(server, '/read');
    peer.send({ opcode, payload: 'four' }, { opcode: OPCODES.ping });
    await peer.ponged();
    const replies = endpoint === ENDPOINTS[0]?.[1] ? ['read 4'] : [];
    await eventually(() => expect(peer.texts).toEqual(replies));
  });
});

describe('a Reader', () => {
  it('[D-02, SES-28] never splits a character, whatever the fragments and chunks', async () => {
    const chunks: string[] = [];
    @ServerEndpoint('/characters')
    class Characters {
      @OnMessage async text(reader: Reader): Promise<string> {
        for await (const chunk of reader) chunks.push(chunk);
        return String(chunks.join('').length);
      }
    }
    const server = await start(Characters);
    const peer = await RawPeer.open(server, '/characters');
    const text = '你🐈é'.repeat(8000);
    const bytes = Buffer.from(text);
    const cuts = [0, 1, 2, 4, 5, 6, 8, 8195, 30_001, 50_003, bytes.length];
    for (let i = 1; i < cuts.length; i++) {
      const payload = bytes.subarray(cuts[i - 1], cuts[i]);
      peer.send({ opcode: i === 1 ? OPCODES.text : OPCODES.continuation, fin: i === cuts.length - 1, payload });
      await sleep(2);
    }
    expect(await peer.received(1)).toEqual([String(text.length)]);
    expect(chunks.join('') === text).toBe(true);
    expect(chunks.filter((chunk) => !chunk.isWellFormed())).toHaveLength(0);
    expect(chunks.length).toBeGreaterThan(5);
  });

  it('[PP-5] whose handler takes a path value that cannot be converted: every message is dropped with one onError, however long it is', async () => {
    const failures: string[] = [];
    @ServerEndpoint('/{code}')
    class Guarded {
      @OnMessage text(_reader: Reader, @PathParam('code', Int) _code: number): void {}

      @OnError error(error: Error): void {
        failures.push((error as Error & { code: string }).code);
      }
    }
    const server = await start(Guarded);
    const peer = await RawPeer.open(server, '/abc');
    for (let i = 1; i <= 2; i++) {
      peer.send({ opcode: OPCODES.text, fin: false, payload: 'begin' });
      await eventually(() => expect(failures).toHaveLength(i));
      for (let j = 0; j < 10; j++) peer.send({ opcode: OPCODES.continuation, fin: j === 9, payload: Buffer.alloc(100_000, 'x') });
    }
    peer.ping('after');
    expect(await peer.ponged()).toEqual(['after']);
    expect(failures).toEqual(['MARGAY_PATH_VALUE', 'MARGAY_PATH_VALUE']);
  });
});
