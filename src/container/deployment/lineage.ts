/** What a class is and extends, told by margay's brands, so that a class of another installed copy counts. */
import { kindOf } from '../../api/kind.js';

/** Its ancestors, the nearest first; not itself. */
export function* ancestors(type: unknown): Generator<object> {
  if (typeof type !== 'function') return;
  let current: unknown = Object.getPrototypeOf(type);
  while (typeof current === 'function' && current !== Function.prototype) {
    yield current;
    current = Object.getPrototypeOf(current);
  }
}

/** Margay's class of that name, which it extends; null: it does not. */
export function baseOf<T extends object>(type: unknown, kind: string): T | null {
  for (const ancestor of ancestors(type)) if (kindOf(ancestor) === kind) return ancestor as T;
  return null;
}

export function descends(type: unknown, kind: string): boolean {
  return baseOf(type, kind) !== null;
}
