/** What a bad network does to a conversation: nothing, or it ends as an end should. [REL-1, REL-7, REL-11, REL-13, REL-14] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { FaultyProxy, type LinkFaults } from '../support/faulty-proxy.js';
import { closing, frame, OPCODES } from '../support/frames.js';
import { backTo, handles } from '../support/handles.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';
import { closed } from './conversation.js';
import { heard, type Told, withDiary } from './diary.js';

const { binary, continuation, ping, text } = OPCODES;
const codesOf = ({ ends }: Told) => ends.filter((end) => typeof end === 'number');

/** Roads on which everything arrives. */
const ROADS: readonly (readonly [what: string, faults: LinkFaults])[] = [
  ['late', { latency: 15 }],
  ['late by this and that', { latency: 2, jitter: 20 }],
  ['slow', { bandwidth: 200_000 }],
  ['slow on the way down', { down: { bandwidth: 100_000 } }],
  ['byte for byte on the way up', { up: { slices: 1 }, down: { slices: 50 } }],
  ['in slices, late', { slices: 7, latency: 3, jitter: 5 }],
];
const LINES = Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat([0, 1, 122, 123, 300, 2000][i % 6] as number)}`);

describe('[REL-7] a conversation over a road that is', () => {
  it.each(ROADS)('%s: every echo comes once and in order, and so does the close', async (_what, faults) => {
    const diary = await withDiary();
    const proxy = await FaultyProxy.before(diary.port, faults);
    const { peer, told } = await diary.meet({}, proxy);
    for (const line of LINES.slice(0, 20)) peer.text(line);
    await peer.received(5);
    proxy.link.stall();
    for (const line of LINES.slice(20)) peer.text(line);
    await sleep(20);
    proxy.link.resume();
    expect(await peer.received(LINES.length)).toEqual(LINES);
    peer.close(4002, 'bye');
    expect(await peer.closeFrame()).toEqual({ code: 4002, phrase: 'bye' });
    await peer.finished();
    expect(told.texts).toEqual(LINES);
    expect(await heard(told, 1)).toEqual([4002]);
  });

  it('[REL-11] different for everybody: all members of a room read the same lines in the same order', async () => {
    @ServerEndpoint('/room')
    class Room {
      @OnMessage
      say(line: string, session: Session): void {
        for (const each of session.getOpenSessions()) void each.getAsyncRemote().sendText(line);
      }
    }
    const started = await start(Room);
    const members = await Promise.all(
      ROADS.map(async ([, faults]) => RawPeer.open(await FaultyProxy.before(started.port, faults), '/room')),
    );
    for (let i = 0; i < 12; i++) {
      for (const [who, peer] of members.entries()) peer.text(`${who}: ${i}`);
      await sleep(2);
    }
    const count = 12 * members.length;
    const heardBy = await Promise.all(members.map((peer) => peer.received(count)));
    for (const lines of heardBy) expect(lines).toEqual(heardBy[0]);
    for (const who of members.keys()) {
      const own = heardBy[0]?.filter((line) => line.startsWith(`${who}: `));
      expect(own).toEqual(Array.from({ length: 12 }, (_, i) => `${who}: ${i}`));
    }
  });
});

/** What a client says in a short conversation, all at once. */
const FRAMES = [
  { opcode: text, payload: 'one 你好' },
  { opcode: binary, fin: false, payload: Buffer.alloc(20, 7) },
  { opcode: ping, payload: 'p' },
  { opcode: continuation, payload: Buffer.alloc(130, 8) },
  { opcode: text },
  { opcode: OPCODES.close, payload: closing(4002, 'bye') },
].map(frame);
const SAID = Buffer.concat(FRAMES);
const REQUEST = upgradeRequest('/diary?id=0000').length;

describe('[REL-7] a request and frames in one packet', () => {
  const HALF = Math.ceil((REQUEST + SAID.length) / 2); // so that every offset has its cut, at two cuts a row
  const ROWS: readonly (number | readonly number[])[] = [
    ...Array.from({ length: 40 }, (_, i) => i + 1),
    ...Array.from({ length: HALF }, (_, i) => [i + 1, i + 1 + HALF]),
  ];

  it('give the same events however they are cut', async () => {
    const diary = await withDiary();
    await sideBySide(
      ROWS,
      (slices) => `slices ${JSON.stringify(slices)}`,
      async (slices) => {
        const proxy = await FaultyProxy.before(diary.port, { up: { slices } });
        const { peer, told } = await diary.meet({ behind: FRAMES }, proxy);
        expect(await peer.closeFrame()).toEqual({ code: 4002, phrase: 'bye' });
        await peer.finished();
        expect(await heard(told, 1)).toEqual([4002]);
        expect(told.texts).toEqual(['one 你好', '']);
        expect(told.binaries).toEqual([Buffer.concat([Buffer.alloc(20, 7), Buffer.alloc(130, 8)])]);
        expect([peer.texts, peer.pongs]).toEqual([['one 你好', ''], ['p']]);
        await proxy.close();
      },
    );
  });
});

describe('[REL-1, REL-14] a short conversation that is cut', () => {
  const ANSWER = 200; // bytes, more than the 101, the echoes and the close frame
  const cutAt = (direction: 'up' | 'down', after: number): readonly [what: string, faults: LinkFaults] => {
    const by = after % 2 === 0 ? 'FIN' : 'RST';
    return [`${direction}, ${by} after ${after}`, { [direction]: { cut: { after, by } } }];
  };
  const ROWS = [
    ...Array.from({ length: REQUEST + SAID.length }, (_, after) => cutAt('up', after)),
    ...Array.from({ length: ANSWER }, (_, after) => cutAt('down', after)),
  ];

  it('at any byte, either way, is one @OnClose for every @OnOpen, and leaves nothing behind', async () => {
    const before = handles();
    const diary = await withDiary();
    const opened = new Set<string>();
    await sideBySide(
      ROWS.map(([what, faults], i) => ({ what, faults, id: String(i).padStart(4, '0') })),
      ({ what }) => what,
      async ({ faults, id }) => {
        const proxy = await FaultyProxy.before(diary.port, faults);
        const peer = RawPeer.ask(proxy, `/diary?id=${id}`, { behind: FRAMES });
        await peer.ended();
        peer.end();
        await peer.closed();
        await proxy.close();
        const told = diary.all.get(id);
        if (told === undefined) return;
        opened.add(id);
        await eventually(() => expect(codesOf(told)).toHaveLength(1));
        // on the way up the close frame never comes whole; on the way down it has, unless the reset was faster
        expect(faults.up === undefined ? [1006, 4002] : [1006]).toContain(codesOf(told)[0]);
      },
    );
    expect(opened.size).toBeGreaterThan(SAID.length - 20);
    expect(opened.size).toBeLessThanOrEqual(ROWS.length - REQUEST); // many are cut before the request is whole
    await eventually(() => expect(diary.container.statistics()).toMatchObject({ open: 0, opened: diary.all.size }));
    for (const told of diary.all.values()) expect(codesOf(told)).toHaveLength(1);
    await diary.container.close();
    await backTo(before);
  });

  it.each<[what: string, faults: LinkFaults, ends: (string | number)[]]>([
    ['FIN', { up: { cut: { after: 3000, by: 'FIN' } } }, [1006]],
    ['RST', { up: { cut: { after: 3000, by: 'RST' } } }, ['MARGAY_CONNECTION_LOST', 1006]],
    ['RST', { down: { cut: { after: 3000, by: 'RST' } } }, ['MARGAY_CONNECTION_LOST', 1006]],
  ])('in the middle by a %s has given the session a beginning of what was said, and the right end', async (_what, faults, ends) => {
    const diary = await withDiary();
    const proxy = await FaultyProxy.before(diary.port, faults);
    const { peer, told } = await diary.meet({}, proxy);
    for (const line of LINES) peer.text(line);
    await peer.ended();
    peer.end();
    expect(await heard(told, ends.length)).toEqual(ends);
    expect(told.texts.length).toBeGreaterThan(3);
    expect(told.texts).toEqual(LINES.slice(0, told.texts.length));
    expect(peer.texts).toEqual(LINES.slice(0, peer.texts.length));
  });
});

describe('[REL-1] a half-close', () => {
  it('[LIF-14] of the way up lets the answers come down; 1006 once', async () => {
    const diary = await withDiary();
    const proxy = await FaultyProxy.before(diary.port, { down: { latency: 20 } });
    const { peer, told } = await diary.meet({}, proxy);
    for (const line of LINES) peer.text(line);
    await eventually(() => expect(told.texts).toHaveLength(LINES.length));
    proxy.link.up.end();
    await peer.finished();
    expect(peer.texts).toEqual(LINES);
    expect(await heard(told, 1)).toEqual([1006]);
  });

  it('of the way down lets what is said come up; the end of the client is the end', async () => {
    const diary = await withDiary();
    const proxy = await FaultyProxy.before(diary.port);
    const { peer, told } = await diary.meet({}, proxy);
    proxy.link.down.end();
    await peer.ended();
    for (const line of LINES) peer.text(line);
    await eventually(() => expect(told.texts).toEqual(LINES));
    expect(told.ends).toEqual([]);
    peer.close(4002);
    expect(await heard(told, 1)).toEqual([4002]);
    peer.end();
    await peer.closed();
  });
});

describe('[REL-11] members of a room whose network stalls', () => {
  it('delay nobody, and read on when it is over', async () => {
    const [COUNT, SIZE] = [30, 300_000]; // 9 MB to each, more than the kernel takes
    const settled = new Map<string, number>();
    @ServerEndpoint('/room')
    class Room {
      @OnMessage
      say(_line: string, session: Session): void {
        for (let i = 0; i < COUNT; i++) {
          const news = Buffer.alloc(SIZE, i);
          for (const each of session.getOpenSessions()) {
            const who = each.getRequestParameterMap().get('who')?.[0] as string;
            void each
              .getAsyncRemote()
              .sendBinary(news)
              .then(
                () => settled.set(who, (settled.get(who) ?? 0) + 1),
                () => {}, // then what they have got is not all
              );
          }
        }
      }
    }
    const started = await start(Room);
    const proxy = await FaultyProxy.before(started.port);
    const stalled = await Promise.all(['stalled 1', 'stalled 2'].map((who) => RawPeer.open(proxy, `/room?who=${encodeURIComponent(who)}`)));
    const good = await Promise.all(['good 1', 'good 2'].map((who) => RawPeer.open(started, `/room?who=${encodeURIComponent(who)}`)));
    for (const link of proxy.links) link.stall();
    const numbers = (peer: RawPeer) => peer.frames.filter(({ opcode }) => opcode === binary).map(({ payload }) => payload[0]);
    const all = Array.from({ length: COUNT }, (_, i) => i);
    good[0]?.text('go');
    for (const peer of good) await eventually(() => expect(numbers(peer)).toEqual(all));
    for (const who of ['stalled 1', 'stalled 2']) expect(settled.get(who) ?? 0).toBeLessThan(COUNT);
    for (const link of proxy.links) link.resume();
    for (const peer of stalled) await eventually(() => expect(numbers(peer)).toEqual(all));
  });
});

describe('[REL-13] a close into a network that has vanished', () => {
  const [CLOSE_TIMEOUT, MORE] = [250, 2000]; // ms; what the promise adds to twice the first
  interface Row {
    readonly what: string;
    /** The way up goes on. */
    readonly isHalf?: boolean;
    act(session: Session, peer: RawPeer): unknown;
    readonly code: number;
  }
  const ROWS: readonly Row[] = [
    { what: 'theirs, whose answer gets lost', isHalf: true, act: (_session, peer) => peer.close(4002), code: 4002 },
    { what: 'ours', act: (session) => session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), '')), code: 4001 },
    {
      what: 'ours, behind much that waits',
      act: (session) => {
        session
          .getAsyncRemote()
          .sendBinary(Buffer.alloc(12_000_000))
          .catch(() => {});
        void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), ''));
      },
      code: 4001,
    },
  ];

  it('is over within twice closeTimeout and 2 s, and nothing is left', async () => {
    const before = handles();
    await sideBySide(
      ROWS,
      ({ what }) => what,
      async ({ isHalf, act, code }) => {
        const opened = gate<Session>();
        const closes: number[] = [];
        @ServerEndpoint('/gone')
        class Gone {
          @OnOpen
          open(session: Session): void {
            opened.open(session);
          }
          @OnClose
          close(reason: CloseReason): void {
            closes.push(reason.getCloseCode().getCode());
          }
        }
        const started = await start(Gone, { closeTimeout: CLOSE_TIMEOUT, lingerTimeout: 2 * CLOSE_TIMEOUT });
        const proxy = await FaultyProxy.before(started.port);
        const peer = await RawPeer.open(proxy, '/gone');
        const session = await opened.promise;
        if (isHalf) proxy.link.down.stall();
        else proxy.link.vanish();
        const since = performance.now();
        void act(session, peer);
        await closed(session, 2 * CLOSE_TIMEOUT + MORE);
        expect(performance.now() - since).toBeGreaterThan(CLOSE_TIMEOUT - 50); // not before the peer had its time
        expect(closes).toEqual([code]);
        expect(peer.isClosed).toBe(false); // it has heard nothing of it
        peer.reset();
        await proxy.close();
        await started.container.close();
      },
    );
    await backTo(before);
  });
});
