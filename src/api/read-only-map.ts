/** A map that is given away to be read. */
import { UnsupportedOperationException } from './exceptions.js';

/** Every change throws, as a Java unmodifiable map's does. */
export class ReadOnlyMap<K, V> extends Map<K, V> {
  #sealed = false;

  constructor(entries?: Iterable<readonly [K, V]> | null) {
    super();
    for (const [key, value] of entries ?? []) super.set(key, value);
    this.#sealed = true;
  }

  override set(key: K, value: V): this {
    if (this.#sealed) throw refused('set');
    return super.set(key, value);
  }

  override delete(_key: K): boolean {
    throw refused('delete');
  }

  override clear(): void {
    throw refused('clear');
  }
}

const refused = (what: string) => new UnsupportedOperationException(`${what}(): this map is read-only; copy it with new Map(map)`);
