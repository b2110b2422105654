/** How a property is tried: on random cases from a seed, the counterexample shrunk to its smallest. FUZZ_SEED repeats a run. */
import fc from 'fast-check';

const { FUZZ_SEED } = process.env;

/** Stands in the names of the tests. */
export const seed = FUZZ_SEED === undefined ? Date.now() % 1_000_000_000 : Number(FUZZ_SEED);

const RUNS = 300;
const SHOWN = 2500; // characters of a counterexample

/** Fails with the seed and the smallest counterexample; the cause is what that broke. */
function report<T>({ failed, counterexample, errorInstance, numRuns, numShrinks }: fc.RunDetails<T>): void {
  if (!failed) return;
  const shown = fc.stringify(counterexample).slice(0, SHOWN);
  throw new Error(`FUZZ_SEED=${seed}, run ${numRuns}, shrunk ${numShrinks} times: ${shown}`, { cause: errorInstance });
}

/** Tries `run` on as many cases as is said, the same ones for the same seed. */
export function holds<T>(cases: fc.Arbitrary<T>, run: (each: T) => void, runs = RUNS): void {
  fc.assert(fc.property(cases, run), { seed, numRuns: runs, reporter: report });
}

/** As `holds`, for what takes turns of the event loop. */
export function holdsInTime<T>(cases: fc.Arbitrary<T>, run: (each: T) => Promise<void>, runs = RUNS): Promise<void> {
  return fc.assert(fc.asyncProperty(cases, run), { seed, numRuns: runs, asyncReporter: async (details) => report(details) });
}
