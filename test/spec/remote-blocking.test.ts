/** Sends that block because the peer takes nothing, and how long they may. [REM-10, REM-12, EXT-2, EXT-6, LIF-10] */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Session, SocketTimeoutException } from 'margay';
import type { Sender } from '../../src/runtime/sender.js';
import { Settling } from '../../src/runtime/settling.js';
import type { SlowPeer } from '../../src/runtime/slow-peer.js';
import type { Channel } from '../../src/transport/spi.js';
import { LARGE, watch, withDeafPeer } from '../support/deaf-peer.js';
import { eventually, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { liveSession } from '../support/live-session.js';

const PROPERTY = 'org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT';
const expired = { name: 'SocketTimeoutException', code: 'MARGAY_SEND_TIMEOUT' };

describe('a peer that takes nothing', () => {
  it.each<[string, (session: Session) => Promise<void>]>([
    ['sendText', (session) => session.getBasicRemote().sendText('x'.repeat(LARGE))],
    ['sendBinary', (session) => session.getBasicRemote().sendBinary(Buffer.alloc(LARGE))],
    ['sendText of a part', (session) => session.getBasicRemote().sendText('x'.repeat(LARGE), false)],
    ['sendObject', (session) => session.getBasicRemote().sendObject('x'.repeat(LARGE))],
    ['flushBatch', (session) => {
      void session.getAsyncRemote().sendText('x'.repeat(LARGE));
      void session.getBasicRemote().setBatchingAllowed(true);
      void session.getBasicRemote().sendText('held');
      return session.getBasicRemote().flushBatch();
    }], // biome-ignore format: short
    ['sendPing', (session) => {
      void session.getAsyncRemote().sendText('x'.repeat(LARGE));
      return session.getBasicRemote().sendPing(Buffer.alloc(1));
    }], // biome-ignore format: short
  ])(
    '[REM-10, LIF-10, CLO-8] %s: SocketTimeoutException to the caller, to @OnError, then onClose(1006), and the socket goes',
    async (_name, send) => {
      const { session, client, trace } = await withDeafPeer({ blockingSendTimeout: 80 });
      const began = performance.now();
      const sent = watch(send(session));
      await eventually(() => expect(sent.state).toBe('failed'));
      expect(performance.now() - began).toBeGreaterThan(70);
      expect(sent.error).toBeInstanceOf(SocketTimeoutException);
      expect(sent.error).toMatchObject({ ...expired, message: expect.stringContaining(session.getId()) });
      await eventually(() => expect(trace).toEqual([sent.error, 1006]));
      expect(session.isOpen()).toBe(false);
      await sleep(100); // the close frame had 50 ms
      client.read();
      await client.ended();
    },
  );

  it('[REM-10, REM-9] a stream is destroyed with it', async () => {
    const { session } = await withDeafPeer({ blockingSendTimeout: 80 });
    const stream = session.getBasicRemote().getSendStream();
    const error = new Promise((resolve) => stream.once('error', resolve));
    stream.write(Buffer.alloc(LARGE));
    expect(await error).toMatchObject(expired);
  });

  it('[REM-10] 1001 is attempted on the wire', async () => {
    const { session, client } = await withDeafPeer({ blockingSendTimeout: 80, abnormalCloseSendTimeout: 5000 });
    const sent = watch(session.getBasicRemote().sendText('x'.repeat(LARGE)));
    await eventually(() => expect(sent.state).toBe('failed'));
    client.read();
    expect(await client.closeFrame()).toMatchObject({ code: 1001 });
  });

  it('[REM-10] what else waits then fails with the connection', async () => {
    const { session } = await withDeafPeer({ blockingSendTimeout: 80 });
    const other = watch(session.getAsyncRemote().sendText('x'.repeat(LARGE)));
    const sent = watch(session.getBasicRemote().sendText('x'));
    await eventually(() => expect(other.state).toBe('failed'));
    expect([sent.error, other.error]).toEqual([expect.objectContaining(expired), expect.objectContaining({ code: 'MARGAY_SEND_FAILED' })]);
  });

  it.each<[string, unknown]>([
    ['a number', 60],
    ['a numeric string', ' 60 '],
  ])('[EXT-2, REM-10] the session’s own property wins, as %s, and is read for each send', async (_name, value) => {
    const { session } = await withDeafPeer({ blockingSendTimeout: -1 });
    const basic = session.getBasicRemote();
    const before = watch(basic.sendText('x'.repeat(LARGE)));
    await sleep(120);
    expect(before.state).toBe('pending');
    session.getUserProperties().set(PROPERTY, value);
    const sent = watch(basic.sendText('x'));
    await eventually(() => expect(sent.error).toMatchObject(expired));
    await eventually(() => expect(before.error).toMatchObject({ code: 'MARGAY_SEND_FAILED' }));
  });

  it.each<[string, unknown]>([
    ['-1', -1],
    ['"-1"', '-1'],
    ['0', 0],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('[EXT-2, REM-10] %s is no limit', async (_name, value) => {
    const { session } = await withDeafPeer({ blockingSendTimeout: 40 });
    session.getUserProperties().set(PROPERTY, value);
    const sent = watch(session.getBasicRemote().sendText('x'.repeat(LARGE)));
    await sleep(150);
    expect([sent.state, session.isOpen()]).toEqual(['pending', true]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a blank', ' '],
    ['a word', 'soon'],
    ['true', true],
  ])('[EXT-2] %s is no number: the option holds', async (_name, value) => {
    const { session } = await withDeafPeer({ blockingSendTimeout: 40 });
    session.getUserProperties().set(PROPERTY, value);
    await expect(session.getBasicRemote().sendText('x'.repeat(LARGE))).rejects.toMatchObject(expired);
  });

  it('[REM-12] the Async view has its own limit, and what handlers return has none', async () => {
    const { session } = await withDeafPeer({ blockingSendTimeout: 40 });
    const sent = watch(session.getAsyncRemote().sendText('x'.repeat(LARGE)));
    const live = await liveSession({ blockingSendTimeout: 40, asyncSendTimeout: 40 }, { reply: () => 'x'.repeat(LARGE) });
    live.client.stopReading();
    live.client.send({ opcode: OPCODES.text, payload: 'x' });
    await sleep(200);
    expect([sent.state, session.isOpen(), live.session.isOpen(), live.heard]).toEqual(['pending', true, true, []]);
  });

  it('[EXT-6, REM-12] an async send that expires fails, and its connection is closed', async () => {
    const { session, client, trace } = await withDeafPeer();
    session.getAsyncRemote().setSendTimeout(50);
    const results: unknown[] = [];
    session.getAsyncRemote().sendObject('x'.repeat(LARGE), (result) => void results.push(result.getException()));
    await eventually(() => expect(results).toEqual([expect.objectContaining(expired)]));
    await eventually(() => expect(trace).toEqual([1006]));
    client.read();
    await client.ended();
  });
});

describe('the clock of a blocking send', () => {
  let lastWritten = 0;
  const stalled: Error[] = [];
  const channel = { bufferedAmount: 1_000_000, get lastWritten() { return lastWritten; } } as Channel; // biome-ignore format: short
  const session = { getId: () => 'id' } as unknown as Session;
  const settling = (blockingSendTimeout: number) =>
    new Settling({ session, properties: new Map(), settings: { highWaterMark: 0, strict: false, blockingSendTimeout }, logger: { debug() {} }, sendStalled: (error: Error) => stalled.push(error) } as unknown as Sender, channel, { from: 0, watch() {} } as SlowPeer); // biome-ignore format: short

  beforeEach(() => {
    jest.useFakeTimers();
    lastWritten = 0;
    stalled.length = 0;
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('[REM-10] does not count while the queue moves, however long that takes', async () => {
    const sent = watch(settling(1000).accepted(null));
    for (let i = 0; i < 50; i++) {
      await pass(900);
      lastWritten = performance.now();
    }
    expect(sent.state).toBe('pending');
    await pass(990);
    expect(sent.state).toBe('pending');
    await pass(20);
    expect(sent.state).toBe('failed');
    expect(stalled).toEqual([sent.error]);
  });

  it('[REM-10] begins with the send: what the peer did not take before is not held against it', async () => {
    const settle = settling(1000);
    await pass(5000);
    const sent = watch(settle.accepted(null));
    await pass(990);
    expect(sent.state).toBe('pending');
    await pass(20);
    expect(sent.state).toBe('failed');
  });

  it('[REM-10] stands still once the send has settled', async () => {
    const settle = settling(1000);
    const sent = watch(settle.accepted(null));
    (channel as { bufferedAmount: number }).bufferedAmount = 0;
    settle.drained();
    await pass(5000);
    expect([sent.state, stalled, jest.getTimerCount()]).toEqual(['sent', [], 0]);
  });

  it('[REM-10, EXT-2] 20 s by default', async () => {
    jest.useRealTimers();
    const { session: own } = await withDeafPeer({ slowPeer: { policy: 'wait' } }); // whose patience ends before
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const sent = watch(own.getBasicRemote().sendText('x'.repeat(LARGE)));
    await pass(19_900);
    const before = sent.state;
    await pass(200);
    jest.useRealTimers();
    expect([before, sent.state]).toEqual(['pending', 'failed']);
  });
});
