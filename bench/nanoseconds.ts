/** How long something takes in this process, in interleaved rounds. */
import type { Row } from './measured.js';

/** @param runs by name: what is to be done so many times */
export function nanoseconds(runs: readonly (readonly [string, (times: number) => void])[], times: number, rounds: number): Row[] {
  const rows = runs.map(([name, run]) => ({ name, run, values: [] as number[] }));
  for (const { run } of rows) run(times / 10); // warm
  for (let round = 0; round < rounds; round++) {
    for (const { run, values } of rows) {
      const start = process.hrtime.bigint();
      run(times);
      values.push(Number(process.hrtime.bigint() - start) / times);
    }
  }
  return rows.map(({ name, values }) => ({ name, values }));
}
