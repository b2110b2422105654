/** A set that is given away to be read. */
import { UnsupportedOperationException } from './exceptions.js';

/** Every change throws, as a Java unmodifiable set's does. */
export class ReadOnlySet<T> extends Set<T> {
  #sealed = false;

  constructor(values: Iterable<T>) {
    super();
    for (const value of values) super.add(value);
    this.#sealed = true;
  }

  override add(value: T): this {
    if (this.#sealed) throw refused('add');
    return super.add(value);
  }

  override delete(_value: T): boolean {
    throw refused('delete');
  }

  override clear(): void {
    throw refused('clear');
  }
}

const refused = (what: string) => new UnsupportedOperationException(`${what}(): this set is read-only; copy it with new Set(set)`);
