/** A timer for any time: what is longer than node's longest, Infinity too, means the longest. */
export type Timer = ReturnType<typeof setTimeout>;

const LONGEST = 2 ** 31 - 1; // ms, 24 days; node fires at once for more

export const after = (ms: number, action: () => void): Timer => setTimeout(action, Math.min(ms, LONGEST));
