/** Which origins have been refused, so that each is logged once. [D-06] */

// They come from strangers: of more, or of longer ones, a refusal may be logged again, or not.
const REMEMBERED = 1000;
const LONGEST = 300;

export class RefusedOrigins {
  readonly #known = new Set<string>();

  /** True the first time an origin is asked about. */
  isNew(origin: string): boolean {
    const known = origin.length > LONGEST ? copyOf(origin.slice(0, LONGEST)) : origin;
    if (this.#known.has(known)) return false;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.add(known);
    return true;
  }
}

/** A part of a string keeps the whole in memory. */
const copyOf = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
