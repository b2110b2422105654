/** The calls of `serve({ workers })` in their order: the module runs again in each worker, and so the third call there is the third here. */
import { IllegalArgumentException } from '../../api/exceptions.js';

let decided: number | null = null;
let calls = 0;

/**
 * The number of this call, from 0. All calls of a process share its workers, so the first decides how many there are.
 * @throws IllegalArgumentException `MARGAY_OPTION` for another number of workers than the first call's
 */
export function callOf(workers: number): number {
  if (decided !== null && decided !== workers) {
    const why = `workers ${workers} stands behind a serve() with workers ${decided}; they share their workers, so give both the same number`;
    throw new IllegalArgumentException(`serve(options): ${why}`, undefined, 'MARGAY_OPTION');
  }
  decided = workers;
  return calls++;
}
