/** What came of a scan. */
import type { DeployedEndpoint } from '../deployment/deployed-endpoint.js';

/** Something that was scanned, and not deployed. */
export interface Skipped {
  /** The file as seen from `cwd`; for a namespace object its place in the list, `modules[0]`. */
  readonly module: string;
  /** Under which it is exported; `*` for the module itself. */
  readonly name: string;
  readonly why: string;
}

export interface ScanResult {
  readonly deployed: readonly DeployedEndpoint[];
  readonly skipped: readonly Skipped[];
}
