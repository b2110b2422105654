/** Any life and any death of a session, beside a model of the ledger's section 7. */
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { ticker } from '../../../src/runtime/ticker.js';
import { agree, happenings, pass } from '../../support/closing-commands.js';
import { ClosingModel, type Scenario, TIMES } from '../../support/closing-model.js';
import { holdsInTime, seed } from '../../support/property.js';
import { calm, Rehearsal, takeTheClock } from '../../support/rehearsal.js';

beforeEach(takeTheClock);
afterEach(() => {
  jest.useRealTimers();
});

const how = fc.constantFrom('at once' as const, 'at once' as const, 'slow' as const, 'throws' as const);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  open: how,
  error: how,
  close: how,
  release: fc.constantFrom('at once' as const, 'slow' as const),
  failsFirst: fc.boolean(),
});

/** Nothing helps it any more: no frame leaves, nothing comes, no callback settles. */
async function left(model: ClosingModel, real: Rehearsal, ms: number): Promise<void> {
  await pass(model, ms);
  agree(model, real);
}

it(`[CLO-4, CLO-5, CLO-7, CLO-8, CLO-9, CLO-10, CLO-11, CLO-13, CLO-14, CLO-15, CLO-17, CLO-18, LIF-13, LIF-14, D-13, D-20, REL-13] one close frame, nothing behind it, one @OnClose, and an end in time, whatever happens in whatever order (seed ${seed})`, async () => {
  await holdsInTime(
    fc.record({ scenario, commands: fc.commands(happenings, { maxCommands: 30 }) }),
    async ({ scenario: each, commands }) => {
      const model = new ClosingModel(each);
      const real = new Rehearsal(each);
      await calm();
      agree(model, real);
      await fc.asyncModelRun(() => ({ model, real }), commands);
      const { calls } = real.channel;
      const frame = calls.findIndex((call) => call.startsWith('close '));
      expect(calls.slice(frame + 1).filter((call) => frame >= 0 && call !== 'end' && call !== 'terminate')).toEqual([]);
      if (model.begun !== null) {
        await left(model, real, Math.max(0, model.begun + 2 * TIMES.close + TIMES.linger - model.now));
        expect(real.channel.isGone).toBe(true); // REL-13, with the linger for its 2 s
      }
      real.channel.vanish();
      model.vanishes(false);
      await left(model, real, 100 * TIMES.close);
      expect(real.heard.filter((line) => line.startsWith('close '))).toHaveLength(1);
      expect({ ended: real.ended, closed: real.closed, timers: jest.getTimerCount(), ticking: ticker.size }).toEqual({
        ended: 1,
        closed: 1,
        timers: 0,
        ticking: 0,
      });
    },
    300,
  );
});
