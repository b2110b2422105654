/**
 * Peers that vanish, half-open ones, and floods. [REL-1, REL-11, REL-13, LIF-11]
 * An uncaughtException or unhandledRejection need not be looked for: jest fails the test in which one is raised.
 */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { closing, frame, OPCODES } from '../support/frames.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { type Started, start } from '../support/start.js';

/** It still serves a good client, and nothing of the others is left. */
async function stillServes(started: Started, path = '/talk'): Promise<void> {
  await eventually(async () => {
    const peer = await RawPeer.open(started, path);
    peer.text('count');
    const [count] = await peer.received(1);
    peer.close(1000);
    await peer.finished();
    expect(count).toBe('1 open');
  });
}

describe('[REL-1] a reset', () => {
  const STAGES: readonly (readonly [string, (peer: RawPeer, opened: () => Promise<void>) => Promise<void>])[] = [
    ['before the request', async () => {}],
    ['in the middle of the request', async (peer) => peer.send(upgradeRequest('/talk').slice(0, 60))],
    ['right behind the request', async (peer) => peer.send(upgradeRequest('/talk'))],
    ['right behind a request that is refused', async (peer) => peer.send(upgradeRequest('/nowhere'))],
    [
      'right behind the 101',
      async (peer) => {
        peer.send(upgradeRequest('/talk'));
        await peer.response();
      },
    ],
    ...[
      ['in the middle of a frame header', frame({ opcode: OPCODES.text, payload: 'x'.repeat(300) }).subarray(0, 3)],
      ['in the middle of a payload', frame({ opcode: OPCODES.text, payload: 'x'.repeat(300) }).subarray(0, 100)],
      ['in the middle of a message', frame({ opcode: OPCODES.text, fin: false, payload: 'x' })],
      ['right behind a message', frame({ opcode: OPCODES.text, payload: 'count' })],
      ['while a handler runs', frame({ opcode: OPCODES.text, payload: 'wait' })],
      ['while much is being sent', frame({ opcode: OPCODES.text, payload: 'much' })],
      ['right behind a close frame', frame({ opcode: OPCODES.close, payload: closing(1000) })],
      ['right behind a frame that is wrong', frame({ opcode: 3 })],
      ['instead of an answer to our close frame', frame({ opcode: OPCODES.text, payload: 'close' })],
    ].map(
      ([what, bytes]) =>
        [
          what as string,
          async (peer: RawPeer, opened: () => Promise<void>) => {
            peer.send(upgradeRequest('/talk'));
            await opened();
            peer.send(bytes as Buffer);
            await sleep(10);
          },
        ] as const,
    ),
  ];

  it.each(STAGES)('%s costs nobody else anything', async (_when, act) => {
    let [opens, closes] = [0, 0];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(): void {
        opens++;
      }
      @OnMessage
      async text(message: string, session: Session): Promise<string | undefined> {
        if (message === 'wait') await sleep(50);
        if (message === 'much') for (let i = 0; i < 50; i++) void session.getAsyncRemote().sendBinary(Buffer.alloc(100_000));
        if (message === 'close') await session.close();
        return message === 'count' ? `${session.getOpenSessions().size} open` : undefined;
      }
      @OnClose
      close(): void {
        closes++;
      }
      @OnError
      error(_error: Error): void {}
    }
    const started = await start(Talk);
    const peer = await RawPeer.connect(started);
    await act(peer, () => eventually(() => expect(opens).toBe(1)));
    peer.reset();
    await stillServes(started);
    await eventually(() => expect(closes).toBe(opens));
  });
});

describe('[REL-1] a half-open peer', () => {
  it('[LIF-14] that ends its direction still gets what its messages are answered with', async () => {
    const closes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(message: string): Promise<string> {
        await sleep(30);
        return `late ${message}`;
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('one');
    peer.text('two');
    peer.end();
    await peer.closed();
    expect(peer.texts).toEqual(['late one', 'late two']);
    await eventually(() => expect(closes).toEqual([1006]));
  });

  it('that ends its direction in the handshake is not served and not kept', async () => {
    let opens = 0;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(): void {
        opens++;
      }
      @OnMessage
      text(_message: string, session: Session): string {
        return `${session.getOpenSessions().size} open`;
      }
    }
    const started = await start(Talk);
    const peer = await RawPeer.connect(started);
    peer.send(upgradeRequest('/talk').slice(0, 50));
    peer.end();
    await peer.closed();
    await stillServes(started);
    expect(opens).toBe(1); // the good client's
  });
});

describe('[REL-11] a flood', () => {
  it.each([
    ['pings', frame({ opcode: OPCODES.ping, payload: 'p' })],
    ['pongs', frame({ opcode: OPCODES.pong, payload: 'p' })],
    ['empty texts', frame({ opcode: OPCODES.text })],
    ['empty fragments', frame({ opcode: OPCODES.continuation, fin: false })],
    ['fragments of a byte', frame({ opcode: OPCODES.continuation, fin: false, payload: 'x' })],
  ])('of 100,000 %s delays nobody else for long', async (what, bytes) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string, session: Session): string | undefined {
        return message === 'count' ? `${session.getOpenSessions().size} open` : undefined;
      }
    }
    const started = await start(Talk);
    const bad = await RawPeer.open(started, '/talk');
    const good = await RawPeer.open(started, '/talk');
    if (what.includes('fragments')) bad.send({ opcode: OPCODES.text, fin: false });
    const packet = Buffer.alloc(bytes.length * 10_000, bytes);
    let worst = 0;
    for (let round = 1; round <= 10; round++) {
      bad.send(packet);
      const since = performance.now();
      good.text('count');
      await good.received(round);
      worst = Math.max(worst, performance.now() - since);
    }
    expect(worst).toBeLessThan(1000); // ms, with tests beside it on two cores; alone it is a tenth
    bad.reset();
    good.reset();
    await stillServes(started);
  });
});
