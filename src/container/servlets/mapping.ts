/** Which servlet answers a path: exact before the longest prefix, that before the extension, and that before the default. [TC7-9] */
import type { Cut, UrlPattern } from '../web/url-pattern.js';

interface Entry<T> {
  readonly pattern: UrlPattern;
  readonly value: T;
}

const ORDER = ['exact', 'prefix', 'extension', 'default'] as const;

export class Mapping<T> {
  /** In the order in which they are asked. */
  readonly #entries: readonly Entry<T>[];

  constructor(entries: Iterable<Entry<T>>) {
    const rank = ({ pattern }: Entry<T>) => ORDER.indexOf(pattern.kind);
    this.#entries = [...entries].sort((a, b) => rank(a) - rank(b) || b.pattern.weight - a.pattern.weight);
  }

  find(path: string): (Cut & { readonly value: T }) | null {
    for (const { pattern, value } of this.#entries) {
      const cut = pattern.match(path);
      if (cut !== null) return { ...cut, value };
    }
    return null;
  }
}
