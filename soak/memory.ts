/** What the server holds after collections, and whether it grows. [REL-14] */
import type { Sample } from './messages.js';
import { median, rise } from './numbers.js';

/** Bytes that it may differ by. */
export const TOLERANCE = 16 * 2 ** 20;
/** Part of the samples that warms up. */
const WARM_UP = 0.2;

export const heldBy = ({ heapUsed, external }: Sample): number => heapUsed + external;

export interface Growth {
  /** Bytes: medians of the first and of the last third behind the warm-up, and the rise of the line through all. */
  readonly first: number;
  readonly last: number;
  readonly rise: number;
  readonly isFlat: boolean;
}

/** @param samples ms and bytes, in their order */
export function growthOf(samples: readonly (readonly [at: number, bytes: number])[]): Growth {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const bytes = warm.map(([, each]) => each);
  const [first, last] = [median(bytes.slice(0, third)), median(bytes.slice(-third))];
  const risen = rise(warm);
  return { first, last, rise: risen, isFlat: last - first <= TOLERANCE && risen <= TOLERANCE };
}
