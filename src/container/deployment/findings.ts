/** What a scan hands to the deployment. */
import type { Problem } from '../../api/exceptions.js';

/** What a scan came to: to be deployed all together, or not at all. */
export interface Findings {
  readonly endpoints: readonly unknown[];
  readonly problems: readonly Problem[];
  /** What was thrown first, if anything was. */
  readonly cause?: unknown;
}
