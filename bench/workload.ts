/** Something to measure, by its name. */
import type { Conditions } from './conditions.js';
import type { Measured } from './measured.js';

export interface Workload {
  readonly name: string;
  measure(conditions: Conditions): Promise<readonly Measured[]>;
}
