/**
 * Thousands of spoilt streams: the server serves, and nothing of them is left. [REL-1, REL-14, LIF-11]
 * An uncaughtException or unhandledRejection need not be looked for: jest fails the test in which one is raised.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { type ContainerOptions, OnClose, OnError, OnMessage, OnOpen, type ServerContainer, ServerEndpoint, Session, serve } from 'margay';
import { ticker } from '../../src/runtime/ticker.js';
import { eventually, sleep } from '../support/eventually.js';
import { closing, frame, OPCODES } from '../support/frames.js';
import { backTo, handles } from '../support/handles.js';
import { mutated, pieces, type Random, randomOf } from '../support/mutations.js';
import { randomFrom, randomStream } from '../support/random-streams.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { squeezed } from '../support/squeezing.js';

const { continuation, text, binary, close, ping, pong } = OPCODES;
const { MARGAY_SEED, FUZZ_SEED } = process.env;
const seed = Number(MARGAY_SEED ?? FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const STREAMS = 1600;
const AT_ONCE = 80;

const REQUEST = Buffer.from(upgradeRequest('/talk', ['Sec-WebSocket-Extensions: permessage-deflate']));
const GOOD: readonly Buffer[] = [
  [
    { opcode: text, payload: 'hello' },
    { opcode: binary, fin: false, payload: Buffer.alloc(200, 7) },
    { opcode: ping, payload: 'ping' },
    { opcode: continuation, payload: Buffer.alloc(130, 8) },
    { opcode: text, payload: 'wait 你好' },
    { opcode: text, rsv: 4, payload: squeezed('hello') },
    { opcode: close, payload: closing(1000, 'bye') },
  ],
  [
    { opcode: text, rsv: 4, fin: false, payload: squeezed('好'.repeat(3000)).subarray(0, 20) },
    { opcode: pong },
    { opcode: continuation, payload: squeezed('好'.repeat(3000)).subarray(20) },
    { opcode: binary, rsv: 4, payload: squeezed(Buffer.alloc(100_000)) },
    { opcode: text, payload: 'fail' },
  ],
  [
    { opcode: text, payload: 'wait' },
    ...Array.from({ length: 30 }, (_, i) => ({ opcode: text, payload: `message ${i}` })),
    { opcode: text, payload: 'close' },
    { opcode: close },
  ],
  [
    { opcode: binary, payload: Buffer.alloc(9000, 1), headerSize: 10 as const },
    { opcode: text, payload: 'much' },
    { opcode: close, payload: closing(4000) },
  ],
].map((frames) => Buffer.concat(frames.map(frame)));

interface Count {
  opens: number;
  closes: number;
}

function endpoint(count: Count) {
  @ServerEndpoint('/talk')
  class Talk {
    @OnOpen
    open(): void {
      count.opens++;
    }
    @OnMessage
    async text(message: string, session: Session): Promise<string | undefined> {
      if (message.startsWith('w')) await sleep(1);
      if (message === 'fail') throw new Error('failed');
      if (message === 'close') await session.close();
      if (message === 'much') void session.getAsyncRemote().sendBinary(Buffer.alloc(300_000));
      return message === 'count' ? `${session.getOpenSessions().size} open` : message;
    }
    @OnMessage
    binary(part: Buffer, _last: boolean): Buffer {
      return part;
    }
    @OnClose
    close(): void {
      count.closes++;
    }
    @OnError
    error(_error: Error): void {}
  }
  return Talk;
}

/** One client from its first byte to its end. */
async function attack(port: number, random: Random): Promise<void> {
  const good =
    random() < 0.15
      ? randomStream(randomFrom(Math.floor(random() * 2 ** 31)), { masked: true, deflate: squeezed })
      : GOOD[Math.floor(random() * GOOD.length)];
  const spoilsRequest = random() < 0.1;
  const bytes = Buffer.concat(spoilsRequest ? [mutated(REQUEST, random), good as Buffer] : [REQUEST, mutated(good as Buffer, random)]);
  const [manner, isDeaf, cuts] = [random(), random() < 0.1, pieces(bytes, random)];
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
  const gone = new Promise((resolve) => socket.on('close', resolve));
  if (!isDeaf) socket.resume();
  for (const piece of cuts) {
    if (!socket.writable) break;
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (manner < 0.3 || isDeaf) socket.resetAndDestroy();
  else socket.end();
  await gone;
}

const OPTIONS: ContainerOptions = {
  perMessageDeflate: true,
  closeTimeout: 20_000, // what waits so long is left
  lingerTimeout: 20_000,
  maxTextMessageBufferSize: 10_000,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
};

interface House {
  readonly container: ServerContainer;
  readonly server: Server | null;
  readonly port: number;
}

const HOUSES: readonly (readonly [string, (count: Count) => Promise<House>])[] = [
  [
    'that listens',
    async (count) => {
      const container = await serve({ ...OPTIONS, endpoints: [endpoint(count)], port: 0, host: '127.0.0.1' });
      return { container, server: null, port: Number(new URL(container.url).port) };
    },
  ],
  [
    'attached to a server',
    async (count) => {
      const server = createServer((_request, response) => response.end('page'));
      const container = await serve({ ...OPTIONS, endpoints: [endpoint(count)], server });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { container, server, port: (server.address() as AddressInfo).port };
    },
  ],
];

it.each(HOUSES)(
  `[REL-1, REL-14, LIF-11] ${STREAMS} mutations of good streams, seed ${seed}, to a container %s: it serves on, and no session, connection, socket or timer is left`,
  async (_what, open) => {
    const nothing = handles();
    const count: Count = { opens: 0, closes: 0 };
    const { container, server, port } = await open(count);
    const before = handles();
    const random = randomOf(server === null ? seed : seed + 1);
    const worker = async (): Promise<void> => {
      for (let i = 0; i < STREAMS / AT_ONCE; i++) await attack(port, random);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await eventually(() => expect(count.closes).toBe(count.opens));
    const peer = await RawPeer.open({ port }, '/talk');
    peer.text('count');
    expect(await peer.received(1)).toEqual(['1 open']);
    peer.close(1000);
    await peer.finished();
    await eventually(() => expect(count.closes).toBe(count.opens));
    expect(count.opens).toBeGreaterThan(STREAMS / 2);
    if (server !== null) {
      await eventually(async () => {
        expect(await new Promise((resolve) => server.getConnections((_error, connections) => resolve(connections)))).toBe(0);
      });
    }
    await backTo(before);
    await container.close();
    server?.close();
    await backTo(nothing);
    expect(ticker.size).toBe(0); // its timer keeps nothing alive, so it is no handle
  },
  60_000,
);
