/** One timer for everything that looks at the clock once a second. [EXT-7] */
import { type Member, Roll } from './roll.js';

/** Somebody who looks at the clock. */
export interface Ticking extends Member {
  /** @param now `performance.now()` */
  tick(now: number): void;
}

const PERIOD = 1000; // ms
const members = new Roll<Ticking>();
let timer: ReturnType<typeof setInterval> | null = null;

/** The timer runs from the first member to the last, and keeps no process alive. */
export const ticker = {
  add(member: Ticking): void {
    members.add(member);
    if (timer !== null) return;
    timer = setInterval(tickAll, PERIOD);
    (timer as { unref?: () => void }).unref?.();
  },

  delete(member: Ticking): void {
    if (!members.delete(member) || members.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  },

  /** How many look at the clock now. */
  get size(): number {
    return members.size;
  },
};

function tickAll(): void {
  const now = performance.now();
  for (const member of members.all) if (member.seat >= 0) member.tick(now);
}
