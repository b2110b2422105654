/** Peers that do not read, read late, or end their direction: they wait for themselves, and nobody waits for them. [REL-11, LIF-6, LIF-14, REM-7, REM-14] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { backTo, handles } from '../support/handles.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';

const { binary } = OPCODES;

/** Bytes of the binary messages so far. */
const sizes = (peer: RawPeer): number[] => peer.frames.filter(({ opcode }) => opcode === binary).map(({ payload }) => payload.length);

/** A message that says which it is. */
function numbered(i: number, size: number): Buffer {
  const bytes = Buffer.alloc(size, i);
  bytes.writeUInt32BE(i, 0);
  return bytes;
}
const numbers = (peer: RawPeer): number[] =>
  peer.frames.filter(({ opcode }) => opcode === binary).map(({ payload }) => payload.readUInt32BE(0));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('[REL-11] a broadcast to three who read, three who do not and one who reads late', () => {
  it('reaches those who read while the sends to the others wait; those settle when they are read, or fail when the peer goes', async () => {
    const before = handles();
    const [COUNT, SIZE] = [40, 400_000]; // 16 MB to each, more than the kernel takes
    const sessions = new Map<string, Session>();
    @ServerEndpoint('/news')
    class News {
      @OnOpen
      open(session: Session): void {
        sessions.set(session.getRequestParameterMap().get('who')?.[0] as string, session);
      }
      @OnError
      error(_error: Error): void {}
    }
    const started = await start(News);
    const names = ['good 1', 'bad 1', 'good 2', 'late', 'bad 2', 'good 3', 'bad 3'];
    const peers = new Map<string, RawPeer>();
    for (const who of names) peers.set(who, await RawPeer.open(started, `/news?who=${encodeURIComponent(who)}`));
    const of = (kind: string) => names.filter((who) => who.startsWith(kind)).map((who) => peers.get(who) as RawPeer);
    for (const peer of [...of('bad'), ...of('late')]) peer.stopReading();

    const states = new Map(names.map((who) => [who, { sent: 0, failed: 0 }]));
    for (const i of upTo(COUNT)) {
      const news = numbered(i, SIZE);
      for (const [who, session] of sessions) {
        const state = states.get(who) as { sent: number; failed: number };
        session
          .getAsyncRemote()
          .sendBinary(news)
          .then(
            () => state.sent++,
            () => state.failed++,
          );
      }
    }
    for (const peer of of('good')) await eventually(() => expect(sizes(peer)).toHaveLength(COUNT));
    for (const who of ['bad 1', 'bad 2', 'bad 3', 'late']) {
      expect(states.get(who)?.failed).toBe(0);
      expect(states.get(who)?.sent).toBeLessThan(COUNT); // nobody who reads has waited for these
    }
    for (const peer of of('late')) {
      peer.read();
      await eventually(() => expect(states.get('late')).toEqual({ sent: COUNT, failed: 0 }));
      await eventually(() => expect(numbers(peer)).toEqual(upTo(COUNT)));
    }
    for (const peer of of('good')) expect(numbers(peer)).toEqual(upTo(COUNT));
    for (const peer of of('bad')) peer.reset();
    await eventually(() => {
      for (const who of ['bad 1', 'bad 2', 'bad 3']) {
        const { sent = 0, failed = 0 } = states.get(who) ?? {};
        expect(sent + failed).toBe(COUNT); // [REM-14]
        expect(failed).toBeGreaterThan(0);
      }
    });
    expect(sessions.get('good 1')?.getOpenSessions().size).toBe(4);
    for (const peer of peers.values()) peer.socket.destroy();
    await started.container.close();
    await backTo(before);
  });
});

describe('[LIF-6, LIF-8] a peer that asks and does not read the answers', () => {
  it('is not read any further, however much it asks; others are served; when it reads, every answer is there in order', async () => {
    const [ASKED, SIZE] = [200, 150_000]; // 30 MB of answers
    let handled = 0;
    @ServerEndpoint('/ask')
    class Ask {
      @OnMessage
      text(message: string): Buffer | string {
        if (message === 'count') return String(handled);
        return numbered(handled++, SIZE);
      }
    }
    const started = await start(Ask);
    const greedy = await RawPeer.open(started, '/ask');
    greedy.stopReading();
    for (let i = 0; i < ASKED; i++) greedy.text(`${i} ${'x'.repeat(100)}`);
    const good = await RawPeer.open(started, '/ask');
    let stuckAt = -1;
    await eventually(async () => {
      const last = stuckAt;
      stuckAt = handled;
      await sleep(50);
      expect([last, handled]).toEqual([stuckAt, stuckAt]);
    });
    expect(stuckAt).toBeGreaterThan(0);
    expect(stuckAt).toBeLessThan(ASKED / 2);
    good.text('count');
    expect(await good.received(1)).toEqual([String(stuckAt)]);
    greedy.read();
    await eventually(() => expect(numbers(greedy)).toEqual(upTo(ASKED)), 10_000);
  });
});

describe('[LIF-14] a peer that ends its direction', () => {
  it.each([
    ['sync', 0],
    ['async', 5],
  ])('still gets the answer of a %s handler to each of its messages, though it reads them late', async (_how, ms) => {
    const [COUNT, SIZE] = [60, 200_000]; // 12 MB
    const closes: number[] = [];
    let handled = 0;
    @ServerEndpoint('/last')
    class Last {
      @OnMessage
      text(_message: string): Buffer | Promise<Buffer> {
        const answer = numbered(handled++, SIZE);
        return ms === 0 ? answer : sleep(ms).then(() => answer);
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Last), '/last');
    peer.stopReading();
    for (let i = 0; i < COUNT; i++) peer.text(String(i));
    peer.end();
    await sleep(100);
    expect(closes).toEqual([]); // its turn comes behind the answers, which wait for the peer
    peer.read();
    await peer.closed();
    expect(numbers(peer)).toEqual(upTo(COUNT));
    expect(peer.error).toBeNull();
    await eventually(() => expect(closes).toEqual([1006]));
  });

  it('in the middle of a message, or of a frame, is 1006 without what has not ended, and what was sent to it before arrives', async () => {
    for (const bytes of [Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61]), Buffer.from([0x81, 0x85, 0, 0, 0, 0, 0x61])]) {
      const opened = gate<Session>();
      const steps: unknown[] = [];
      @ServerEndpoint('/half')
      class Half {
        @OnOpen
        open(session: Session): void {
          opened.open(session);
        }
        @OnMessage
        text(message: string): void {
          steps.push(message);
        }
        @OnError
        error(error: Error): void {
          steps.push(error);
        }
        @OnClose
        close(reason: CloseReason): void {
          steps.push(reason.getCloseCode().getCode());
        }
      }
      const peer = await RawPeer.open(await start(Half), '/half');
      void (await opened.promise).getAsyncRemote().sendText('before');
      peer.send(bytes);
      peer.end();
      await peer.closed();
      await eventually(() => expect(steps).toEqual([1006]));
      expect(peer.texts).toEqual(['before']);
    }
  });

  const LATE = 2300; // ms, beyond any time that is for TCP to end
  const ROWS: readonly { readonly what: string; end(peer: RawPeer, session: Session): void; readonly code: number }[] = [
    { what: 'ends', end: (peer) => peer.end(), code: 1006 },
    {
      what: 'answers our close and ends',
      end: (peer, session) => {
        void session.close();
        peer.close(1000);
        peer.end();
      },
      code: 1000,
    },
    {
      what: 'ends instead of answering our close',
      end: (peer, session) => {
        void session.close();
        peer.end();
      },
      code: 1000,
    },
    {
      what: 'closes and ends',
      end: (peer) => {
        peer.close(4002);
        peer.end();
      },
      code: 4002,
    },
  ];

  it('[CLO-7, REL-13] gets what waits for it as long as closeTimeout allows; lingerTimeout is for TCP alone', () =>
    sideBySide(
      ROWS,
      ({ what }) => what,
      async ({ end, code }) => {
        const opened = gate<Session>();
        const closes: number[] = [];
        @ServerEndpoint('/patient')
        class Patient {
          @OnOpen
          open(session: Session): void {
            opened.open(session);
          }
          @OnClose
          close(reason: CloseReason): void {
            closes.push(reason.getCloseCode().getCode());
          }
        }
        const peer = await RawPeer.open(await start(Patient, { lingerTimeout: 100 }), '/patient');
        peer.stopReading();
        const session = await opened.promise;
        for (const i of upTo(4)) void session.getAsyncRemote().sendBinary(numbered(i, 3_000_000));
        end(peer, session);
        await sleep(LATE);
        peer.read();
        await peer.closed();
        expect(numbers(peer)).toEqual(upTo(4));
        if (code !== 1006) expect((await peer.closeFrame())?.code).toBe(code);
        await eventually(() => expect(closes).toEqual([code]));
      },
    ));

  it('[REL-13] and never reads: the socket goes all the same', async () => {
    const before = handles();
    const closes: number[] = [];
    @ServerEndpoint('/gone')
    class Gone {
      @OnOpen
      open(session: Session): void {
        for (let i = 0; i < 4; i++) void session.getAsyncRemote().sendBinary(Buffer.alloc(4_000_000));
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const started = await start(Gone, { closeTimeout: 200, lingerTimeout: 200 });
    const peer = RawPeer.ask(started, '/gone');
    peer.stopReading();
    await sleep(50);
    peer.end();
    await eventually(() => expect(closes).toEqual([1006]));
    await started.container.close();
    peer.socket.destroy();
    await backTo(before);
  });
});
