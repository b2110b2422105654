/** Whether somebody comes back, when, and how often; sessions, clock and chance are given. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CloseReason, IOException, type ReconnectOptions, type Session } from 'margay';
import { Reconnection, reconnectTerms } from '../../../../src/container/client/reconnection.js';
import { gate } from '../../../support/eventually.js';
import { takeTheClock } from '../../../support/rehearsal.js';

beforeEach(takeTheClock);
afterEach(() => {
  jest.useRealTimers();
});

const because = (code: number) => new CloseReason(CloseReason.CloseCodes.getCloseCode(code), '');

/** A connect that has its first session. Attempts fail unless the test says otherwise. */
function scene(options: ReconnectOptions = {}, random: () => number = () => 1, container = new AbortController()) {
  const closed: string[] = [];
  const log: [level: string, fields: Record<string, unknown>, message: string][] = [];
  const logs = (level: string) => (fields: unknown, message: string) => void log.push([level, fields as never, message]);
  const dials: AbortSignal[] = [];
  let answer: (signal: AbortSignal) => Promise<void> = () => Promise.reject(new IOException('nobody'));
  let count = 0;
  let current!: Session;
  const reconnection = new Reconnection({
    terms: reconnectTerms(options) as NonNullable<ReturnType<typeof reconnectTerms>>,
    dial: async (signal) => {
      dials.push(signal);
      await answer(signal);
      return current;
    },
    signal: container.signal,
    done() {},
    logger: { debug: logs('debug'), info: logs('info'), warn: logs('warn'), error: logs('error') },
    uri: 'ws://far/away',
    random,
  });
  const { away } = reconnection;
  const outbound = { text: async () => {}, binary: async () => {}, object: async () => {} };
  const of = {
    container,
    closed,
    log,
    dials,
    away,
    reconnection,
    set answer(next: (signal: AbortSignal) => Promise<void>) {
      answer = next;
    },
    /** A session comes, and its @OnOpen completes. */
    comes: async (): Promise<void> => {
      of.begins();
      away.opened({ session: current, sending: true, outbound });
    },
    begins: (): void => {
      const id = `session ${++count}`;
      current = { getId: () => id, close: async () => closed.push(id) } as unknown as Session;
      away.began(current);
    },
    /** It leaves, and its @OnClose settles. */
    goes: (code: number): void => {
      away.left(current, because(code));
      away.ended(current, because(code));
    },
    /** ms from now until the next attempt, which fails. */
    untilNext: async (): Promise<number> => {
      const before = dials.length;
      await turn();
      const from = Date.now();
      jest.advanceTimersToNextTimer();
      await turn();
      expect(dials).toHaveLength(before + 1);
      return Date.now() - from;
    },
  };
  void of.comes();
  return of;
}

describe('when', () => {
  it.each([
    [1, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
    [0.5, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
    [0, [0, 0, 0, 0]],
  ])('chance %p: the first attempt within minDelay, each further one within twice the time, up to maxDelay', async (chance, delays) => {
    const of = scene({}, () => chance);
    of.goes(1006);
    const waited: number[] = [];
    while (waited.length < delays.length) waited.push(await of.untilNext());
    expect(waited).toEqual(delays);
  });

  it('the times are those of the options, and the chance is asked for each attempt', async () => {
    const chances = [1, 0.5, 0.25];
    const of = scene({ minDelay: 100, maxDelay: 300 }, () => chances.shift() as number);
    of.goes(1006);
    expect([await of.untilNext(), await of.untilNext(), await of.untilNext()]).toEqual([100, 100, 75]);
  });

  it('after a thousand attempts and more it is maxDelay still', async () => {
    const of = scene({ minDelay: 1, maxDelay: 2 });
    of.goes(1006);
    for (let i = 0; i < 1100; i++) await of.untilNext();
    expect(await of.untilNext()).toBe(2);
  });

  it('it is minDelay again once a session has opened, and not when one has come whose @OnOpen fails', async () => {
    const of = scene();
    of.goes(1006);
    expect([await of.untilNext(), await of.untilNext()]).toEqual([1000, 2000]);
    of.answer = async () => {
      of.begins();
      of.goes(1011);
      throw new Error('@OnOpen failed');
    };
    expect([await of.untilNext(), await of.untilNext()]).toEqual([4000, 8000]);
    of.answer = of.comes;
    await of.untilNext();
    of.answer = () => Promise.reject(new Error('nobody'));
    of.goes(1012);
    expect([await of.untilNext(), await of.untilNext()]).toEqual([1000, 2000]);
  });

  it('not before the session of the last attempt has ended: those of one object never overlap', async () => {
    const of = scene();
    of.goes(1006);
    of.answer = () => {
      of.begins();
      return Promise.reject(new Error('@OnOpen failed'));
    };
    await of.untilNext();
    expect(jest.getTimerCount()).toBe(0);
    of.goes(1011); // its @OnClose has settled
    expect(await of.untilNext()).toBe(2000);
  });

  it('a session that has come and gone while its connect was still settling is come back from', async () => {
    const of = scene();
    of.goes(1006);
    const settling = gate();
    of.answer = async () => {
      await of.comes();
      of.goes(1012);
      await settling.promise;
    };
    await of.untilNext();
    expect(jest.getTimerCount()).toBe(0);
    settling.open();
    expect(await of.untilNext()).toBe(1000);
  });
});

describe('how often', () => {
  it.each([0, 1, 3])('%p attempts in a row', async (attempts) => {
    const of = scene({ attempts });
    of.goes(1006);
    for (let i = 0; i < attempts; i++) await of.untilNext();
    await turn();
    expect(jest.getTimerCount()).toBe(0);
    expect(of.away.isOver).toBe(true);
    expect(of.dials).toHaveLength(attempts);
  });

  it('a session that has opened begins the count anew', async () => {
    const of = scene({ attempts: 2 });
    for (let i = 0; i < 5; i++) {
      of.goes(1006);
      of.answer = () => Promise.reject(new Error('nobody'));
      await of.untilNext();
      of.answer = of.comes;
      await of.untilNext();
    }
    expect(of.away.isOver).toBe(false);
    expect(of.dials).toHaveLength(10);
  });

  it('each failure is logged with its error, the return too, and that the attempts are used up', async () => {
    const of = scene({ attempts: 2 });
    of.goes(1006);
    await of.untilNext();
    of.answer = of.comes;
    await of.untilNext();
    of.answer = () => Promise.reject(new Error('nobody'));
    of.goes(1012);
    await of.untilNext();
    await of.untilNext();
    await turn();
    const told = of.log.map(([level, { code, session, attempt, err }]) => [level, code, session, attempt, (err as Error)?.message]);
    expect(told).toEqual([
      ['info', 'MARGAY_RECONNECT', 'session 1', 1, 'nobody'],
      ['info', 'MARGAY_RECONNECT', 'session 1', 2, undefined],
      ['info', 'MARGAY_RECONNECT', 'session 2', 1, 'nobody'],
      ['info', 'MARGAY_RECONNECT', 'session 2', 2, 'nobody'],
      ['warn', 'MARGAY_RECONNECT', 'session 2', 3, undefined],
    ]);
    expect(of.log.at(-1)?.[2]).toBe('session session 2 ended with CloseReason[1012]; ws://far/away gives up after 2 attempts');
  });
});

describe('whether', () => {
  const stopping = [1000, 1002, 1003, 1007, 1008, 1009, 1010];
  it.each(stopping)('%p says do not come back', async (code) => {
    const of = scene();
    of.goes(code);
    expect(of.away.isOver).toBe(true);
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4999])('after %p it comes back', async (code) => {
    const of = scene();
    of.goes(code);
    expect(await of.untilNext()).toBe(1000);
  });

  it('stopOn replaces the list', async () => {
    const [stays, goes] = [scene({ stopOn: [4001] }), scene({ stopOn: [4001] })];
    stays.goes(4001);
    goes.goes(1000);
    await turn();
    expect([stays.away.isOver, goes.away.isOver]).toEqual([true, false]);
  });

  it('decide beats stopOn, and is asked before each attempt with the reason of the session that was lost', async () => {
    const asked: string[] = [];
    const of = scene({ decide: (reason, attempt) => asked.push(`${reason} ${attempt}`) < 4 });
    of.goes(1008);
    await of.untilNext();
    of.answer = of.comes;
    await of.untilNext();
    of.goes(1000);
    of.answer = () => Promise.reject(new Error('nobody'));
    await of.untilNext();
    await turn();
    expect(asked).toEqual(['CloseReason[1008] 1', 'CloseReason[1008] 2', 'CloseReason[1000] 1', 'CloseReason[1000] 2']);
    expect(of.away.isOver).toBe(true);
  });

  it.each<[string, () => unknown, boolean]>([
    ['true', () => true, true],
    ['a promise of true', async () => true, true],
    ['false', () => false, false],
    ['a promise of false', async () => false, false],
    ['nothing', () => undefined, false],
    ['what is no boolean', () => 'yes', false],
  ])('decide answers %s', async (_what, decide, comesBack) => {
    const of = scene({ decide: decide as () => boolean });
    of.goes(1006);
    await turn();
    expect([of.away.isOver, jest.getTimerCount()]).toEqual(comesBack ? [false, 1] : [true, 0]);
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new Error('undecided');
      },
    ],
    ['rejects', () => Promise.reject(new Error('undecided'))],
  ])('decide %s: that means no, and is logged', async (_what, decide) => {
    const of = scene({ decide });
    of.goes(1006);
    await turn();
    expect([of.away.isOver, jest.getTimerCount()]).toEqual([true, 0]);
    expect(of.log[0]).toMatchObject(['error', { code: 'MARGAY_HOOK_FAILED', err: { message: 'undecided' } }, /decide/]);
  });
});

describe('the end of it', () => {
  it.each(['the application', 'the container'])('%s ends it while it waits: no timer is left, nobody is called', async (who) => {
    const of = scene();
    of.goes(1006);
    await turn();
    expect(jest.getTimerCount()).toBe(1);
    if (who === 'the container') of.container.abort();
    else of.away.end();
    expect(jest.getTimerCount()).toBe(0);
    await turn();
    expect([of.dials.length, of.away.isOver]).toEqual([0, true]);
  });

  it.each(['the application', 'the container'])(
    '%s ends it while it connects: the attempt is aborted, and no other follows',
    async (who) => {
      const of = scene();
      of.goes(1006);
      of.answer = (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('given up')));
        });
      await of.untilNext();
      expect(of.dials[0]?.aborted).toBe(false);
      if (who === 'the container') of.container.abort();
      else of.away.end();
      expect(of.dials[0]?.aborted).toBe(true);
      await turn();
      expect([jest.getTimerCount(), of.dials.length, of.log.length]).toEqual([0, 1, 0]);
    },
  );

  it('a session that comes in spite of that is closed', async () => {
    const of = scene();
    of.goes(1006);
    const arrival = gate();
    of.answer = async () => {
      await arrival.promise;
      of.begins();
    };
    await of.untilNext();
    of.away.end();
    arrival.open();
    await turn();
    expect(of.closed).toEqual(['session 2']);
    of.goes(1000);
    await turn();
    expect([jest.getTimerCount(), of.log.length]).toEqual([0, 0]);
  });

  it('it ends while decide thinks: what decide says is of no interest', async () => {
    const thought = gate<boolean>();
    const of = scene({ decide: () => thought.promise });
    of.goes(1006);
    of.away.end();
    thought.open(true);
    await turn();
    expect([jest.getTimerCount(), of.log.length]).toEqual([0, 0]);
  });

  it('a container that has closed before the first session opens ends it', async () => {
    const container = new AbortController();
    container.abort();
    const of = scene({}, () => 1, container);
    expect(of.away.isOver).toBe(true);
    of.goes(1006);
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('the container remembers it once, and not when it is over', async () => {
    const container = new AbortController();
    const added = jest.spyOn(container.signal, 'addEventListener');
    const removed = jest.spyOn(container.signal, 'removeEventListener');
    const of = scene({}, () => 1, container);
    of.goes(1006);
    of.answer = of.comes;
    await of.untilNext();
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).not.toHaveBeenCalled();
    of.goes(1000);
    expect(removed.mock.calls).toEqual([added.mock.calls[0]]);
  });
});
