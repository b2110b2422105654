import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../support/eventually.js';
import { give, read, reading, turns } from '../../../support/reading.js';
import { PARTS, upTo, WAIT } from '../../../support/recorder.js';
import { squeezed } from '../../../support/squeezing.js';
import { binary, close, frame, more, ping, pong, text } from '../../../support/wire-frames.js';

const hex = (s: string): string => Buffer.from(s).toString('hex');
const all = (...frames: Buffer[]): Buffer => Buffer.concat(frames);

describe('pause and resume', () => {
  it('[LIF-8] after pause() neither data nor a pong comes; pings before them are answered', async () => {
    for (const behind of [text('2'), pong('2'), all(text('2', { fin: false }), more(''))]) {
      const { reader, house, state } = reading();
      house.after = ([name]) => {
        if (name === 'text' && house.events.length === 1) reader.pause();
      };
      give(reader, all(text('1'), ping('a'), behind, ping('c'), close(1000)));
      const before = [
        ['text', '1'],
        ['ping', hex('a')],
      ];
      expect(house.events).toEqual(before);
      expect(state.held).toBe(true);
      reader.resume();
      expect(house.events).toHaveLength(2); // never on the caller's stack
      await turns(2);
      expect(house.events.slice(2)).toEqual([
        [behind[0] === 0x8a ? 'pong' : 'text', behind[0] === 0x8a ? hex('2') : '2'],
        ['ping', hex('c')],
        ['closing', 1000, ''],
      ]);
      expect(state.held).toBe(false);
    }
  });

  it('[LIF-8] a pong that was cut in two stalls where it was when the pause came', async () => {
    const { reader, house } = reading();
    const bytes = pong('abcdef');
    give(reader, bytes.subarray(0, 9));
    reader.pause();
    give(reader, bytes.subarray(9), text('x'));
    await turns(2);
    expect(house.events).toEqual([]);
    reader.resume();
    await turns(2);
    expect(house.events).toEqual([
      ['pong', hex('abcdef')],
      ['text', 'x'],
    ]);
  });

  it('[LIF-8] control frames are still read while no data frame has come', () => {
    const { reader, house, state } = reading();
    reader.pause();
    give(reader, ping('a'), ping('b'));
    expect(house.events).toHaveLength(2);
    expect(state.held).toBe(false);
    give(reader, text('x').subarray(0, 3));
    expect(state.held).toBe(false);
    give(reader, text('x').subarray(3));
    expect(state.held).toBe(true);
  });

  it('[LIF-14] the close frame and the end wait behind paused data', async () => {
    const { reader, house, state } = reading();
    reader.pause();
    give(reader, all(text('1'), close(1000)));
    reader.end();
    await turns(3);
    expect(house.events).toEqual([]);
    expect(state.ended).toBe(false);
    reader.resume();
    await turns(2);
    expect(house.events).toEqual([
      ['text', '1'],
      ['closing', 1000, ''],
    ]);
    expect(state.ended).toBe(true);
  });

  it('the end does not wait when nothing is held back', () => {
    const { reader, state } = reading();
    reader.pause();
    give(reader, ping());
    reader.end();
    expect(state.ended).toBe(true);
  });

  it('resume() inside an event goes on when the event is over', () => {
    const { reader, house } = reading();
    house.after = () => {
      reader.pause();
      reader.resume();
    };
    give(reader, all(text('1'), text('2')));
    expect(house.events).toHaveLength(2);
  });

  it('wait leaves the message unread until resume(), and asks again', async () => {
    let asked = 0;
    const { reader, house, state } = reading({ wants: () => (++asked < 3 ? WAIT : upTo(100)) });
    give(reader, all(ping(), text('x'), ping()));
    expect(house.events).toHaveLength(1);
    expect([asked, state.held]).toEqual([1, true]);
    await turns(3);
    expect(asked).toBe(1);
    reader.resume();
    await turns(2);
    expect(asked).toBe(2);
    reader.resume();
    await turns(2);
    expect(house.events.map(([name]) => name)).toEqual(['ping', 'text', 'ping']);
    expect(asked).toBe(3);
  });

  it('is asked once for a message', () => {
    let asked = 0;
    read(all(text('a', { fin: false }), more('b'), text('c'), text('d'.repeat(70_000))), {
      wants: () => {
        asked++;
        return PARTS;
      },
    });
    expect(asked).toBe(3);
  });
});

describe('a bomb that goes off in parts', () => {
  it.each([true, false])(
    '[LIF-8, REL-8] stops while the house is paused, holds little of it, and goes on (no context: %s)',
    async (noContextTakeover) => {
      const size = 8 * 2 ** 20;
      const { reader, house, state } = reading({ wants: PARTS, deflate: { noContextTakeover, windowBits: 15 } });
      let seen = 0;
      house.onPart = (_kind, data) => {
        seen += data.length;
        if (seen < 100_000) reader.pause();
      };
      give(reader, binary(squeezed(Buffer.alloc(size)), { rsv: 4 }), text('behind'));
      await eventually(() => expect(seen).toBeGreaterThan(0));
      for (let before = seen; seen < 100_000; before = seen) {
        await turns(50);
        expect(seen).toBe(before);
        expect(state.held).toBe(true);
        const { arrayBuffers } = process.memoryUsage();
        await turns(50);
        expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(size / 8);
        reader.resume();
        await eventually(() => expect(seen).toBeGreaterThan(before));
      }
      await eventually(() => expect(seen).toBe(size + 'behind'.length));
    },
  );
});

describe('a house that goes away', () => {
  it('stop() ends all events, also between two frames of a chunk', () => {
    for (const name of ['text', 'ping', 'part', 'intake']) {
      const { reader, house } = reading(name === 'part' ? { wants: PARTS } : {});
      if (name === 'intake')
        house.wants = () => {
          reader.stop();
          return PARTS;
        };
      house.after = (event) => {
        if (event[0] === name) reader.stop();
      };
      give(reader, all(ping(), text('1'), text('2'), ping()), text('3'));
      expect(house.events.filter((event) => event[0] === name).length).toBe(name === 'intake' ? 0 : 1);
      expect(house.events.at(-1)?.[0]).toBe(name === 'intake' ? 'ping' : name);
    }
  });

  it('[REL-1] a listener that throws stops the reader, and its owner hears of it', async () => {
    for (const name of ['intake', 'text', 'part', 'pong', 'closing', 'failed']) {
      const { reader, house, state } = reading(name === 'part' ? { wants: PARTS } : {});
      const boom = new Error(name);
      house.after = (event) => {
        if (event[0] === name) throw boom;
      };
      if (name === 'intake')
        house.wants = () => {
          throw boom;
        };
      const last = name === 'closing' ? close() : name === 'failed' ? frame({ opcode: 3 }) : text('y');
      give(reader, all(pong(), text('x'), last), text('z'));
      await turns(2);
      expect(state.defect).toBe(boom);
    }
  });
});

describe('fairness', () => {
  it('[REL-11] a flood of tiny frames is read in slices', async () => {
    const { reader, house, state } = reading();
    house.after = () => {
      const started = performance.now();
      while (performance.now() - started < 0.1);
    };
    give(reader, Buffer.concat(Array.from({ length: 1000 }, () => text(''))));
    // 10 ms of events that take 0.1 ms each, and those up to the next look at the clock.
    const inOneGo = 100 + 32;
    expect(house.events.length).toBeLessThanOrEqual(inOneGo);
    give(reader, text('last'));
    expect(state.held).toBe(true);
    for (let seen = house.events.length; house.events.length < 1001; seen = house.events.length) {
      await turns(1);
      expect(house.events.length - seen).toBeLessThanOrEqual(inOneGo);
    }
    expect(house.events.at(-1)).toEqual(['text', 'last']);
    expect(state.held).toBe(false);
  });

  it('[REL-7] bytes that came with the handshake are read first, and not at once', async () => {
    const { reader, house } = reading();
    reader.preload([text('1'), Buffer.alloc(0), text('2')]);
    give(reader, text('3'));
    reader.end();
    expect(house.events).toEqual([]);
    await turns(2);
    expect(house.events.map(([, data]) => data)).toEqual(['1', '2', '3']);
  });
});
