/** Readers that have more before them than they may read in one go: all of them together have one slice of each turn. [REL-11] */

/** Goes on reading, for as long as a reader may. */
export interface Waiting {
  proceed(): void;
}

/** ms of reading that others wait for, however many connections there are to be read. */
const SLICE = 10;

/** In the order in which they stopped. */
let waiting: Waiting[] = [];
let isDue = false;

/** Has it proceed in a later turn of the event loop, behind those who wait already. */
export function readLater(reader: Waiting): void {
  waiting.push(reader);
  if (isDue) return;
  isDue = true;
  setImmediate(takeTurns);
}

function takeTurns(): void {
  const readers = waiting;
  waiting = [];
  const until = performance.now() + SLICE;
  let next = 0;
  do (readers[next++] as Waiting).proceed();
  while (next < readers.length && performance.now() < until);
  if (next < readers.length) waiting = [...readers.slice(next), ...waiting];
  isDue = waiting.length > 0;
  if (isDue) setImmediate(takeTurns);
}
