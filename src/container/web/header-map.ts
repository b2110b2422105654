/** Header names and their lines; a name is found in any letter case. */
import { ReadOnlyMap } from '../../api/read-only-map.js';

/** What a response adds; a name that is there keeps its spelling. */
export class HeaderMap extends Map<string, string[]> {
  override get(name: string): string[] | undefined {
    return super.get(this.#spelling(name));
  }

  override has(name: string): boolean {
    return super.has(this.#spelling(name));
  }

  override set(name: string, lines: string[]): this {
    return super.set(this.#spelling(name), lines);
  }

  override delete(name: string): boolean {
    return super.delete(this.#spelling(name));
  }

  /** As it stands in the map; there are few, so that looking at each is quicker than a second map. */
  #spelling(name: string): string {
    const lower = name.toLowerCase();
    for (const known of this.keys()) if (known.toLowerCase() === lower) return known;
    return name;
  }
}

/** What a request said: lower-case names, read in any letter case. */
export class HeaderView extends ReadOnlyMap<string, readonly string[]> {
  override get(name: string): readonly string[] | undefined {
    return super.get(name.toLowerCase());
  }

  override has(name: string): boolean {
    return super.has(name.toLowerCase());
  }
}
