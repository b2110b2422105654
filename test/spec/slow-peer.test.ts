/** Peers that do not take what they are sent: what is done about it. [REL-10] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  type ContainerOptions,
  OnClose,
  OnOpen,
  type RemoteEndpoint,
  ServerEndpoint,
  Session,
  type SlowPeerPolicy,
  statistics,
} from 'margay';
import { MiB, stuff, watch, withDeafPeer } from '../support/deaf-peer.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { OPCODES } from '../support/frames.js';
import { liveSession } from '../support/live-session.js';
import { held } from '../support/memory.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Line, start } from '../support/start.js';

withFastSeconds();

const SLOW = { name: 'IOException', code: 'MARGAY_SLOW_PEER' };
/** The peer's time ends soon. */
const IMPATIENT = { mark: 100_000, patience: 100, cap: 64 * MiB };
/** Little may wait, for any time. */
const FULL = { mark: 100_000, patience: 60_000, cap: 300_000 };

const lines = (log: readonly Line[]) => log.filter(({ code }) => code === 'MARGAY_SLOW_PEER').map(({ level, policy }) => [level, policy]);

/** What `onSlowPeer` was told. */
function told() {
  const cases: [Session, SlowPeerPolicy, boolean][] = [];
  const onSlowPeer = (session: Session, policy: SlowPeerPolicy) => void cases.push([session, policy, session.isOpen()]);
  return { cases, onSlowPeer };
}

describe('close', () => {
  let basic: RemoteEndpoint.Basic;
  const ROWS: readonly [string, ContainerOptions, (session: Session) => Promise<Promise<void>[]>][] = [
    ['nothing is taken for as long as its patience', { slowPeer: { ...IMPATIENT, patience: 400 } }, async () => []],
    [
      'a message comes while the cap waits',
      { slowPeer: FULL },
      async (session) => {
        await stuff(session, FULL.cap);
        return [session.getBasicRemote().sendText('one too many')];
      },
    ],
  ];
  it.each(ROWS)(
    '[REL-10] when %s: what waits fails, 1008 is attempted behind what has left, 1006 to @OnClose, nothing to @OnError',
    async (_when, options, send) => {
      const { cases, onSlowPeer } = told();
      const { session, client, trace, container, log } = await withDeafPeer({ ...options, onSlowPeer, abnormalCloseSendTimeout: 5000 });
      await stuff(session, 200_000);
      const queued = [];
      const remote = session.getBasicRemote();
      for (const each of [remote.sendText('text'), remote.sendBinary(Buffer.alloc(20_000)), remote.sendPing(Buffer.alloc(1))]) queued.push(watch(each));
      queued.push(...(await send(session)).map(watch));
      await eventually(() => expect(trace).toEqual([1006]));
      for (const each of queued) expect(each.error).toMatchObject({ ...SLOW, message: expect.stringMatching(/\d+ bytes.*slowPeer/) });
      expect(cases).toEqual([[session, 'close', false]]);
      expect(lines(log)).toEqual([['warn', 'close']]);
      expect(container.statistics()).toMatchObject({ slowPeer: { close: 1, drop: 0, wait: 0 }, errors: 0 });
      expect(statistics(session)).toMatchObject({ sendsDropped: 0 });
      expect(statistics(session).bytesWaiting).toBeLessThan(262_144 + 100);
      client.read();
      expect(await client.closeFrame()).toEqual({ code: 1008, phrase: 'slow reader' });
      expect(client.texts).not.toContain('text');
      client.close(1008);
      await client.finished();
    },
  ); // biome-ignore format: short

  it('[REL-10, CLO-11] the attempt lasts for abnormalCloseSendTimeout, then TCP goes', async () => {
    const { session, client, trace } = await withDeafPeer({ slowPeer: FULL, abnormalCloseSendTimeout: 60 });
    await stuff(session, FULL.cap);
    void session.getBasicRemote().sendText('one too many');
    await eventually(() => expect(trace).toEqual([1006]));
    await eventually(() => expect(statistics(session).bytesWaiting).toBe(0));
    client.read();
    expect(await client.closeFrame()).toBeNull();
  });

  it('[REL-10] TCP goes at once if a frame has left in part', async () => {
    const { session, client, trace } = await withDeafPeer({ slowPeer: IMPATIENT, abnormalCloseSendTimeout: 60_000 });
    const sent = watch(session.getBasicRemote().sendBinary(Buffer.alloc(24 * MiB)));
    await eventually(() => expect([trace, sent.state]).toEqual([[1006], 'failed']));
    expect(sent.error).toMatchObject(SLOW);
    client.read();
    expect(await client.closeFrame()).toBeNull();
  });

  it.each(['a send that it awaits', 'room for its reply'])(
    '[REL-10, LIF-10] a handler that waits for %s: @OnError does not hear of it',
    async (what) => {
      const rejected = gate<unknown>();
      const { client, heard, log } = await liveSession(
        { slowPeer: IMPATIENT },
        {
          reply: async (_text) => {
            if (what.includes('reply')) return 'x'.repeat(24 * MiB);
            const sent = basic.sendText('x'.repeat(24 * MiB));
            sent.catch(rejected.open);
            return sent; // and the handler rejects with it
          },
        },
      ).then((live) => {
        basic = live.basic;
        return live;
      });
      client.stopReading();
      client.text('go');
      if (!what.includes('reply')) expect(await rejected.promise).toMatchObject(SLOW);
      await eventually(() => expect(heard).toEqual([1006]));
      expect(log.filter(({ level }) => level === 'error')).toEqual([]);
    },
  );
});

describe('drop', () => {
  it('[REL-10] at the cap: the message is left out and its promise rejects; the session goes on when the peer reads', async () => {
    const { cases, onSlowPeer } = told();
    const { session, client, trace, container, log } = await withDeafPeer({ slowPeer: { ...FULL, policy: 'drop' }, onSlowPeer });
    const count = await stuff(session, FULL.cap);
    const lost = ['lost 1', 'lost 2', 'lost 3'].map((text) => watch(session.getAsyncRemote().sendText(text)));
    await eventually(() => expect(lost.map(({ error }) => error)).toEqual(Array(3).fill(expect.objectContaining(SLOW))));
    expect(cases).toEqual(Array(3).fill([session, 'drop', true]));
    expect(lines(log)).toEqual([['warn', 'drop'], ['debug', 'drop'], ['debug', 'drop']]);
    expect(container.statistics().slowPeer).toEqual({ close: 0, drop: 3, wait: 0 });
    expect(statistics(session).sendsDropped).toBe(3);
    client.read();
    await eventually(() => expect(statistics(session).bytesWaiting).toBe(0));
    await session.getBasicRemote().sendText('found');
    expect((await client.received(count + 1)).map((text) => text.slice(0, 5))).toEqual([...Array(count).fill('xxxxx'), 'found']);
    expect([trace, session.isOpen()]).toEqual([[], true]);
  }); // biome-ignore format: short

  it('[REL-10] when patience has run out: until a write finishes', async () => {
    const { session, client } = await withDeafPeer({ slowPeer: { ...IMPATIENT, policy: 'drop' } });
    await stuff(session, 200_000);
    await eventually(async () => {
      const sent = watch(session.getBasicRemote().sendText('early'));
      await sleep(1);
      expect(sent.error).toMatchObject(SLOW);
    });
    const { sendsDropped } = statistics(session);
    await expect(session.getBasicRemote().sendText('lost')).rejects.toMatchObject(SLOW);
    expect(statistics(session).sendsDropped).toBe(sendsDropped + 1);
    client.read();
    await eventually(() => expect(statistics(session).bytesWaiting).toBe(0));
    await session.getBasicRemote().sendText('found');
    await eventually(() => expect(client.texts.at(-1)).toBe('found'));
  });

  it('[REL-10] never touches pings and pongs, which count, nor the close frame', async () => {
    const { session, client, trace } = await withDeafPeer({ slowPeer: { ...FULL, policy: 'drop' } });
    await stuff(session, FULL.cap);
    const remote = session.getBasicRemote();
    await expect(remote.sendText('lost')).rejects.toMatchObject(SLOW);
    const before = statistics(session).bytesWaiting;
    const controls = [watch(remote.sendPing(Buffer.from('ping'))), watch(remote.sendPong(Buffer.from('pong')))];
    expect(statistics(session).bytesWaiting).toBe(before + 2 * 6);
    void session.close();
    client.read();
    expect(await client.closeFrame()).toMatchObject({ code: 1000 });
    await eventually(() => expect(controls.map(({ state }) => state)).toEqual(['sent', 'sent']));
    expect(client.frames.slice(-3).map(({ opcode }) => opcode)).toEqual([OPCODES.ping, OPCODES.pong, OPCODES.close]);
    await eventually(() => expect(trace).toEqual([1000]));
  });

  it('[REL-10] of the pings of the peer only the latest is answered while it reads nothing', async () => {
    const { session, client } = await withDeafPeer({ slowPeer: { ...FULL, policy: 'drop' } });
    await stuff(session, FULL.cap);
    await expect(session.getBasicRemote().sendText('lost')).rejects.toMatchObject(SLOW);
    const { bytesWaiting, framesReceived } = statistics(session);
    for (let i = 0; i < 500; i++) client.ping(String(i));
    await eventually(() => expect(statistics(session).framesReceived).toBe(framesReceived + 500));
    expect(statistics(session).bytesWaiting).toBe(bytesWaiting);
    client.read();
    expect(await client.ponged()).toEqual(['499']);
  });
});

describe('wait', () => {
  it('[REL-10] only the promise waits, however much there is; each message beyond the cap is counted', async () => {
    const { cases, onSlowPeer } = told();
    const { session, client, trace, container } = await withDeafPeer({ slowPeer: { ...FULL, patience: 50, policy: 'wait' }, onSlowPeer });
    const count = await stuff(session, FULL.cap);
    await eventually(() => expect(container.statistics().slowPeer.wait).toBe(1)); // patience
    const sent = ['1', '2', '3'].map((text) => watch(session.getBasicRemote().sendText(text)));
    expect(container.statistics().slowPeer).toEqual({ close: 0, drop: 0, wait: 4 });
    expect(cases).toHaveLength(4);
    await sleep(100);
    expect(sent.map(({ state }) => state)).toEqual(Array(3).fill('pending'));
    client.read();
    expect((await client.received(count + 3)).slice(count)).toEqual(['1', '2', '3']);
    await eventually(() => expect(sent.map(({ state }) => state)).toEqual(Array(3).fill('sent')));
    expect([trace, statistics(session).sendsDropped]).toEqual([[], 0]);
  });
});

describe('limits', () => {
  it('[REL-10] a message larger than the cap is sent if nothing waits', async () => {
    for (const policy of ['close', 'drop'] as const) {
      const { session, client, trace } = await withDeafPeer({ slowPeer: { cap: 1000, policy } });
      client.read();
      await session.getBasicRemote().sendText('x'.repeat(3 * MiB));
      await eventually(() => expect(statistics(session).bytesWaiting).toBe(0));
      await session.getBasicRemote().sendBinary(Buffer.alloc(3 * MiB));
      await eventually(() => expect(client.frames.map(({ payload }) => payload.length)).toEqual([3 * MiB, 3 * MiB]));
      expect(trace).toEqual([]);
    }
  });

  it('[REL-10, D-36] an endpoint has its own, whole', async () => {
    const sessions = new Map<string, Session>();
    const closes: string[] = [];
    @ServerEndpoint({ value: '/own', slowPeer: { ...FULL, policy: 'drop' } })
    class Own {
      @OnOpen open(session: Session): void {
        sessions.set('own', session);
      }
    }
    @ServerEndpoint('/other')
    class Other {
      @OnOpen open(session: Session): void {
        sessions.set('other', session);
      }
      @OnClose close(reason: CloseReason): void {
        closes.push(`other ${reason.getCloseCode().getCode()}`);
      }
    }
    const started = await start([Own, Other], { slowPeer: FULL });
    for (const path of ['/own', '/other']) (await RawPeer.open(started, path)).stopReading();
    await eventually(() => expect(sessions.size).toBe(2));
    for (const session of sessions.values()) await stuff(session, FULL.cap);
    for (const session of sessions.values()) await expect(session.getBasicRemote().sendText('x')).rejects.toMatchObject(SLOW);
    await eventually(() => expect(closes).toEqual(['other 1006']));
    expect(sessions.get('own')?.isOpen()).toBe(true);
    expect(started.container.statistics().slowPeer).toEqual({ close: 1, drop: 1, wait: 0 });
  });

  it('[REL-10] a send timeout of the application replaces patience: as an option, by setSendTimeout, by the property', async () => {
    const patient: [ContainerOptions, (session: Session) => void][] = [
      [{ blockingSendTimeout: 60_000 }, () => {}],
      [{ asyncSendTimeout: 60_000 }, () => {}],
      [{ blockingSendTimeout: -1, asyncSendTimeout: 10 }, (session) => session.getAsyncRemote().setSendTimeout(60_000)],
      [{}, (session) => session.getUserProperties().set('org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT', -1)],
    ];
    const deaf = await Promise.all(patient.map(([options]) => withDeafPeer({ ...options, slowPeer: IMPATIENT })));
    for (const [i, { session }] of deaf.entries()) {
      patient[i]?.[1](session);
      await stuff(session, 200_000);
    }
    const control = await withDeafPeer({ slowPeer: IMPATIENT });
    await stuff(control.session, 200_000);
    await eventually(() => expect(control.trace).toEqual([1006]));
    await sleep(200);
    for (const { trace } of deaf) expect(trace).toEqual([]);
  });

  it('[REL-10] 5 s, 1 MiB and 16 MiB by default', async () => {
    const { session, trace } = await withDeafPeer();
    await stuff(session, 15 * MiB);
    await stuff(session, 16 * MiB);
    await expect(session.getBasicRemote().sendText('one too many')).rejects.toMatchObject(SLOW);
    await eventually(() => expect(trace).toEqual([1006]));
  });
});

describe('memory', () => {
  it.each(['Basic', 'Async'] as const)(
    '[REL-10] a queue of tiny messages costs about its bytes, their promises included: %s',
    async (view) => {
      const { session } = await withDeafPeer({ slowPeer: { cap: 2 * MiB, policy: 'drop' } });
      await stuff(session, 100_000);
      const remote = view === 'Basic' ? session.getBasicRemote() : session.getAsyncRemote();
      const before = await held();
      for (let i = 0; i < 100_000; i++) void remote.sendText('tiny');
      expect((await held()) - before).toBeLessThan(4 * 100_000 * 6); // a promise for each would be ten times that
      expect(statistics(session).sendsDropped).toBe(0);
    },
  );
});

describe('onSlowPeer', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('bad hook'); }],
    ['rejects', async () => { throw new Error('bad hook'); }],
  ])('[REL-10, REL-1] that %s is logged, and changes nothing', async (_how, fail) => {
    const { session, trace, log } = await withDeafPeer({ slowPeer: { ...FULL, policy: 'drop' }, onSlowPeer: fail as () => void });
    await stuff(session, FULL.cap);
    for (let i = 0; i < 2; i++) await expect(session.getBasicRemote().sendText('x')).rejects.toMatchObject(SLOW);
    await eventually(() => expect(log.filter(({ code }) => code === 'MARGAY_HOOK_FAILED')).toHaveLength(2));
    expect([trace, session.isOpen()]).toEqual([[], true]);
  }); // biome-ignore format: short

  it('[REL-10] is not told of what it brings about itself', async () => {
    let calls = 0;
    const onSlowPeer = (session: Session) => {
      calls++;
      void session.getAsyncRemote().sendText('you are slow');
    };
    const { session, container } = await withDeafPeer({ slowPeer: { ...FULL, policy: 'drop' }, onSlowPeer });
    await stuff(session, FULL.cap);
    await expect(session.getBasicRemote().sendText('x')).rejects.toMatchObject(SLOW);
    expect([calls, container.statistics().slowPeer.drop]).toEqual([1, 2]);
  });

  it('[REL-10] may close the session with a reason of its own', async () => {
    const onSlowPeer = (session: Session) => void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4000), 'too slow'));
    const { session, client, trace } = await withDeafPeer({ slowPeer: { ...FULL, policy: 'drop' }, onSlowPeer });
    await stuff(session, FULL.cap);
    await expect(session.getBasicRemote().sendText('x')).rejects.toMatchObject(SLOW);
    client.read();
    expect(await client.closeFrame()).toEqual({ code: 4000, phrase: 'too slow' });
    await eventually(() => expect(trace).toEqual([4000]));
  });
});
