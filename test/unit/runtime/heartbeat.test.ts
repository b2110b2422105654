/** When a heartbeat asks, and what it takes for a sign of the peer; the clock and the channel are given. [REL-12] */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { Heartbeat } from '../../../src/runtime/heartbeat.js';
import type { Channel } from '../../../src/transport/spi.js';

/** ms between two looks. */
const SECOND = 1000;
/** Three looks. */
const INTERVAL = 2.9 * SECOND;

function scene({ missed = 2 } = {}) {
  const wire = {
    lastRead: 10,
    lastWritten: 20,
    congestion: 0,
    counters: { framesSent: 5, framesReceived: 7 },
    pings: [] as Uint8Array[],
    ping(payload: Uint8Array): void {
      wire.pings.push(payload);
      wire.counters.framesSent++;
    },
  };
  const of = {
    reading: true,
    dropped: 0,
    unanswered(): void {
      of.dropped++;
    },
  };
  const heartbeat = new Heartbeat(of, wire as unknown as Channel, { interval: INTERVAL, missed });
  const from = performance.now();
  let seconds = 0;
  /** So many looks, a second apart; what is done before each. */
  const looks = async (count: number, before: () => void = () => {}): Promise<void> => {
    for (let i = 0; i < count; i++) {
      before();
      heartbeat.tick(from + ++seconds * SECOND + 1);
      await turn();
    }
  };
  return { wire, of, heartbeat, looks };
}

describe('[REL-12] a heartbeat', () => {
  it('asks once per interval, and gives the peer up an interval after the last time', async () => {
    const { wire, of, looks } = scene();
    const story: [pings: number, dropped: number][] = [];
    for (let second = 0; second < 9; second++) {
      await looks(1);
      story.push([wire.pings.length, of.dropped]);
    }
    expect(story.map(([pings]) => pings)).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 2]);
    expect(story.map(([, dropped]) => dropped)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('reads what the kernel holds before it asks or gives up: never within a look', async () => {
    const { wire, of, heartbeat, looks } = scene({ missed: 1 });
    await looks(2);
    heartbeat.tick(performance.now() + 10 * INTERVAL);
    wire.lastRead = 11;
    await turn();
    expect([wire.pings.length, of.dropped]).toEqual([0, 0]);
  });

  it('takes for a sign: bytes that came, and any room in a kernel that had none', async () => {
    const signs: readonly ((wire: ReturnType<typeof scene>['wire']) => void)[] = [
      (wire) => wire.lastRead++,
      (wire) => {
        wire.congestion = wire.congestion === 9 ? 8 : 9; // no write has finished, but it becomes less
      },
      (wire) => {
        wire.congestion = 9;
        wire.lastWritten++; // as much again waits
      },
    ];
    for (const sign of signs) {
      const { wire, of, looks } = scene({ missed: 1 });
      const later = jest.spyOn(globalThis, 'setImmediate');
      sign(wire); // before the first look
      await looks(20, () => sign(wire));
      expect([wire.pings.length, of.dropped]).toEqual([0, 0]);
      expect(later).not.toHaveBeenCalled(); // who is active costs nothing but the look
      later.mockRestore();
    }
  });

  it('takes for none that the kernel took something at once, or that it takes nothing any more', async () => {
    const ours = scene();
    await ours.looks(9, () => ours.wire.lastWritten++);
    expect([ours.wire.pings.length, ours.of.dropped]).toEqual([2, 1]);
    const full = scene();
    await full.looks(2);
    full.wire.congestion = 9;
    await full.looks(7);
    expect([full.wire.pings.length, full.of.dropped]).toEqual([0, 1]); // and sends no ping behind what waits
  });

  it('asks too where an engine does not know of congestion', async () => {
    const { wire, of, looks } = scene();
    Object.assign(wire, { congestion: undefined });
    await looks(9);
    expect([wire.pings.length, of.dropped]).toEqual([2, 1]);
  });

  it('stands still, and does not begin again, while we do not read', async () => {
    const { wire, of, looks } = scene();
    await looks(2);
    of.reading = false;
    await looks(50);
    expect(wire.pings).toHaveLength(0);
    of.reading = true;
    await looks(1);
    expect(wire.pings).toHaveLength(1);
  });

  it('asks with a payload of its own each time, and knows its answers from others', async () => {
    const { wire, heartbeat, looks } = scene({ missed: 3 });
    await looks(9);
    const texts = wire.pings.map((each) => Buffer.from(each).toString('hex'));
    expect(new Set(texts).size).toBe(3);
    const [ping = new Uint8Array()] = wire.pings;
    expect(heartbeat.recognises(ping)).toBe(true);
    for (let i = 0; i < 8; i++) expect(heartbeat.recognises(ping.map((byte, at) => (at === i ? byte ^ 1 : byte)))).toBe(false);
    for (const other of [new Uint8Array(), new Uint8Array(12), ping.subarray(1), Buffer.concat([ping, ping])]) {
      expect(heartbeat.recognises(other)).toBe(false);
    }
  });

  it('does nothing more once it was stopped', async () => {
    const { wire, of, heartbeat, looks } = scene();
    await looks(4);
    heartbeat.stop();
    await looks(20);
    expect([wire.pings.length, of.dropped]).toEqual([1, 0]);
  });
});

describe('[REL-12, CLO-12] the times without the heartbeat', () => {
  /** A ping has been sent and answered; `beside` does more. */
  async function asked(beside: (wire: ReturnType<typeof scene>['wire']) => void = () => {}) {
    const on = scene();
    await on.looks(3);
    const { wire, heartbeat } = on;
    wire.lastWritten = 120;
    wire.lastRead = 110;
    wire.counters.framesReceived++;
    heartbeat.recognises(wire.pings[0] as Uint8Array);
    beside(wire);
    await on.looks(1);
    return on;
  }

  it('are those from before, however often it asks', async () => {
    const { wire, heartbeat, looks } = await asked();
    expect([heartbeat.lastRead, heartbeat.lastWritten]).toEqual([10, 20]);
    await looks(3);
    expect(wire.pings).toHaveLength(2);
    Object.assign(wire, { lastWritten: 220, lastRead: 210 });
    wire.counters.framesReceived++;
    heartbeat.recognises(wire.pings[1] as Uint8Array);
    await looks(1);
    expect([heartbeat.lastRead, heartbeat.lastWritten]).toEqual([10, 20]);
  });

  it('are those of other frames, if there were any', async () => {
    const { heartbeat: read } = await asked((wire) => wire.counters.framesReceived++);
    expect([read.lastRead, read.lastWritten]).toEqual([110, 20]);
    const { heartbeat: written } = await asked((wire) => wire.counters.framesSent++);
    expect([written.lastRead, written.lastWritten]).toEqual([10, 120]);
    const { wire, heartbeat } = await asked();
    Object.assign(wire, { lastWritten: 130, lastRead: 131 });
    expect([heartbeat.lastRead, heartbeat.lastWritten]).toEqual([131, 130]);
  });

  it('are the true ones for a peer that repeats an answer before it was ever asked', async () => {
    const { wire, heartbeat, looks } = scene();
    const other = scene();
    await other.looks(3);
    wire.lastRead = 50;
    wire.counters.framesReceived++;
    expect(heartbeat.recognises(other.wire.pings[0] as Uint8Array)).toBe(true);
    await looks(1);
    expect([heartbeat.lastRead, heartbeat.lastWritten]).toEqual([50, 20]);
  });
});
