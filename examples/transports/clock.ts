/** The clock that delays are measured with: milliseconds since the machine started, the same for all of its processes. */

/** Unlike the time of day it is never put right, so a process that has run for days agrees with one that began just now. */
export const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
