/**
 * How many are compressing at once: the others wait, and need no memory of zlib's while they do. [REL-15]
 *
 * A place is for work, never for waiting: who has a message begun, and no more of it yet, is not inside. Nor is one that is gone:
 * a place goes back at once, whatever becomes of the work in it, so that nobody waits for the dead.
 */

/** Who wants to work. */
export interface Entrant {
  /** There is a place. Never throws. */
  admitted(): void;
}

/** Work that is no longer than this goes ahead of what is, every other time. */
const SHORT = 64 * 1024;
/** Who has done that much goes to the end of the queue. Its message weighs so much that zlib's memory does not count beside it. */
const TURN = 4 * 1024 * 1024;

export class Turnstile {
  #places: number;
  readonly #short = new Set<Entrant>();
  readonly #long = new Set<Entrant>();
  /** Those who had begun when somebody with little to do came. */
  readonly #interrupted = new Set<Entrant>();
  #isShortNext = true;

  constructor(places: number) {
    this.#places = places;
  }

  /** `admitted` is called, now or later. */
  enter(entrant: Entrant, bytes: number): void {
    (bytes <= SHORT ? this.#short : this.#long).add(entrant);
    this.#admit();
  }

  /** Asked between two slices, after so many bytes. False: others go first, and `admitted` is called again. */
  stays(entrant: Entrant, bytes: number): boolean {
    const hadTurn = bytes % TURN === 0 && this.#long.size > 0;
    if (!hadTurn && this.#short.size === 0) return true;
    (hadTurn ? this.#long : this.#interrupted).add(entrant);
    this.leave();
    return false;
  }

  /** Work is done, or will never be. */
  leave(): void {
    this.#places++;
    this.#admit();
  }

  /** Waits no longer. True: it did. */
  forget(entrant: Entrant): boolean {
    return this.#short.delete(entrant) || this.#long.delete(entrant) || this.#interrupted.delete(entrant);
  }

  #admit(): void {
    while (this.#places > 0) {
      const next = this.#next();
      if (next === undefined) return;
      this.#places--;
      next.admitted();
    }
  }

  #next(): Entrant | undefined {
    const [short] = this.#short;
    const [long] = this.#interrupted.size > 0 ? this.#interrupted : this.#long;
    const next = this.#isShortNext ? (short ?? long) : (long ?? short);
    if (next === undefined) return undefined;
    this.#isShortNext = next !== short;
    this.forget(next);
    return next;
  }
}
