/** How often a person may speak: a few times at once, then at a steady pace. */

const AT_ONCE = 5;
const PACE = 1000; // ms

export class Allowance {
  readonly #now: () => number;
  #left = AT_ONCE;
  #since: number;

  /** @param now in ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** False: not yet. */
  take(): boolean {
    const now = this.#now();
    this.#left = Math.min(AT_ONCE, this.#left + (now - this.#since) / PACE);
    this.#since = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
