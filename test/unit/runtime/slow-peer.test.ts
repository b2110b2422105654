/** When a peer is too slow, with a clock of the test's. [REL-10] */
import { describe, expect, it, jest } from '@jest/globals';
import type { Session, SlowPeerPolicy } from 'margay';
import type { SlowPeerLimits } from '../../../src/runtime/plan.js';
import type { Sender } from '../../../src/runtime/sender.js';
import { SlowPeer } from '../../../src/runtime/slow-peer.js';
import type { Channel } from '../../../src/transport/spi.js';

const PROPERTY = 'org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT';

/** `leaves`: who is told closes the session. */
function peer(limits: Partial<SlowPeerLimits> = {}, leaves = false) {
  const began = Math.round(performance.now()); // sums of whole numbers are exact
  const channel = { bufferedAmount: 0, lastWritten: began, congestion: 1 };
  const properties = new Map<string, unknown>();
  const applied: SlowPeerPolicy[] = [];
  const closed: Error[] = [];
  const lines: [string, unknown][] = [];
  const told = (policy: SlowPeerPolicy): void => {
    applied.push(policy);
    if (leaves) sender.sending = false;
  };
  const sender = {
    sending: true,
    properties,
    session: { getId: () => 'id' } as unknown as Session,
    settings: { highWaterMark: 65_536, slowPeer: { mark: 1000, patience: 5000, isOfSends: false, cap: 5000, policy: 'close', ...limits } },
    logger: { warn: (fields: unknown) => lines.push(['warn', fields]), debug: (fields: unknown) => lines.push(['debug', fields]) },
    opening: { owner: { slowPeer: (_session: Session, policy: SlowPeerPolicy) => told(policy) }, away: null },
    reason: null,
    tooSlow: (error: Error) => void closed.push(error),
  };
  const slow = new SlowPeer(sender as unknown as Sender, channel as Channel);
  return {
    slow, channel, properties, applied, closed, lines, sender,
    /** So many bytes wait now, which is the beginning however long the test has taken. */
    waits(bytes: number): void {
      channel.bufferedAmount = bytes;
      const clock = jest.spyOn(performance, 'now').mockReturnValue(began);
      if (bytes > slow.from) slow.watch();
      clock.mockRestore();
    },
    /** A write has finished `ms` after the beginning, and leaves so many bytes. */
    takes(ms: number, bytes: number): void {
      channel.lastWritten = began + ms;
      channel.bufferedAmount = bytes;
      slow.moved();
    },
    /** The ticker, `ms` after the beginning. */
    look: (ms: number): void => slow.look(began + ms),
  };
} // biome-ignore format: short

describe('patience', () => {
  it('[REL-10] ends when nothing has left for that long with more than the mark waiting: the policy applies once', () => {
    const { waits, look, applied, closed, lines } = peer();
    waits(1001);
    look(4000);
    expect(applied).toEqual([]);
    look(5000);
    look(6000);
    expect(applied).toEqual(['close']);
    expect(closed).toEqual([expect.objectContaining({ name: 'IOException', code: 'MARGAY_SLOW_PEER' })]);
    expect(closed[0]?.message).toMatch(/1001 bytes.*slowPeer/);
    expect(lines).toEqual([['warn', { code: 'MARGAY_SLOW_PEER', session: 'id', bytes: 1001, policy: 'close' }]]);
  });

  it('[REL-10] does not end at the mark, below it, or for a session that sends no more', () => {
    const { waits, look, applied, sender } = peer();
    waits(1000);
    look(60_000);
    waits(5000);
    sender.sending = false;
    look(120_000);
    expect(applied).toEqual([]);
  });

  it('[REL-10] begins again with each write that finishes', () => {
    const { waits, look, takes, applied } = peer();
    waits(3000);
    for (let ms = 4000; ms < 60_000; ms += 4000) {
      takes(ms, 3000);
      look(ms + 3900);
    }
    expect(applied).toEqual([]);
    look(56_000 + 5000);
    expect(applied).toEqual(['close']);
  });

  it('[REL-10] begins when the mark is passed: that nothing left before is no fault of the peer', () => {
    const { channel, waits, look, takes, applied } = peer();
    channel.lastWritten -= 100_000;
    waits(2000);
    look(4000);
    expect(applied).toEqual([]);
    channel.bufferedAmount = 900; // and again
    look(4500);
    takes(-100_000, 900);
    waits(2000);
    look(4900);
    expect(applied).toEqual([]);
    look(5000 + 5000);
    expect(applied).toEqual(['close']);
  });

  it('[REL-10] is not asked for while the peer takes all it is given: what waits for a thread, or an extension, is no fault of its', () => {
    const { channel, waits, look, applied } = peer();
    channel.congestion = 0;
    waits(2000);
    for (let ms = 1000; ms <= 60_000; ms += 1000) look(ms);
    expect(applied).toEqual([]);
    channel.congestion = 1; // now it has something
    look(61_000);
    look(64_999);
    expect(applied).toEqual([]);
    look(65_000);
    expect(applied).toEqual(['close']);
  });

  it('[REL-10] with drop: messages are left out from then on, until a write finishes', () => {
    const { slow, waits, look, takes, applied } = peer({ policy: 'drop' });
    waits(2000);
    expect(slow.objection(0)).toBeNull();
    look(5000);
    expect(applied).toEqual([]);
    for (let i = 0; i < 3; i++) expect(slow.objection(0)).toMatchObject({ code: 'MARGAY_SLOW_PEER' });
    expect([applied, slow.dropped]).toEqual([Array(3).fill('drop'), 3]);
    takes(6000, 1900);
    expect(slow.objection(0)).toBeNull();
    look(10_000);
    expect(slow.objection(0)).toBeNull();
    look(11_000);
    expect(slow.objection(0)).not.toBeNull();
    expect(slow.dropped).toBe(4);
  });

  it('[REL-10] with wait: counted once each time, and no message is refused', () => {
    const { slow, waits, look, takes, applied, lines } = peer({ policy: 'wait' });
    waits(2000);
    for (const ms of [5000, 6000, 7000]) look(ms);
    takes(8000, 2000);
    for (const ms of [9000, 13_000, 14_000]) look(ms);
    expect(slow.objection(0)).toBeNull();
    expect(applied).toEqual(['wait', 'wait']);
    expect(lines.map(([level]) => level)).toEqual(['warn', 'debug']);
  });
});

describe('a send timeout of the application', () => {
  it.each<[string, (fake: ReturnType<typeof peer>) => void]>([
    ['as the session’s property', ({ properties }) => properties.set(PROPERTY, 2000)],
    ['as a numeric string', ({ properties }) => properties.set(PROPERTY, '2000')],
    [
      'on the Async remote',
      ({ slow }) => {
        slow.sendTimeout = 2000;
      },
    ],
    [
      'the longer of both',
      ({ slow, properties }) => {
        slow.sendTimeout = 2000;
        properties.set(PROPERTY, 300);
      },
    ],
    ['as an option', ({ sender }) => Object.assign(sender.settings.slowPeer, { patience: 2000, isOfSends: true })],
    [
      'of the session before the option’s',
      ({ sender, properties }) => {
        Object.assign(sender.settings.slowPeer, { patience: 300, isOfSends: true });
        properties.set(PROPERTY, 2000);
      },
    ],
  ])('[REL-10] replaces patience, one look later, since the send’s own comes first: %s', (_name, set) => {
    const fake = peer();
    set(fake);
    fake.waits(2000);
    for (const ms of [0, 1000, 1990]) fake.look(ms);
    fake.look(2000);
    expect(fake.applied).toEqual([]);
    fake.look(2050);
    expect(fake.applied).toEqual(['close']);
  });

  it.each([-1, 0, Number.POSITIVE_INFINITY])('[REL-10] of %d is no limit, even beside another', (none) => {
    const fake = peer();
    fake.slow.sendTimeout = none;
    fake.properties.set(PROPERTY, 2000);
    fake.waits(2000);
    for (const ms of [2000, 5000, 3_600_000, 7_200_000]) fake.look(ms);
    expect(fake.applied).toEqual([]);
  });

  it('[REL-10] that is no number replaces nothing', () => {
    const fake = peer();
    fake.properties.set(PROPERTY, 'soon');
    fake.waits(2000);
    fake.look(5000);
    expect(fake.applied).toEqual(['close']);
  });

  it('[REL-10] is given up for the one look when something has left meanwhile', () => {
    const fake = peer();
    fake.slow.sendTimeout = 2000;
    fake.waits(2000);
    fake.look(2000);
    fake.takes(2010, 2000);
    fake.look(3000);
    fake.look(4005);
    expect(fake.applied).toEqual([]);
  });
});

describe('the cap', () => {
  it.each<[SlowPeerPolicy, number, number]>([
    ['close', 1, 0],
    ['drop', 0, 1],
    ['wait', 0, 0],
  ])('[REL-10] %s: a message is one too many while that much waits, wherever', (policy, closes, dropped) => {
    const { slow, waits, applied, closed } = peer({ policy });
    for (const [waiting, behind, isFull] of [[4999, 0, false], [5000, 0, true], [2000, 2999, false], [2000, 3000, true]] as const) {
      waits(waiting);
      const before = applied.length;
      const objection = slow.objection(behind);
      expect([applied.length > before, objection !== null]).toEqual([isFull, isFull && policy !== 'wait']);
    }
    expect([closed.length, slow.dropped, applied]).toEqual([2 * closes, 2 * dropped, [policy, policy]]);
  }); // biome-ignore format: short

  it('[REL-10] with wait, for a session that is closed by whoever is told: the message has no way to leave any more, and says so', () => {
    const { slow, waits } = peer({ policy: 'wait' }, true);
    waits(5000);
    expect(slow.objection(0)).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
  });

  it('[REL-10] of nothing lets a message through while the queue is empty', () => {
    const { slow } = peer({ cap: 0 });
    slow.watch();
    expect(slow.objection(0)).toBeNull();
  });

  it('[REL-10] is looked at as soon as it, the mark or the high-water mark is reached, whichever is lowest', () => {
    expect(peer().slow.from).toBe(1000);
    expect(peer({ mark: 1_000_000, cap: 2_000_000 }).slow.from).toBe(65_536);
    expect(peer({ cap: 500 }).slow.from).toBe(499);
  });

  it('[REL-10] is no longer looked at once the queue is short again', () => {
    const { slow, waits, takes } = peer();
    waits(1001);
    expect(slow.isWatched).toBe(true);
    takes(1, 1000);
    expect(slow.isWatched).toBe(false);
  });
});
