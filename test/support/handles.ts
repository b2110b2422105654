/** What keeps this process busy: sockets, servers, timers, requests. */
import { afterEach, beforeEach, expect } from '@jest/globals';
import { eventually } from './eventually.js';

/** How many of each kind there are; kinds of which there are none are left out. */
export function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo().sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Once there are no more than before, of any kind. */
export async function backTo(before: Record<string, number>): Promise<void> {
  await eventually(() => {
    const more = Object.entries(handles()).filter(([kind, count]) => count > (before[kind] ?? 0) && kind !== 'Immediate');
    // `eventually` itself waits by a timer, but not while it asks
    expect(more).toEqual([]);
  });
}

/** Each test of the file leaves as much as it found: of what other modules undo behind it, too, since their hooks run first. */
export function leavingNothing(): void {
  let before: Record<string, number> = {};
  beforeEach(() => {
    before = handles();
  });
  afterEach(() => backTo(before));
}
