/** Slow servers and slow clients: each waits for the other, and nobody keeps more than agreed. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually, gate, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { OPCODES } from '../support/frames.js';
import { liveClient } from '../support/live-client.js';

const MIB = 2 ** 20;
const LARGE = 'x'.repeat(256 * 1024);
const outcome = (send: Promise<void>): Promise<string> =>
  send.then(
    () => 'sent',
    ({ code }: { code: string }) => code,
  );
let warned: jest.SpiedFunction<typeof console.warn>;
beforeEach(() => {
  warned = jest.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => warned.mockRestore());

describe('a slow client', () => {
  it('[LIF-8] stops reading behind a handler that takes its time; then everything comes, in order', async () => {
    const held = gate();
    const { heard, end } = await liveClient({
      take: (message) => (message === '0' ? held.promise : undefined),
      properties: { 'margay.backlog': { events: 4, bytes: 65_536 } },
    });
    const total = 400;
    const payload = 'y'.repeat(64 * 1024);
    for (let i = 0; i < total; i++) end.text(i === 0 ? '0' : `${i} ${payload}`);
    await eventually(() => expect(heard).toEqual(['0']));
    await sleep(50); // what the kernels take is taken
    expect(end.socket.writableLength).toBeGreaterThan(4 * MIB);
    held.open();
    await eventually(() => expect(heard).toHaveLength(total), 10_000);
    expect(heard.map((message) => Number.parseInt(message, 10))).toEqual(Array.from({ length: total }, (_, i) => i));
  });
});

describe('a slow server', () => {
  withFastSeconds();

  it('[REM-7] sends settle on drain, once it reads again', async () => {
    const { basic, end } = await liveClient();
    end.socket.pause();
    let settled = 0;
    const sends = Array.from({ length: 60 }, () => basic.sendText(LARGE).then(() => settled++));
    await sleep(50);
    expect(settled).toBeLessThan(60);
    end.socket.resume();
    await Promise.all(sends);
    await eventually(() => expect(end.frames).toHaveLength(60));
  });

  it('[REL-10] policy close: what waits is dropped, 1006 here', async () => {
    const { session, heard, basic, end } = await liveClient({
      properties: { 'margay.slowPeer': { mark: MIB, patience: 60_000, cap: 2 * MIB, policy: 'close' } },
    });
    end.socket.pause();
    const outcomes = Array.from({ length: 80 }, () => outcome(basic.sendText(LARGE)));
    const all = await Promise.all(outcomes);
    expect(new Set(all)).toEqual(new Set(['sent', 'MARGAY_SLOW_PEER', 'MARGAY_SEND_CLOSED']));
    await eventually(() => expect(heard.at(-1)).toMatch(/^close 1006/));
    expect(heard).toHaveLength(1);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('MARGAY_SLOW_PEER'));
    expect(session.isOpen()).toBe(false);
  });

  it('[REL-10] policy drop: the session lives, and what was not dropped arrives whole', async () => {
    const { session, basic, end } = await liveClient({
      properties: { 'margay.slowPeer': { mark: MIB, patience: 60_000, cap: 2 * MIB, policy: 'drop' } },
    });
    end.socket.pause();
    const outcomes = Array.from({ length: 80 }, () => outcome(basic.sendText(LARGE)));
    await sleep(20);
    end.socket.resume();
    const all = await Promise.all(outcomes);
    const sent = all.filter((each) => each === 'sent').length;
    expect(all.filter((each) => each === 'MARGAY_SLOW_PEER')).toHaveLength(80 - sent);
    expect(sent).toBeLessThan(80);
    await eventually(() => expect(end.of('text').map(({ length }) => length)).toEqual(Array(sent).fill(LARGE.length)));
    expect(session.isOpen()).toBe(true);
  });

  it("[REM-10, EXT-2] Tomcat's BLOCKING_SEND_TIMEOUT ends a send that the server takes nothing of", async () => {
    const { heard, basic, end, session } = await liveClient({ properties: { 'org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT': 100 } });
    end.socket.pause();
    const outcomes = Array.from({ length: 60 }, () => outcome(basic.sendText(LARGE)));
    expect(new Set(await Promise.all(outcomes))).toContain('MARGAY_SEND_TIMEOUT');
    await eventually(() => expect(heard.at(-1)).toMatch(/^close 1006/));
    expect(session.isOpen()).toBe(false);
  });

  it('[REM-12] setSendTimeout() ends an asynchronous one', async () => {
    const { heard, session, end } = await liveClient();
    const remote = session.getAsyncRemote();
    remote.setSendTimeout(60);
    end.socket.pause();
    const outcomes = Array.from({ length: 60 }, () => outcome(remote.sendText(LARGE)));
    expect(new Set(await Promise.all(outcomes))).toContain('MARGAY_SEND_TIMEOUT');
    await eventually(() => expect(heard.at(-1)).toMatch(/^close 1006/));
  });
});

it('[REL-11, LIF-7] a flood of small frames does not hold its neighbours', async () => {
  const flooded = await liveClient({ take: null });
  const neighbour = await liveClient();
  const empty = Buffer.alloc(2 * 200_000);
  for (let i = 0; i < empty.length; i += 2) empty[i] = 0x80 | OPCODES.text;
  flooded.end.send(empty, { opcode: OPCODES.ping, payload: 'done' });
  neighbour.end.text('a');
  await eventually(() => expect(neighbour.heard).toEqual(['a']));
  await eventually(() => expect(flooded.end.of('pong')).toEqual(['done']));
});
