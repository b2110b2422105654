/** Section 16 of the ledger: the heartbeat beside idle timeouts, a session that does not read, a close, and every way a frame can take. [REL-12] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  type ContainerOptions,
  InputStream,
  OnClose,
  OnMessage,
  OnOpen,
  resume,
  ServerContainer,
  ServerEndpoint,
  Session,
  statistics,
  suspend,
} from 'margay';
import { MemoryTransport } from '../../src/transport/memory/memory-transport.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { frame, OPCODES } from '../support/frames.js';
import { liveSession } from '../support/live-session.js';
import { cert, key } from '../support/localhost-certificate.js';
import { answerPings, pingsOf } from '../support/pings.js';
import { RawPeer } from '../support/raw-peer.js';
import { Recorder } from '../support/recorder.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';
import { Xor, xor } from '../support/xor-extension.js';

withFastSeconds();

const BEATS = { interval: 100, missed: 1 } as const; // ms
/** For a peer that answers to the end, however busy the machine is. */
const PATIENT = { ...BEATS, missed: 3 } as const;

describe('idle timeouts', () => {
  const ROWS: readonly (readonly [what: string, options: ContainerOptions, phrase: string])[] = [
    ['maxIdleTimeout', { maxIdleTimeout: 700 }, 'no traffic for 700 ms'],
    ['readIdleTimeout', { readIdleTimeout: 700 }, 'no byte from the peer for 700 ms'],
    ['writeIdleTimeout', { writeIdleTimeout: 700 }, 'no byte to the peer for 700 ms'],
    ['maxIdleTimeout, deflated', { maxIdleTimeout: 700, perMessageDeflate: true }, 'no traffic for 700 ms'],
    ['maxIdleTimeout, through an extension that answers late', { maxIdleTimeout: 700, extensions: [xor({ slow: true })] }, 'no traffic'],
  ];

  it('[REL-12, CLO-12, EXT-5] take no notice of pings that are answered', () =>
    sideBySide(
      ROWS,
      ([what]) => what,
      async ([, options, phrase]) => {
        const reasons: string[] = [];
        @ServerEndpoint({ value: '/talk', heartbeat: PATIENT })
        class Talk {
          @OnClose
          close(reason: CloseReason): void {
            reasons.push(`${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`);
          }
        }
        const isTransformed = options.extensions !== undefined;
        const lines = isTransformed ? ['Sec-WebSocket-Extensions: xor'] : [];
        const peer = await RawPeer.open(await start(Talk, { closeTimeout: 200, ...options }), '/talk', { lines });
        answerPings(peer, { rsv: isTransformed ? 2 : 0 });
        await peer.ended();
        expect(pingsOf(peer).length).toBeGreaterThan(0); // if they counted, there would be another before each timeout
        const code = peer.frames.at(-1)?.payload ?? Buffer.alloc(0);
        expect((isTransformed ? new Xor().turn(code) : code).readUInt16BE()).toBe(1001);
        await eventually(() => expect(reasons).toEqual([expect.stringMatching(`^1006 .*${phrase}`)]));
      },
    ));

  const BESIDE: readonly (readonly [what: string, behind: readonly Buffer[], does?: (session: Session) => void])[] = [
    ['in the packet of an answer', [frame({ opcode: OPCODES.text, payload: 'x' })]],
    ['in the packet of an answer, a ping', [frame({ opcode: OPCODES.ping })]],
    ['ours, right behind a ping', [], (session) => void session.getAsyncRemote().sendText('x')],
  ];

  it('[REL-12, CLO-12] do take notice of what comes with an answer, or leaves with a ping', () =>
    sideBySide(
      BESIDE,
      ([what]) => what,
      async ([, behind, does]) => {
        const on = await liveSession({ heartbeat: PATIENT, maxIdleTimeout: 600 });
        let isTalking = true;
        answerPings(on.client, { behind: () => (isTalking ? behind : []) });
        if (does !== undefined)
          on.client.socket.on('data', () => on.client.frames.at(-1)?.opcode === OPCODES.ping && isTalking && does(on.session));
        await sleep(1800);
        expect(on.heard).toEqual([]);
        expect(pingsOf(on.client).length).toBeGreaterThan(4);
        isTalking = false;
        expect(await on.client.closeFrame()).toMatchObject({ code: 1001 });
      },
    ));
});

describe('a session that does not read', () => {
  interface Row {
    readonly what: string;
    /** Makes the session stop reading; what it returns lets it read on. */
    stop(on: { readonly session: Session; readonly peer: RawPeer; readonly busy: ReturnType<typeof gate<void>> }): () => void;
  }
  const ROWS: readonly Row[] = [
    {
      what: 'suspended',
      stop: ({ session }) => {
        suspend(session);
        return () => resume(session);
      },
    },
    {
      what: 'with a backlog behind a handler',
      stop: ({ peer, busy }) => {
        for (let i = 0; i < 4; i++) peer.text('wait');
        return () => busy.open();
      },
    },
    {
      what: 'with a stream that is not read',
      stop: ({ peer, busy }) => {
        peer.send({ opcode: OPCODES.binary, fin: false, payload: Buffer.alloc(300_000) });
        return () => busy.open();
      },
    },
    {
      what: 'with a message for a handler that @OnOpen may still add',
      stop: ({ peer, busy }) => {
        peer.text('open');
        return () => busy.open();
      },
    },
  ];

  it('[REL-12] asks nothing, and the clock stands still meanwhile', () =>
    sideBySide(
      ROWS,
      ({ what }) => what,
      async ({ what, stop }) => {
        const busy = gate();
        const opened = gate<Session>();
        @ServerEndpoint({ value: '/talk', heartbeat: { interval: 300, missed: 1 }, backlog: { events: 2 } })
        class Talk {
          @OnOpen
          async open(session: Session): Promise<void> {
            opened.open(session);
            if (what.includes('@OnOpen')) await busy.promise;
            else if (what.includes('backlog')) session.addMessageHandler(String, () => busy.promise);
          }

          @OnMessage
          async bytes(stream: InputStream): Promise<void> {
            await busy.promise;
            stream.resume();
          }
        }
        const peer = await RawPeer.open(await start(Talk), '/talk');
        const session = await opened.promise;
        const readOn = stop({ session, peer, busy });
        await sleep(1200);
        expect([pingsOf(peer), peer.hasEnded]).toEqual([[], false]);
        const since = performance.now();
        readOn();
        await eventually(() => expect(pingsOf(peer)).toHaveLength(1));
        expect(performance.now() - since).toBeGreaterThan(150); // ms; what passed meanwhile does not count
        await peer.ended(); // it has been asked, and did not answer
        expect(pingsOf(peer)).toHaveLength(1);
      },
    ));
});

describe('a session that closes', () => {
  const ROWS: readonly (readonly [what: string, begins: (peer: RawPeer, session: Session) => void, handlerRuns: boolean])[] = [
    ['we have closed', (_peer, session) => void session.close(), false],
    ["the peer's close frame waits for its turn", (peer) => peer.close(4000), true],
    ['the peer has ended its direction', (peer) => peer.end(), true],
  ];

  it('[REL-12] asks nothing more, and drops nobody for it', () =>
    sideBySide(
      ROWS,
      ([what]) => what,
      async ([, begins, handlerRuns]) => {
        const busy = gate();
        const on = await liveSession({ heartbeat: BEATS, closeTimeout: 20_000 }, { reply: () => busy.promise });
        if (handlerRuns) on.client.text('run');
        begins(on.client, on.session);
        await eventually(() => expect(statistics(on.session).bytesReceived + (handlerRuns ? 0 : 1)).toBeGreaterThan(0));
        const from = pingsOf(on.client).length;
        await sleep(800);
        expect(pingsOf(on.client).length).toBe(from);
        expect([on.client.isClosed, on.client.hasEnded]).toEqual([false, false]);
        busy.open();
        if (!handlerRuns) on.client.close(1000);
        await on.client.finished();
        await eventually(() => expect(on.heard).toHaveLength(1));
        expect(on.heard).not.toEqual([1006, expect.anything()]);
      },
    ));
});

describe('every way a ping can take', () => {
  it('[REL-12] over TLS', async () => {
    const on = await liveSession({ heartbeat: BEATS, tls: { key, cert } }, { client: { secure: true } });
    answerPings(on.client, { which: (count) => count < 4 });
    await on.client.ended();
    expect(pingsOf(on.client)).toHaveLength(4);
    await eventually(() => expect(on.heard).toEqual([1006]));
  });

  it.each([false, true])('[REL-12, EXT-16] through an extension (late: %s), both ways', async (slow) => {
    const factory = xor({ slow });
    @ServerEndpoint({ value: '/talk', heartbeat: BEATS })
    class Talk {}
    const peer = await RawPeer.open(await start(Talk, { extensions: [factory] }), '/talk', { lines: ['Sec-WebSocket-Extensions: xor'] });
    answerPings(peer, { which: (count) => count < 4, rsv: 2 });
    await peer.ended();
    expect(pingsOf(peer)).toHaveLength(4);
    expect(factory.made[0]?.seen.filter((line) => line.startsWith('in 10'))).toHaveLength(3);
  });

  it('[REL-12] between the fragments of a message that is being sent, and with permessage-deflate', async () => {
    const on = await liveSession(
      { heartbeat: PATIENT, perMessageDeflate: true },
      { client: { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] } },
    );
    answerPings(on.client);
    await on.basic.sendText('be', false);
    await eventually(() => expect(pingsOf(on.client).length).toBeGreaterThan(1));
    await on.basic.sendText('gun', true);
    await eventually(() => expect(on.client.frames.at(-1)?.opcode).toBe(OPCODES.continuation));
    expect(on.client.frames.filter(({ opcode }) => opcode === OPCODES.ping).every(({ fin, rsv }) => fin && rsv === 0)).toBe(true);
  });

  it('[REL-12] in memory', async () => {
    const transport = new MemoryTransport();
    const closes: number[] = [];
    @ServerEndpoint({ value: '/talk', heartbeat: BEATS })
    class Talk {
      @OnMessage
      text(message: string): string {
        return message;
      }

      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const container = new ServerContainer({ transport });
    await container.addEndpoint(Talk);
    await container.listen();
    const house = new Recorder();
    const { channel } = await transport.dial('/talk', house);
    await eventually(() => expect(channel.counters.framesReceived).toBeGreaterThan(3)); // which it has answered
    expect(closes).toEqual([]);
    channel.pause();
    channel.text('x'); // its echo is not read, nor what comes behind it
    await eventually(() => expect(closes).toEqual([1006]));
    await container.close();
  });
});
