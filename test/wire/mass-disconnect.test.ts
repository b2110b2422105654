/** Hundreds of connections that go at once, in the middle of compressing and inflating: nobody else waits for them. [REL-14, REL-15] */
import { createHook } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ContainerOptions, OnClose, OnError, OnMessage, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { frame, OPCODES } from '../support/frames.js';
import { held } from '../support/memory.js';
import { randomOf } from '../support/mutations.js';
import { RawPeer } from '../support/raw-peer.js';
import { Squeezer, squeezed, Unsqueezer } from '../support/squeezing.js';
import { type Started, start } from '../support/start.js';

const PEERS = 200;
/** ms; a machine with two cores may have others to serve. */
const PATIENCE = 10_000;
const RSV1 = 4;
/** zlib's streams that may wait for whoever needs one next: 8 of either kind. */
const SHELVES = 16;

/** Text that compresses to about a half, so that either direction takes its time. */
function prose(size: number): string {
  const random = randomOf(7);
  return Array.from({ length: size / 8 }, () => `word${1000 + Math.floor(random() * 9000)}`).join('');
}
const LARGE = prose(60_000);
const SENT = frame({ opcode: OPCODES.text, rsv: RSV1, payload: squeezed(LARGE) });

/** Handles of zlib's that have not been thrown away. */
const alive = new Set<number>();
const hook = createHook({
  init: (id, type) => void (type === 'ZLIB' && alive.add(id)),
  destroy: (id) => void alive.delete(id),
});
beforeAll(() => void hook.enable());
afterAll(() => void hook.disable());

/** An echo that remembers what it should not have been told. */
async function echo(options: ContainerOptions): Promise<Started & { readonly told: { texts: number; ends: number; late: string[] } }> {
  const told = { texts: 0, ends: 0, late: [] as string[] };
  const over = new WeakSet<Session>();

  @ServerEndpoint('/echo')
  class Echo {
    @OnMessage
    text(message: string, session: Session): string {
      told.texts++;
      if (over.has(session)) told.late.push('a message');
      return message;
    }

    @OnError
    error(_error: Error, session: Session): void {
      if (over.has(session)) told.late.push('an error');
    }

    @OnClose
    close(session: Session): void {
      if (over.has(session)) told.late.push('a second end');
      over.add(session);
      told.ends++;
    }
  }

  return { ...(await start(Echo, { maxTextMessageBufferSize: 1e6, closeTimeout: 1000, ...options })), told };
}

const squeezing = (started: Started) => RawPeer.open(started, '/echo', { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] });

/** They have all said more than anybody could have answered, and some answers are on their way. */
async function busy(started: Started, told: { readonly texts: number }): Promise<RawPeer[]> {
  const peers = await Promise.all(Array.from({ length: PEERS }, () => squeezing(started)));
  for (const peer of peers) for (let i = 0; i < 2; i++) peer.send(SENT);
  await eventually(() => expect(told.texts).toBeGreaterThan(0));
  return peers;
}

/** A large message there and back. */
async function echoes(peer: RawPeer, takeover: boolean): Promise<void> {
  const message = `${LARGE}, once more`;
  peer.send({ opcode: OPCODES.text, rsv: RSV1, payload: new Squeezer({ takeover }).squeeze(message) });
  await eventually(() => expect(peer.frames).toHaveLength(1), PATIENCE);
  expect(new Unsqueezer({ takeover }).unsqueeze(peer.frames[0]?.payload as Buffer).toString() === message).toBe(true);
}

const NO_FRAME = { opcode: 3 };
const NO_DEFLATE = { opcode: OPCODES.binary, rsv: RSV1, payload: Buffer.alloc(9000, 0xff) };
const WAYS: readonly (readonly [string, (peer: RawPeer, i: number) => void])[] = [
  ['are reset', (peer) => peer.reset()],
  ['send what is no frame, or cannot be inflated', (peer, i) => peer.send(i % 2 === 0 ? NO_FRAME : NO_DEFLATE)],
];

describe.each([
  ['no context is kept', false],
  ['all contexts are kept', true],
])('[REL-14, REL-15] 200 connections at work, %s,', (_what, takeover) => {
  const perMessageDeflate = { serverNoContextTakeover: !takeover, clientNoContextTakeover: !takeover };

  it.each(WAYS)('%s: others go on as if nothing had been, and what zlib had is free', async (_way, act) => {
    const started = await echo({ perMessageDeflate });
    const { told, container } = started;
    const [good, idle] = [await squeezing(started), await squeezing(started)];
    const peers = await busy(started, told);
    const during = echoes(good, takeover);
    for (const [i, peer] of peers.entries()) act(peer, i);
    await during;
    await eventually(() => expect(told.ends).toBe(PEERS), PATIENCE);
    await echoes(idle, takeover);
    await echoes(await squeezing(started), takeover);
    expect(told.late).toEqual([]);
    await eventually(() => expect(container.statistics().open).toBe(3));
    for (const peer of peers) peer.reset();
    RawPeer.dropAll();
    await eventually(async () => {
      await held();
      expect(alive.size).toBeLessThanOrEqual(SHELVES);
    });
  });

  it('are closed with their container: it does not wait for zlib, and nothing comes later', async () => {
    const { told, container, ...started } = await echo({ perMessageDeflate, shutdownTimeout: 200 });
    await busy({ container, ...started }, told);
    await container.close();
    expect(told.ends).toBe(PEERS);
    const { texts } = told;
    RawPeer.dropAll();
    await eventually(async () => {
      await held();
      expect(alive.size).toBeLessThanOrEqual(SHELVES);
    });
    expect(told).toEqual({ texts, ends: PEERS, late: [] });
    const next = await echo({ perMessageDeflate });
    await echoes(await squeezing(next), takeover);
  });
});
