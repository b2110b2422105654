/** Chance from a seed. */

/** A whole number from 0 to below `limit`. */
export type Random = (limit: number) => number;

/** The same numbers for the same seed (xorshift). */
export function randomOf(seed: number): Random {
  let state = (seed % 0x7fffffff) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

export const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;
