/** What a class extends. */
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

/** Whether it extends margay's class of that name; by the brand, so that one of another installed copy counts. */
export function descends(type: unknown, kind: string): boolean {
  for (const ancestor of ancestors(type)) if (kindOf(ancestor) === kind) return true;
  return false;
}
