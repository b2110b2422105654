/** Section 16 of the ledger: peers that are silent are asked whether they are still there. [REL-12] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, type ContainerOptions, OnClose, OnMessage, PongMessage, ServerEndpoint, Session, statistics } from 'margay';
import { MiB } from '../support/deaf-peer.js';
import { eventually, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { frame, OPCODES } from '../support/frames.js';
import { liveSession } from '../support/live-session.js';
import { answerPings, pingsOf } from '../support/pings.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';

withFastSeconds();

/** ms */
const INTERVAL = 150;
const closed1006 = ({ container }: { container: { statistics(): { closed: ReadonlyMap<number, number> } } }) =>
  eventually(() => expect(Object.fromEntries(container.statistics().closed)).toEqual({ 1006: 1 }));

describe('a peer that does not answer', () => {
  it.each([1, 2, 3])('[REL-12] gets %i pings, one per interval, and is dropped an interval later: 1006, no error', async (missed) => {
    const since = performance.now();
    const on = await liveSession({ heartbeat: { interval: INTERVAL, missed } });
    const times: number[] = [];
    on.client.socket.on('data', () => times.push(performance.now()));
    await on.client.ended();
    times.push(performance.now());
    await closed1006(on);
    expect(on.heard).toEqual([1006]);
    expect(on.session.isOpen()).toBe(false);
    expect(on.client.frames.map(({ opcode, fin, masked }) => [opcode, fin, masked])).toEqual(
      Array.from({ length: missed }, () => [OPCODES.ping, true, false]),
    );
    expect(new Set(pingsOf(on.client)).size).toBe(missed);
    for (const [i, at] of times.entries()) expect(at - since).toBeGreaterThan((i + 1) * INTERVAL); // none comes too soon
  });

  it('[REL-12] is told to @OnClose with the reason, and logged nowhere', async () => {
    const reasons: CloseReason[] = [];
    @ServerEndpoint({ value: '/talk', heartbeat: { interval: 50, missed: 1 } })
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        reasons.push(reason);
      }
    }
    const started = await start(Talk);
    await (await RawPeer.open(started, '/talk')).ended();
    await eventually(() => expect(reasons.map(String)).toEqual(['CloseReason[1006,no answer to ping]']));
    expect(started.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('[REL-12] is dropped although the kernel takes all that it is sent', async () => {
    const on = await liveSession({ heartbeat: { interval: INTERVAL, missed: 2 } });
    on.client.stopReading();
    const timer = setInterval(() => on.session.isOpen() && void on.async.sendText('tick'), 20);
    await closed1006(on);
    clearInterval(timer);
    expect(on.heard).toEqual([1006]);
  });

  it('[REL-12] gets no ping behind a queue of which it takes nothing, and is dropped all the same', async () => {
    const on = await liveSession({ heartbeat: { interval: INTERVAL, missed: 3 }, slowPeer: { policy: 'wait' } });
    on.client.stopReading();
    const sent = on.async.sendBinary(Buffer.alloc(12 * MiB));
    let frames = 0;
    while (on.session.isOpen()) {
      frames = statistics(on.session).framesSent;
      await sleep(10);
    }
    expect(frames).toBe(1);
    await expect(sent).rejects.toMatchObject({ code: 'MARGAY_SEND_FAILED' });
    await closed1006(on);
  });

  it('[REL-12] is one that answers too few: each answer begins the count again', async () => {
    const on = await liveSession({ heartbeat: { interval: INTERVAL, missed: 2 } });
    answerPings(on.client, { which: (count) => count % 2 === 0 && count < 7 });
    await on.client.ended();
    expect(pingsOf(on.client)).toHaveLength(8); // the sixth is the last that is answered
    await closed1006(on);
  });
});

describe('a peer that answers', () => {
  it('[REL-12] stays, and no PongMessage handler hears of it; pongs of others it does hear', async () => {
    const pongs: string[] = [];
    const sessions: Session[] = [];
    @ServerEndpoint({ value: '/talk', heartbeat: { interval: 50, missed: 3 } })
    class Talk {
      @OnMessage
      pong(message: PongMessage, session: Session): void {
        pongs.push(message.getApplicationData().toString());
        sessions.push(session);
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    answerPings(peer);
    await eventually(() => expect(pingsOf(peer).length).toBeGreaterThan(4));
    const [ping = ''] = pingsOf(peer);
    const foreign = [Buffer.from('x'.repeat(ping.length / 2)), Buffer.from(ping.slice(2), 'hex')];
    for (const payload of foreign) peer.send({ opcode: OPCODES.pong, payload });
    await eventually(() => expect(pongs).toEqual(foreign.map(String)));
    expect(sessions[0]?.isOpen()).toBe(true);
    expect(new Set(pingsOf(peer)).size).toBe(pingsOf(peer).length);
    expect(Buffer.from(ping, 'hex').length).toBeLessThanOrEqual(125);
  });

  it('[REL-12] stays: an ordinary client does so by itself', async () => {
    @ServerEndpoint({ value: '/talk', heartbeat: { interval: 50, missed: 3 } })
    class Talk {
      @OnMessage
      text(_message: string, session: Session): string {
        return String(statistics(session).framesReceived);
      }
    }
    const { dial } = await start(Talk);
    const peer = await dial('/talk');
    await sleep(600);
    peer.send('how many?');
    expect(Number(await peer.next())).toBeGreaterThan(3); // what it has answered, and this
  });

  it('[REL-12] is not blamed for our own delay: what the kernel holds is read before it is judged', async () => {
    const on = await liveSession({ heartbeat: { interval: 200, missed: 1 } });
    let delays = 0;
    on.client.socket.on('data', () => {
      const last = on.client.frames.at(-1);
      if (last?.opcode !== OPCODES.ping || delays === 3) return;
      delays++;
      on.client.send({ opcode: OPCODES.pong, payload: last.payload }); // it is with the kernel now, and we are busy
      const until = performance.now() + 300;
      while (performance.now() < until);
    });
    await eventually(() => expect(delays).toBe(3));
    expect(on.heard).toEqual([]);
    expect(on.session.isOpen()).toBe(true);
  });
});

describe('a peer that is active', () => {
  const long = frame({ opcode: OPCODES.text, payload: 'x'.repeat(1000) });
  const ROWS: readonly (readonly [what: string, does: (peer: RawPeer, turn: number) => void])[] = [
    ['sends messages', (peer) => peer.text('x')],
    ['sends nothing but pings', (peer) => peer.ping('are you there?')],
    ['sends nothing but pongs', (peer) => peer.send({ opcode: OPCODES.pong })],
    ['sends a frame byte by byte', (peer, turn) => peer.send(long.subarray(turn, turn + 1))],
    ['sends a message in empty fragments', (peer, turn) => peer.send({ opcode: turn === 0 ? OPCODES.text : 0, fin: false })],
  ];

  it('[REL-12] sees no ping, whatever it does', () =>
    sideBySide(
      ROWS,
      ([what]) => what,
      async ([, does]) => {
        const on = await liveSession({ heartbeat: { interval: 400, missed: 1 } });
        for (let turn = 0; turn < 30; turn++) {
          does(on.client, turn);
          await sleep(30);
        }
        expect([pingsOf(on.client), on.heard]).toEqual([[], []]);
        await on.client.ended(); // now it is silent
        expect(pingsOf(on.client)).toHaveLength(1);
      },
    ));

  it('[REL-12] is one that takes a long queue slowly', async () => {
    const on = await liveSession({ heartbeat: { interval: 600, missed: 1 }, slowPeer: { policy: 'wait' } });
    const waiting = () => statistics(on.session).bytesWaiting;
    on.client.stopReading();
    void on.async.sendBinary(Buffer.alloc(64 * MiB)).catch(() => {});
    for (let turn = 0; turn < 12; turn++) {
      await sleep(150);
      const before = waiting();
      await new Promise<void>((resolve) => {
        const { socket } = on.client;
        const look = (): void => {
          if (waiting() === before) return;
          socket.off('data', look);
          on.client.stopReading();
          resolve();
        };
        socket.on('data', look);
        on.client.read();
      });
    }
    expect([on.heard, on.session.isOpen()]).toEqual([[], true]);
    expect(waiting()).toBeGreaterThan(0);
    await closed1006(on); // it has stopped
  });
});

describe('the option', () => {
  const ROWS: readonly (readonly [what: string, container: ContainerOptions, own: ContainerOptions['heartbeat'], pings: number])[] = [
    ['off for the container', { heartbeat: false }, undefined, 0],
    ['off for the endpoint', { heartbeat: { interval: 50, missed: 1 } }, false, 0],
    ['on for the endpoint', { heartbeat: false }, { interval: 50, missed: 1 }, 1],
    ['the endpoint wins', { heartbeat: { interval: 60_000, missed: 1 } }, { interval: 50, missed: 3 }, 3],
    ['half a minute by default', {}, undefined, 0],
  ];

  it('[REL-12] turns it off, for a container or an endpoint', () =>
    sideBySide(
      ROWS,
      ([what]) => what,
      async ([, options, heartbeat, pings]) => {
        @ServerEndpoint({ value: '/talk', heartbeat })
        class Talk {}
        const peer = await RawPeer.open(await start(Talk, options), '/talk');
        if (pings > 0) await peer.ended();
        else await sleep(600);
        expect([pingsOf(peer).length, peer.hasEnded]).toEqual([pings, pings > 0]);
      },
    ));
});
