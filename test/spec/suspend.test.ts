/** Sessions that the application stops for a while. [EXT-1, SES-26] */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  IllegalArgumentException,
  InputStream,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PongMessage,
  resume,
  ServerContainer,
  ServerEndpoint,
  Session,
  suspend,
} from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, binary, continuation, close } = OPCODES;

type Act = (message: string, session: Session) => unknown;

/** A session that writes down what it is told, and does with each text what the test says. */
async function suspendable(act: Act = () => {}, options: Parameters<typeof start>[1] = {}) {
  const trace: unknown[] = [];
  let own: Session | undefined;
  @ServerEndpoint('/suspend')
  class Suspendable {
    @OnOpen open(session: Session): void {
      own = session;
    }

    @OnMessage async text(message: string, session: Session): Promise<void> {
      trace.push(message);
      await act(message, session);
    }

    @OnMessage async binary(stream: InputStream): Promise<void> {
      trace.push('stream');
      for await (const chunk of stream) trace.push(chunk.toString());
      trace.push('end');
    }

    @OnMessage pong(pong: PongMessage): void {
      trace.push(`pong ${pong.getApplicationData()}`);
    }

    @OnError error(error: Error): void {
      trace.push(error.message);
    }

    @OnClose close(reason: CloseReason): void {
      trace.push(reason.getCloseCode().getCode());
    }
  }
  const server = await start(Suspendable, options);
  const peer = await RawPeer.open(server, '/suspend');
  const session = await eventually(() => own ?? Promise.reject(new Error('not open')));
  const repeated = () => server.log.filter(({ code }) => code === 'MARGAY_SUSPENDED');
  return { ...server, peer, session, trace, repeated };
}

/** Time for whatever must not happen. */
const quiet = () => sleep(60);

describe('suspend(session)', () => {
  it('[EXT-1] takes effect behind the message that is being processed; what was read is kept, and comes first', async () => {
    const hold = gate();
    const on = await suspendable((message) => (message === '1' ? hold.promise : undefined));
    on.peer.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' }, { opcode: text, payload: '3' }, { opcode: OPCODES.ping });
    await on.peer.ponged(); // all of it has been read
    suspend(on.session);
    hold.open();
    on.peer.send({ opcode: text, payload: '4' }, { opcode: OPCODES.pong, payload: '5' });
    await quiet();
    expect(on.trace).toEqual(['1']);
    expect(on.session.isOpen()).toBe(true);
    resume(on.session);
    await eventually(() => expect(on.trace).toHaveLength(5));
    expect(on.trace.filter((each) => !String(each).startsWith('pong'))).toEqual(['1', '2', '3', '4']);
    on.peer.text('6');
    await eventually(() => expect(on.trace.at(-1)).toBe('6'));
    expect(on.repeated()).toEqual([]);
  });

  it('[EXT-1] called by a handler, or between two messages, stops the next one; sending goes on', async () => {
    const on = await suspendable((message, session) => message === 'stop' && suspend(session));
    for (let i = 0; i < 2; i++) {
      if (i === 0) on.peer.text('stop');
      else suspend(on.session);
      await eventually(() => expect(on.trace).toHaveLength(i + 1));
      on.peer.text('go');
      await quiet();
      expect(on.trace).toHaveLength(i + 1);
      await on.session.getBasicRemote().sendText('still there');
      await on.peer.received(i + 1);
      resume(on.session);
      await eventually(() => expect(on.trace).toEqual(['stop', 'go', 'go'].slice(0, i + 2)));
    }
  });

  it('[EXT-1] leaves what the peer sends unread: its pings wait behind its messages', async () => {
    const on = await suspendable();
    suspend(on.session);
    on.peer.send({ opcode: text, payload: 'a' }, { opcode: OPCODES.ping, payload: 'p' });
    await quiet();
    expect([on.trace, on.peer.pongs]).toEqual([[], []]);
    resume(on.session);
    expect(await on.peer.ponged()).toEqual(['p']);
    await eventually(() => expect(on.trace).toEqual(['a']));
  });

  it('[EXT-1] in @OnOpen holds the first message', async () => {
    const trace: string[] = [];
    let own: Session | undefined;
    @ServerEndpoint('/opening')
    class Opening {
      @OnOpen open(session: Session): Promise<void> {
        own = session;
        suspend(session);
        return sleep(20);
      }

      @OnMessage text(message: string): void {
        trace.push(message);
      }
    }
    const server = await start(Opening);
    await RawPeer.open(server, '/opening', { behind: [{ opcode: text, payload: 'first' }] });
    await eventually(() => expect(own).toBeDefined());
    await quiet();
    expect(trace).toEqual([]);
    resume(own as Session);
    await eventually(() => expect(trace).toEqual(['first']));
  });

  it('[EXT-1] between two parts holds the second', async () => {
    const trace: string[] = [];
    let own: Session | undefined;
    @ServerEndpoint('/parts')
    class Parts {
      @OnMessage text(part: string, _last: boolean, session: Session): void {
        trace.push(part);
        own = session;
        if (part === 'a') suspend(session);
      }
    }
    const peer = await RawPeer.open(await start(Parts), '/parts');
    peer.send({ opcode: text, fin: false, payload: 'a' }, { opcode: continuation, payload: 'b' });
    await quiet();
    expect(trace).toEqual(['a']);
    resume(own as Session);
    await eventually(() => expect(trace).toEqual(['a', 'b']));
  });

  it('[EXT-1] while a stream is half read lets it be read to its end, and holds what follows', async () => {
    const on = await suspendable();
    on.peer.send({ opcode: binary, fin: false, payload: 'a' });
    await eventually(() => expect(on.trace).toEqual(['stream', 'a']));
    suspend(on.session);
    on.peer.send({ opcode: continuation, fin: false, payload: 'b' });
    await eventually(() => expect(on.trace).toEqual(['stream', 'a', 'b']));
    on.peer.send({ opcode: continuation, payload: 'c' }, { opcode: text, payload: 'next' }, { opcode: OPCODES.ping });
    await eventually(() => expect(on.trace).toEqual(['stream', 'a', 'b', 'c', 'end']));
    await quiet();
    expect([on.trace.length, on.peer.pongs]).toEqual([5, []]);
    resume(on.session);
    await on.peer.ponged();
    await eventually(() => expect(on.trace.at(-1)).toBe('next'));
  });

  it('[EXT-1] before the handler of a stream was called holds the call, whether the message is complete or not', async () => {
    const hold = gate();
    const on = await suspendable(() => hold.promise);
    on.peer.send({ opcode: text, payload: 'first' }, { opcode: binary, fin: false, payload: 'a' });
    await eventually(() => expect(on.trace).toEqual(['first']));
    suspend(on.session);
    hold.open();
    await quiet();
    expect(on.trace).toEqual(['first']);
    resume(on.session);
    await eventually(() => expect(on.trace).toEqual(['first', 'stream', 'a']));
    suspend(on.session);
    on.peer.send({ opcode: continuation, payload: 'b' }, { opcode: binary, payload: 'c' });
    await eventually(() => expect(on.trace.at(-1)).toBe('end'));
    await quiet();
    expect(on.trace).toEqual(['first', 'stream', 'a', 'b', 'end']);
    resume(on.session);
    await eventually(() => expect(on.trace.slice(5)).toEqual(['stream', 'c', 'end']));
  });

  it('[EXT-1] and resume(session), repeated, only log', async () => {
    const on = await suspendable();
    resume(on.session);
    suspend(on.session);
    suspend(on.session);
    on.peer.text('a');
    await quiet();
    expect(on.trace).toEqual([]);
    expect(on.repeated()).toHaveLength(2);
    resume(on.session); // one is enough
    await eventually(() => expect(on.trace).toEqual(['a']));
    resume(on.session);
    const lines = on.repeated();
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn']);
    expect(lines.map(({ session }) => session)).toEqual(Array(3).fill(on.session.getId()));
    expect(lines.map(({ message }) => message.slice(0, message.indexOf('(')))).toEqual(['resume', 'suspend', 'resume']);
  });

  it('[EXT-1] that is taken back at once has never been', async () => {
    const on = await suspendable((_message, session) => {
      suspend(session);
      resume(session);
      suspend(session);
      resume(session);
    });
    on.peer.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' });
    await eventually(() => expect(on.trace).toEqual(['1', '2']));
    expect(on.repeated()).toEqual([]);
  });

  it('[SES-26] takes a session of this container, and nothing else', () => {
    for (const none of [null, undefined, {}, 'session']) {
      expect(() => suspend(none as never)).toThrow(IllegalArgumentException);
      expect(() => resume(none as never)).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
    }
  });
});

describe('a suspended session', () => {
  it('[EXT-1] that is closed here ends: what was kept is dropped, @OnClose runs, and TCP goes after the close timeout', async () => {
    const on = await suspendable((message, session) => message === 'stop' && suspend(session), { closeTimeout: 200, lingerTimeout: 100 });
    on.peer.send({ opcode: text, payload: 'stop' }, { opcode: text, payload: 'kept' });
    await eventually(() => expect(on.trace).toEqual(['stop']));
    void on.session.close();
    expect(await on.peer.closeFrame()).toEqual({ code: 1000, phrase: '' });
    await eventually(() => expect(on.trace).toEqual(['stop', 1000]));
    await on.peer.ended(); // our answer never comes
  });

  it('[EXT-1] that is closed here hears the answer of the peer', async () => {
    const on = await suspendable();
    suspend(on.session);
    on.peer.text('unread');
    void on.session.close();
    await on.peer.closeFrame();
    const asked = performance.now();
    on.peer.close(1000);
    await on.peer.finished();
    expect(performance.now() - asked).toBeLessThan(5000); // and not the close timeout
    await eventually(() => expect(on.trace).toEqual([1000]));
  });

  it("[EXT-1, CLO-4] reads the peer's close frame when it goes on, behind what was kept", async () => {
    const on = await suspendable();
    suspend(on.session);
    on.peer.text('a');
    on.peer.close(4001, 'bye');
    await quiet();
    expect(on.session.isOpen()).toBe(true);
    resume(on.session);
    expect(await on.peer.closeFrame()).toEqual({ code: 4001, phrase: 'bye' });
    await eventually(() => expect(on.trace).toEqual(['a', 4001]));
  });

  it.each<[string, (peer: RawPeer) => void, unknown[]]>([
    ["the peer's close frame, read before its turn", (peer) => peer.close(4001), [4001]],
    ['the end of the stream', (peer) => peer.end(), [1006]],
    ['a reset', (peer) => peer.reset(), [expect.any(String), 1006]],
  ])('[EXT-1, LIF-13] ends by %s after the close timeout at most', async (_what, leave, ends) => {
    const on = await suspendable(() => {}, { closeTimeout: 200, lingerTimeout: 100 });
    suspend(on.session);
    leave(on.peer);
    await eventually(() => expect(on.trace).toEqual(ends));
    suspend(on.session); // of no effect, and not logged
    resume(on.session);
    expect(on.repeated()).toEqual([]);
  });

  it('[EXT-1, CLO-13] ends when its socket is gone without a word, behind what was kept', async () => {
    const trace: unknown[] = [];
    const hold = gate();
    let own: Session | undefined;
    @ServerEndpoint('/gone')
    class Gone {
      @OnMessage async text(message: string, session: Session): Promise<void> {
        own = session;
        trace.push(message);
        if (message === '1') await hold.promise;
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(reason.getCloseCode().getCode());
      }
    }
    const container = new ServerContainer({
      closeTimeout: 500,
      shutdownTimeout: 500,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    await container.addEndpoint(Gone);
    const server = createServer();
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    await container.attach(server);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const peer = await RawPeer.open({ port: (server.address() as AddressInfo).port }, '/gone');
      peer.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' });
      await eventually(() => expect(trace).toEqual(['1']));
      suspend(own as Session);
      hold.open();
      await quiet();
      for (const socket of sockets) socket.destroy();
      await eventually(() => expect(trace).toEqual(['1', '2', 1006]));
    } finally {
      server.close();
      await container.close();
    }
  });

  it('[EXT-1, CLO-14] ends with the container', async () => {
    const on = await suspendable();
    suspend(on.session);
    on.peer.send({ opcode: text, payload: 'kept' });
    const closing = on.container.close();
    expect((await on.peer.closeFrame())?.code).toBe(1001);
    on.peer.close(1001);
    on.peer.end();
    await closing;
    expect(on.trace).toEqual([1001]);
  });

  it('[EXT-1] while the peer is in the middle of a stream ends by its close frame, and the stream fails', async () => {
    const on = await suspendable(() => {}, { closeTimeout: 300 });
    on.peer.send({ opcode: binary, fin: false, payload: 'a' });
    await eventually(() => expect(on.trace).toEqual(['stream', 'a']));
    suspend(on.session);
    on.peer.send({ opcode: close, payload: Buffer.from([0x0f, 0xa1]) });
    await eventually(() => expect(on.trace).toEqual(['stream', 'a', expect.stringMatching(/cut off/), 4001]));
  });

  it('[EXT-1, LIF-13] is not made of one whose socket is gone: its @OnClose runs when the handler has settled', async () => {
    const hold = gate();
    const on = await suspendable(() => hold.promise, { closeTimeout: 100_000 });
    on.peer.text('1');
    await eventually(() => expect(on.trace).toEqual(['1']));
    on.peer.socket.destroy();
    await eventually(async () => {
      const [outcome] = await Promise.allSettled([on.session.getBasicRemote().sendText('x')]);
      expect(outcome?.status).toBe('rejected');
    });
    suspend(on.session);
    hold.open();
    await eventually(() => expect(on.trace).toEqual(['1', 1006]));
  });
});
