/** A list that a builder is given. */
import { IllegalArgumentException } from './exceptions.js';
import { nameOf } from './tokens.js';

/** null is no list and means none. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
export function listed<T>(member: string, list: readonly T[] | null): readonly T[] {
  if (list === null || list === undefined) return [];
  if (Array.isArray(list)) return list;
  throw new IllegalArgumentException(
    `Builder.${member}(list): list is ${typeof list === 'function' ? nameOf(list) : typeof list}; give a list`,
  );
}
