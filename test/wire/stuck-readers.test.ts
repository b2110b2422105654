/** A broadcast loop with readers that are stuck, slow and gone among good ones, and clients that ask and do not read. [REL-10, REL-11] */
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  type ContainerOptions,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  type ServerContainer,
  ServerEndpoint,
  Session,
  serve,
  statistics,
} from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { cert, key } from '../support/localhost-certificate.js';
import { held } from '../support/memory.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const KiB = 1024;
const CAP = 1024 * KiB;
/** Bytes of a message's payload. */
const SIZE = 100 * KiB;

const numbered = (i: number): string => `${i} `.padEnd(SIZE, 'x');
const numbers = (texts: readonly string[]): number[] =>
  texts.map((text) => (text.length === SIZE ? Number.parseInt(text, 10) : Number.NaN));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Everybody there is, by name; who has closed, and how. */
async function hall(options: ContainerOptions) {
  const sessions = new Map<string, Session>();
  const ends: string[] = [];
  @ServerEndpoint('/hall')
  class Hall {
    #who = '';
    @OnOpen open(session: Session): void {
      this.#who = session.getQueryString() ?? '';
      sessions.set(this.#who, session);
    }
    @OnError error(error: Error): void {
      ends.push(`${this.#who} ${(error as Error & { code: string }).code}`);
    }
    @OnClose close(reason: CloseReason): void {
      ends.push(`${this.#who} ${reason.getCloseCode().getCode()}`);
    }
  }
  const started = await start(Hall, options);
  const enter = async (kind: string, count: number): Promise<RawPeer[]> => {
    const peers = [];
    for (const i of upTo(count)) peers.push(await RawPeer.open(started, `/hall?${kind}${i}`));
    await eventually(() => expect(sessions.has(`${kind}${count - 1}`)).toBe(true));
    return peers;
  };
  /** As an application does it: a loop over all that are open, and no send is awaited. */
  const tellAll = (text: string): void => {
    const [first] = [...sessions.values()].filter((session) => session.isOpen());
    for (const session of first?.getOpenSessions() ?? []) void session.getAsyncRemote().sendText(text);
  };
  return { ...started, sessions, ends, enter, tellAll };
}

/** Reads what one read of the socket gives, again and again with a pause between. */
function readSlowly(peer: RawPeer, ms: number): () => void {
  peer.stopReading();
  peer.socket.on('data', () => peer.stopReading());
  const timer = setInterval(() => peer.read(), ms);
  return () => clearInterval(timer);
}

describe('[REL-11] a broadcast to five who are stuck, two who are slow and two who vanish, among good ones', () => {
  it.each(['close', 'drop'] as const)(
    '[REL-10] %s: the good ones are served message by message, all of them in order; what waits for the others is bounded',
    async (policy) => {
      const ROUNDS = 80; // 8 MB to each
      const { enter, tellAll, ends, container, sessions } = await hall({ slowPeer: { mark: CAP / 2, patience: 60_000, cap: CAP, policy } });
      const good = await enter('good', 4);
      const stuck = await enter('stuck', 5);
      const slow = await enter('slow', 2);
      const gone = await enter('gone', 2);
      for (const peer of [...stuck, ...gone]) peer.stopReading();
      const stops = slow.map((peer) => readSlowly(peer, 10));
      let most = 0;
      for (const i of upTo(ROUNDS)) {
        if (i === ROUNDS / 2) for (const peer of gone) peer.reset();
        tellAll(numbered(i));
        most = Math.max(most, container.statistics().bytesWaiting);
        await eventually(() => expect(good.map(({ frames }) => frames.length)).toEqual(Array(4).fill(i + 1))); // whoever else does not read
      }
      for (const stop of stops) stop();
      for (const peer of good) expect(numbers(peer.texts)).toEqual(upTo(ROUNDS));
      expect(most).toBeLessThanOrEqual((5 + 2 + 2) * (CAP + SIZE) + 4 * 2 * SIZE);
      expect(most).toBeGreaterThan(5 * CAP); // the test would be none if the kernel took it all

      for (const peer of slow) {
        peer.socket.removeAllListeners('data').on('data', () => {});
        const got = numbers(peer.texts);
        expect(got).toEqual(got.toSorted((a, b) => a - b)); // whole messages, in order, some perhaps left out
        expect(new Set(got).size).toBe(got.length);
      }
      const isStuck = (each: string): boolean => each.startsWith('stuck');
      if (policy === 'close') await eventually(() => expect(ends.filter(isStuck).sort()).toEqual(upTo(5).map((i) => `stuck${i} 1006`)));
      else expect(ends.filter(isStuck)).toEqual([]);
      const counted = container.statistics().slowPeer;
      expect(counted[policy]).toBeGreaterThanOrEqual(5);
      if (policy === 'drop') {
        const dropped = [...sessions.values()].reduce((sum, session) => sum + statistics(session).sendsDropped, 0);
        expect(dropped).toBe(counted.drop);
      }
    },
  );

  it('[REL-10] memory is bounded by the number of the stuck, and not by what is sent', async () => {
    const { enter, tellAll, container } = await hall({ slowPeer: { patience: 60_000, cap: CAP, policy: 'drop' } });
    const stuck = await enter('stuck', 5);
    for (const peer of stuck) peer.stopReading();
    for (const i of upTo(80)) {
      tellAll(numbered(i)); // fills the kernel
      if (i % 4 === 0) await sleep(1);
    }
    expect(container.statistics().slowPeer.drop).toBeGreaterThan(0);
    const before = await held();
    for (const i of upTo(400)) {
      tellAll(numbered(i)); // 200 MB
      if (i % 20 === 0) await sleep(1);
    }
    expect((await held()) - before).toBeLessThan(2 * 5 * (CAP + SIZE));
  });
});

describe('[REL-10] a client that asks without end and reads no answer', () => {
  const ANSWER = 'y'.repeat(20_000);
  const HOW = ['sync', 'async'] as const;
  it.each(HOW)('[REL-10, LIF-8] is not read any further by a handler that returns its answers: %s', async (how) => {
    let handled = 0;
    @ServerEndpoint('/ask')
    class Ask {
      @OnMessage text(_question: string): string | Promise<string> {
        handled++;
        return how === 'sync' ? ANSWER : sleep(0).then(() => ANSWER);
      }
    }
    const started = await start(Ask);
    const greedy = await RawPeer.open(started, '/ask');
    greedy.stopReading();
    const question = 'q'.repeat(5000);
    for (let i = 0; i < 4000; i++) greedy.text(question); // 20 MB
    await eventually(async () => {
      const before = handled;
      await sleep(50);
      expect([handled > 10, handled]).toEqual([true, before]);
    });
    expect(handled).toBeLessThan(2000);
    expect(started.container.statistics().bytesWaiting).toBeLessThan(65_536 + 2 * 20_000);
    expect(started.container.statistics().slowPeer).toEqual({ close: 0, drop: 0, wait: 0 });
    expect(greedy.socket.writableLength).toBeGreaterThan(1_000_000); // its questions wait on its own side
  });

  it('[REL-10] is closed when its handler sends without waiting, and what waited until then is bounded', async () => {
    let most = 0;
    const ends: number[] = [];
    @ServerEndpoint('/ask')
    class Ask {
      @OnMessage text(session: Session, _question: string): void {
        void session.getAsyncRemote().sendText(ANSWER);
        most = Math.max(most, statistics(session).bytesWaiting);
      }
      @OnClose close(reason: CloseReason): void {
        ends.push(reason.getCloseCode().getCode());
      }
    }
    const started = await start(Ask, { slowPeer: { cap: CAP, patience: 60_000 } });
    const greedy = await RawPeer.open(started, '/ask');
    greedy.stopReading();
    for (let i = 0; i < 2000; i++) greedy.text('q');
    await eventually(() => expect(ends).toEqual([1006]));
    expect(most).toBeGreaterThanOrEqual(CAP);
    expect(most).toBeLessThan(CAP + 20_100);
  });
});

describe('over TLS', () => {
  withFastSeconds();
  let running: ServerContainer | undefined;
  afterEach(() => running?.close());

  it.each([
    ['as long as its patience', 100, 64 * CAP],
    ['with the cap waiting', 60_000, CAP],
  ])('[REL-10] a stuck reader is closed, %s', async (_when, patience, cap) => {
    const ends: number[] = [];
    let session: Session | undefined;
    @ServerEndpoint('/tls')
    class Tls {
      @OnOpen open(own: Session): void {
        session = own;
      }
      @OnClose close(reason: CloseReason): void {
        ends.push(reason.getCloseCode().getCode());
      }
    }
    const slowPeer = { mark: 100_000, patience, cap };
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    running = await serve({ endpoints: [Tls], port: 0, host: '127.0.0.1', tls: { key, cert }, shutdownTimeout: 100, slowPeer, logger });
    const peer = await RawPeer.open({ port: Number(new URL(running.url).port), secure: true }, '/tls', { secure: true });
    peer.stopReading();
    await eventually(() => expect(session).toBeDefined());
    const sent: unknown[] = [];
    const remote = (session as unknown as Session).getAsyncRemote();
    await eventually(() => {
      for (let i = 0; i < 20 && ends.length === 0; i++) remote.sendText(numbered(i)).catch(({ code }) => sent.push(code));
      expect(ends).toEqual([1006]);
    });
    expect(sent).toContain('MARGAY_SLOW_PEER');
    expect(running.statistics().slowPeer.close).toBe(1);
  });
});
