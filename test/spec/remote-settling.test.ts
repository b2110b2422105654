/** When a send settles, and how. [REM-5, REM-7, REM-11 … REM-13] */
import { describe, expect, it } from '@jest/globals';
import { IllegalArgumentException, OnMessage, OnOpen, SendResult, ServerEndpoint, Session, SocketTimeoutException } from 'margay';
import { LARGE, MiB, watch, withDeafPeer } from '../support/deaf-peer.js';
import { eventually, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('settling', () => {
  it('[REM-7] below the high-water mark a send settles at once, above it when the queue has drained', async () => {
    const { session, client } = await withDeafPeer();
    const basic = session.getBasicRemote();
    const small = watch(basic.sendText('small'));
    await Promise.resolve();
    await Promise.resolve();
    expect(small.state).toBe('sent');
    const large = watch(basic.sendText('x'.repeat(LARGE)));
    const behind = watch(basic.sendText('behind'));
    const bytes = watch(session.getAsyncRemote().sendBinary(Buffer.alloc(1)));
    const ping = watch(basic.sendPing(Buffer.alloc(1)));
    await sleep(80);
    for (const each of [large, behind, bytes, ping]) expect(each.state).toBe('pending');
    client.read();
    await eventually(() => expect([large, behind, bytes, ping].map(({ state }) => state)).toEqual(Array(4).fill('sent')));
  });

  it('[REM-7] the mark is 64 KiB by default', async () => {
    const { session } = await withDeafPeer();
    const basic = session.getBasicRemote();
    const below = watch(basic.sendText('x'.repeat(65_000)));
    const above = watch(basic.sendText('x'.repeat(1000)));
    await Promise.resolve();
    await Promise.resolve();
    expect([below.state, above.state]).toEqual(['sent', 'pending']);
  });

  it('[REM-7] the option highWaterMark moves it', async () => {
    const { session } = await withDeafPeer({ highWaterMark: 1000 });
    const basic = session.getBasicRemote();
    const below = watch(basic.sendText('x'.repeat(900)));
    const above = watch(basic.sendText('x'.repeat(200)));
    await Promise.resolve();
    await Promise.resolve();
    expect([below.state, above.state]).toEqual(['sent', 'pending']);
    await eventually(() => expect(above.state).toBe('sent'));
  });

  it.each(['whole', 'part', 'async'])(
    '[REM-7, REM-5] bytes above 16 KiB settle only when the socket took the last one, below the mark too: %s',
    async (how) => {
      const { session, client } = await withDeafPeer({ highWaterMark: 2 * LARGE });
      const basic = session.getBasicRemote();
      await basic.sendText('x'.repeat(LARGE)); // below the mark
      const bytes = Buffer.alloc(16 * 1024 + 1, 7);
      const send = {
        whole: () => basic.sendBinary(bytes),
        part: () => basic.sendBinary(bytes, true),
        async: () => session.getAsyncRemote().sendBinary(bytes),
      };
      const uncopied = watch(send[how as keyof typeof send]());
      const copied = watch(basic.sendBinary(Buffer.alloc(16 * 1024)));
      await sleep(60);
      expect([uncopied.state, copied.state]).toEqual(['pending', 'sent']);
      client.read();
      await eventually(() => expect(uncopied.state).toBe('sent'));
      bytes.fill(0); // ours again
      await eventually(() => expect(client.bytes.length).toBeGreaterThan(LARGE + 32 * 1024));
      const [, got] = client.frames;
      expect(got?.payload.every((byte) => byte === 7)).toBe(true);
    },
  );

  it('[REM-7] what a handler returns is given away: large bytes keep nobody waiting below the mark', async () => {
    const got: string[] = [];
    @ServerEndpoint('/gives')
    class Gives {
      @OnMessage text(message: string): Buffer {
        got.push(message);
        return Buffer.alloc(MiB);
      }
    }
    const { port } = await start(Gives, { highWaterMark: 4 * LARGE });
    const client = await RawPeer.open({ port }, '/gives');
    client.stopReading();
    const asked = Array.from({ length: 16 }, (_, i) => String(i));
    client.send(...asked.map((payload) => ({ opcode: OPCODES.text, payload })));
    await eventually(() => expect(got).toEqual(asked));
  });

  it('[REM-17] a send that succeeds at once allocates no promise of its own', async () => {
    const { session } = await withDeafPeer();
    const basic = session.getBasicRemote();
    expect(basic.sendText('a')).toBe(basic.sendPing(Buffer.alloc(1)));
    expect(basic.sendText('b', false)).toBe(session.getAsyncRemote().sendPong(Buffer.alloc(1)));
  });
});

describe('the async remote', () => {
  it('[REM-11] without a handler: a promise of nothing', async () => {
    const { session } = await withDeafPeer();
    expect(await session.getAsyncRemote().sendText('x')).toBeUndefined();
    expect(await session.getAsyncRemote().sendBinary(Buffer.alloc(1))).toBeUndefined();
  });

  it.each(['function', 'SendHandler'])(
    '[REM-11, REM-13, GEN-2, D-35] with a %s: nothing is returned, and it is told once, later',
    async (form) => {
      const { session } = await withDeafPeer();
      const results: SendResult[] = [];
      const owners: unknown[] = [];
      const object = {
        onResult(result: SendResult): void {
          owners.push(this);
          results.push(result);
        },
      };
      const handler = form === 'function' ? (result: SendResult) => void results.push(result) : object;
      expect(session.getAsyncRemote().sendText('x', handler)).toBeUndefined();
      expect(session.getAsyncRemote().sendBinary(Buffer.alloc(1), handler)).toBeUndefined();
      expect(results).toEqual([]); // not inside the call
      await eventually(() => expect(results).toHaveLength(2));
      await turn();
      expect(results).toHaveLength(2);
      for (const result of results) {
        expect(result).toBeInstanceOf(SendResult);
        expect([result.isOK(), result.getException(), result.getSession()]).toEqual([true, null, session]);
      }
      if (form === 'SendHandler') expect(owners).toEqual([object, object]);
    },
  );

  it('[REM-13] the next send may be started from inside the handler', async () => {
    @ServerEndpoint('/chain')
    class Chain {
      @OnOpen open(session: Session): void {
        let left = 5;
        const next = (): void => {
          if (left > 0) session.getAsyncRemote().sendText(String(left--), next);
        };
        next();
      }
    }
    const { dial } = await start(Chain, { strict: true });
    expect(await (await dial('/chain')).take(5)).toEqual(['5', '4', '3', '2', '1']);
  });

  it('[REM-12] the send timeout is the container’s at first, -1, and can be set', async () => {
    const seen: number[] = [];
    @ServerEndpoint('/timeout')
    class Timeout {
      @OnOpen open(session: Session): void {
        const async = session.getAsyncRemote();
        seen.push(async.getSendTimeout());
        async.setSendTimeout(1234);
        seen.push(session.getAsyncRemote().getSendTimeout());
      }
    }
    const { container, dial } = await start(Timeout);
    await dial('/timeout');
    container.setAsyncSendTimeout(5678);
    await dial('/timeout');
    expect(seen).toEqual([-1, 1234, 5678, 1234]);
  });

  it('[REM-12, REM-4] what is no number is IllegalArgumentException', async () => {
    const { session } = await withDeafPeer();
    for (const wrong of [Number.NaN, '5', null, undefined]) {
      expect(() => session.getAsyncRemote().setSendTimeout(wrong as number)).toThrow(IllegalArgumentException);
    }
    expect(session.getAsyncRemote().getSendTimeout()).toBe(-1);
  });

  it.each(['promise', 'handler', 'bytes'])(
    '[REM-12, EXT-6] a peer that does not read: SocketTimeoutException through the %s, then the connection is dropped',
    async (form) => {
      const { session, trace, client } = await withDeafPeer({ asyncSendTimeout: 80 });
      const async = session.getAsyncRemote();
      let error: unknown;
      const began = performance.now();
      if (form === 'promise') async.sendText('x'.repeat(LARGE)).catch((each: unknown) => { error = each; }); // biome-ignore format: one line
    else if (form === 'bytes') async.sendBinary(Buffer.alloc(LARGE)).catch((each: unknown) => { error = each; }); // biome-ignore format: one line
    else async.sendText('x'.repeat(LARGE), (result) => { error = result.getException(); }); // biome-ignore format: one line
      await eventually(() => expect(error).toBeDefined());
      expect(performance.now() - began).toBeGreaterThan(70);
      expect(error).toBeInstanceOf(SocketTimeoutException);
      expect(error).toMatchObject({ code: 'MARGAY_SEND_TIMEOUT', message: expect.stringContaining(session.getId()) });
      await eventually(() => expect(trace).toEqual([1006])); // no @OnError [LIF-10]
      expect(session.isOpen()).toBe(false);
      client.read();
      await client.ended();
      expect(client.frames.filter(({ opcode }) => opcode === OPCODES.close)).toEqual([]);
    },
  );

  it('[REM-12] applies to sends started later, and not to those of the other remote', async () => {
    const { session } = await withDeafPeer();
    const before = watch(session.getAsyncRemote().sendText('x'.repeat(LARGE)));
    session.getAsyncRemote().setSendTimeout(40);
    const basic = watch(session.getBasicRemote().sendText('x'));
    await sleep(150);
    expect([before.state, basic.state, session.isOpen()]).toEqual(['pending', 'pending', true]);
    await expect(session.getAsyncRemote().sendText('x')).rejects.toBeInstanceOf(SocketTimeoutException);
    await eventually(() => expect([before.state, basic.state]).toEqual(['failed', 'failed']));
    expect(before.error).toMatchObject({ code: 'MARGAY_SEND_FAILED' });
  });

  it.each([0, -1, Infinity, 2 ** 40])('[REM-12] a timeout of %p ends no send before its time', async (ms) => {
    const { session, client } = await withDeafPeer();
    session.getAsyncRemote().setSendTimeout(ms);
    const sent = watch(session.getAsyncRemote().sendText('x'.repeat(LARGE)));
    await sleep(60);
    expect(sent.state).toBe('pending');
    client.read();
    await eventually(() => expect(sent.state).toBe('sent'));
    expect(session.isOpen()).toBe(true);
  });

  it('[REM-12] a send that was taken in time is not ended afterwards', async () => {
    const { session, client } = await withDeafPeer();
    session.getAsyncRemote().setSendTimeout(1500);
    const text = watch(session.getAsyncRemote().sendText('x'.repeat(LARGE)));
    const bytes = watch(session.getAsyncRemote().sendBinary(Buffer.alloc(MiB)));
    client.read();
    await eventually(() => expect([text.state, bytes.state]).toEqual(['sent', 'sent']));
    await sleep(1550);
    expect(session.isOpen()).toBe(true);
  });
});
