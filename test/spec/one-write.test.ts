/** What a turn of the event loop sends: encoded once for all, one write for each. [D-26, REL-10] */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { broadcast, OnMessage, PathParam, ServerEndpoint, Session } from 'margay';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

/** As every Java example writes it. */
@ServerEndpoint('/loop/{room}')
class Loop {
  @OnMessage
  text(message: string, session: Session, @PathParam('room') room: string): void {
    for (const peer of session.getOpenSessions()) void peer.getBasicRemote().sendText(`${room}: ${message}`);
  }

  @OnMessage
  bytes(message: Buffer, session: Session): void {
    for (const peer of session.getOpenSessions()) void peer.getBasicRemote().sendBinary(message);
  }
}

@ServerEndpoint('/call/{room}')
class Call {
  @OnMessage
  async text(message: string, session: Session, @PathParam('room') room: string): Promise<void> {
    await broadcast(session.getOpenSessions(), `${room}: ${message}`);
  }
}

@ServerEndpoint('/answers')
class Answers {
  @OnMessage
  async text(message: string, session: Session): Promise<string> {
    for (let i = 0; i < 20; i++) await session.getBasicRemote().sendText(`${message} ${i}`);
    await session.getAsyncRemote().sendPing(Buffer.from('still there?'));
    return 'done';
  }
}

const MEMBERS = 30;
const MESSAGES = 5;

afterEach(() => void jest.restoreAllMocks());

/** What the server does from now on. */
function watching(servers: ReadonlySet<number>) {
  const written: number[] = [];
  const { write } = Socket.prototype;
  jest.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args: Parameters<typeof write>): boolean {
    const [chunk] = args;
    const to = this.remotePort ?? 0;
    if (servers.has(to) && chunk.length > 0) written.push(to);
    return Reflect.apply(write, this, args);
  } as typeof write);
  const encoded = jest.spyOn(Buffer.prototype, 'write');
  return { written, encoded };
}

const { text, binary, ping } = OPCODES;
const each = <T>(make: (i: number) => T): T[] => Array.from({ length: MESSAGES }, (_, i) => make(i));

describe('[D-26, REL-10] several messages to everybody in one turn', () => {
  it.each([
    ['the loop over getOpenSessions()', Loop, '/loop/blue'],
    ['broadcast()', Call, '/call/blue'],
  ] as const)('%s: each is encoded once, and every peer gets one write', async (_what, endpoint, path) => {
    const started = await start(endpoint);
    const peers = await Promise.all(Array.from({ length: MEMBERS }, () => RawPeer.open(started, path)));
    const { written, encoded } = watching(new Set(peers.map(({ socket }) => socket.localPort as number)));
    peers[0]?.send(...each((i) => ({ opcode: text, payload: `message ${i}` })));
    for (const peer of peers) expect(await peer.received(MESSAGES)).toEqual(each((i) => `blue: message ${i}`));
    expect(encoded.mock.calls.filter(([payload]) => String(payload).startsWith('blue: '))).toHaveLength(MESSAGES);
    expect(written).toHaveLength(MEMBERS);
    expect(new Set(written).size).toBe(MEMBERS);
  });

  it('bytes in the loop are copied once for all', async () => {
    const started = await start(Loop);
    const peers = await Promise.all(Array.from({ length: MEMBERS }, () => RawPeer.open(started, '/loop/blue')));
    const { written } = watching(new Set(peers.map(({ socket }) => socket.localPort as number)));
    const copied = jest.spyOn(Buffer.prototype, 'set');
    peers[0]?.send(...each((i) => ({ opcode: binary, payload: `bytes ${i}` })));
    for (const peer of peers) {
      while (peer.frames.length < MESSAGES) await once(peer.socket, 'data');
      expect(peer.frames.map(({ payload }) => payload.toString())).toEqual(each((i) => `bytes ${i}`));
    }
    expect(
      copied.mock.calls.filter(([bytes]) =>
        Buffer.from(bytes as Uint8Array)
          .toString()
          .startsWith('bytes '),
      ),
    ).toHaveLength(MESSAGES);
    expect(written).toHaveLength(MEMBERS);
  });
});

it('[D-26] awaited sends, a ping, a pong and the reply of one turn are one write', async () => {
  const started = await start(Answers);
  const peer = await RawPeer.open(started, '/answers');
  const { written } = watching(new Set([peer.socket.localPort as number]));
  peer.send({ opcode: text, payload: 'answer' }, { opcode: ping, payload: 'there?' });
  const answers = Array.from({ length: 20 }, (_, i) => `answer ${i}`);
  expect(await peer.received(21)).toEqual([...answers, 'done']);
  expect(peer.pongs).toEqual(['there?']);
  expect(written).toHaveLength(1);
});
