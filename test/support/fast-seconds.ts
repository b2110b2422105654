/** What looks at the clock once a second does so twenty times as often, in every test of the file that says so. [EXT-7] */
import { afterEach, beforeEach, jest } from '@jest/globals';

const SECOND = 1000; // ms, and what the tests get instead
const FAST = 50;

/** Tests that claim something about the second itself must not. */
export function withFastSeconds(): void {
  const { setInterval } = globalThis;
  const fast = (run: () => void, ms?: number) => setInterval(run, ms === SECOND ? FAST : ms);
  let spy: { mockRestore(): void };

  beforeEach(() => {
    spy = jest.spyOn(globalThis, 'setInterval').mockImplementation(fast as typeof setInterval);
  });

  afterEach(() => spy.mockRestore());
}
