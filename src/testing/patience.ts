/** How long a test waits for something: real time, whatever the test does to its clock. */
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/** ms. */
export const PATIENCE = 2000;

/** Turns of the event loop behind it: that this process was busy, or stopped, is no fault of the server's. */
const TURNS = 32;

/** Calls back once the patience is over, and what was under way by then has had its turns; not after the returned function was called. */
export function afterPatience(late: () => void): () => void {
  let isOver = false;
  const wait = (turns: number): void => {
    if (isOver) return;
    if (turns === 0) late();
    else setImmediate(wait, turns - 1);
  };
  const timer = setTimeout(wait, PATIENCE, TURNS);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
