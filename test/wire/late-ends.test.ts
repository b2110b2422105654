/** What comes too late for a connection that is gone: its own close frame, the failures of callbacks nobody waits for. */
import { afterEach, expect, it, jest } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { closing, frame } from '../support/frames.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { type Started, start } from '../support/start.js';

async function upgraded({ port }: Started, path: string): Promise<RawPeer> {
  const peer = await RawPeer.connect({ port });
  peer.send(upgradeRequest(path));
  await peer.response();
  return peer;
}

afterEach(() => {
  jest.restoreAllMocks();
});

/** How many timers of that many ms are set and not cleared. */
function timersOf(ms: number): () => number {
  const set = jest.spyOn(globalThis, 'setTimeout');
  const cleared = jest.spyOn(globalThis, 'clearTimeout');
  return () => {
    const gone = new Set(cleared.mock.calls.map(([timer]) => timer));
    return set.mock.results.filter(({ value }, i) => set.mock.calls[i]?.[1] === ms && !gone.has(value as NodeJS.Timeout)).length;
  };
}

it('[LIF-13] a close frame whose turn comes after the connection has gone leaves no timer behind', async () => {
  const first = gate();
  const second = gate();
  const reasons: string[] = [];

  @ServerEndpoint('/slow')
  class Slow {
    @OnMessage()
    async message(_text: string, session: Session): Promise<void> {
      await first.promise;
      session.getBasicRemote().sendText('nobody reads this');
      await sleep(50);
      session.getBasicRemote().sendText('which is noticed now');
      await second.promise;
    }

    @OnClose()
    close(reason: CloseReason): void {
      reasons.push(String(reason));
    }
  }
  const server = await start(Slow, { closeTimeout: 60_000 });
  const left = timersOf(60_000);
  const peer = await upgraded(server, '/slow');
  peer.send(Buffer.concat([frame({ opcode: 1, payload: 'x' }), frame({ opcode: 8, payload: closing(1001) })]));
  peer.end();
  await sleep(20);
  peer.socket.destroy();
  first.open();
  await sleep(100);
  second.open();
  await eventually(() => expect(reasons).toEqual(['CloseReason[1001]']));
  expect(left()).toBe(0);
});

it('[LIF-6, LIF-13] what an abandoned @OnOpen or @OnClose throws later is logged; @OnError is not called after the end', async () => {
  const calls: string[] = [];

  @ServerEndpoint('/late')
  class Late {
    @OnOpen()
    async open(): Promise<void> {
      await sleep(200);
      throw new Error('late open');
    }

    @OnClose()
    async close(): Promise<void> {
      calls.push('close');
      await sleep(200);
      throw new Error('late close');
    }

    @OnError()
    error(error: Error): void {
      calls.push(error.message);
    }
  }
  const server = await start(Late, { closeTimeout: 50 });
  const peer = await upgraded(server, '/late');
  peer.end();
  await eventually(() => expect(server.log.filter(({ level }) => level === 'error').map(({ message }) => message)).toHaveLength(2));
  expect(server.log.filter(({ level }) => level === 'error').map(({ err }) => (err as Error).message)).toEqual(['late open', 'late close']);
  expect(calls).toEqual(['close']);
});

it('[CLO-11] that the close frame could not leave is told behind a running @OnClose, before the session is closed', async () => {
  const calls: string[] = [];

  @ServerEndpoint('/undelivered')
  class Undelivered {
    @OnMessage()
    message(_text: string, session: Session): void {
      void session.getBasicRemote().sendBinary(Buffer.alloc(20_000_000));
      void session.close();
    }

    @OnClose()
    async close(): Promise<void> {
      await sleep(50);
      calls.push('close');
    }

    @OnError()
    error(error: Error, session: Session): void {
      calls.push(error.name, session.getUserProperties().constructor.name);
    }
  }
  const server = await start(Undelivered);
  const peer = await upgraded(server, '/undelivered');
  peer.stopReading();
  peer.send(frame({ opcode: 1, payload: 'x' }));
  await sleep(20);
  peer.reset();
  await eventually(() => expect(calls).toEqual(['close', 'IOException', 'Map']));
});

it('[LIF-13] an @OnError that never settles after a lost connection is abandoned by its name', async () => {
  @ServerEndpoint('/stuck')
  class Stuck {
    @OnError()
    error(_error: Error): Promise<void> {
      return new Promise(() => {});
    }
  }
  const server = await start(Stuck, { closeTimeout: 50 });
  const peer = await upgraded(server, '/stuck');
  peer.reset();
  await eventually(() =>
    expect(server.log).toContainEqual(expect.objectContaining({ code: 'MARGAY_ABANDONED_CALLBACK', member: 'error' })),
  );
});
