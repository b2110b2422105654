/** zlib's streams between two messages: whoever keeps no context takes one, and puts it back for the next. [REL-15] */

/** What can forget all it has seen. */
interface Stream {
  reset(): void;
  close(): void;
}

/** Kept of all kinds together: as many as are at work at once, and a few for other windows. */
const KEPT = 8;

export class Shelf<S extends Stream> {
  /** The one put here last is the last. */
  readonly #idle: { readonly kind: string; readonly stream: S }[] = [];

  /** One that was made alike; null if there is none. */
  take(kind: string): S | null {
    const at = this.#idle.findLastIndex((idle) => idle.kind === kind);
    return at < 0 ? null : (this.#idle.splice(at, 1)[0]?.stream ?? null);
  }

  /** Nothing is under way in it. The one that nobody has needed for longest makes room. */
  put(kind: string, stream: S): void {
    stream.reset();
    this.#idle.push({ kind, stream });
    if (this.#idle.length > KEPT) this.#idle.shift()?.stream.close();
  }
}
