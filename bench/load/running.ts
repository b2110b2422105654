/** A load that is open, and may be run. */
import type { Dialect } from './dialect.js';
import type { Peer } from './peer.js';
import type { Load } from './protocol.js';

/** What a load is made of. */
export interface Field {
  readonly load: Load;
  readonly dialect: Dialect;
  readonly port: number;
  readonly peers: readonly Peer[];
}

export interface Running {
  begin(): void;
  /** What came where it should, so far. */
  readonly count: number;
  /** ns of each echo, where they are looked at. */
  readonly latencies?: readonly number[];
}
