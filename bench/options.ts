/** What `npm run bench -- …` is told. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Part of the names of the workloads that run; empty: all. */
  readonly only: string;
  readonly isQuick: boolean;
  readonly hasPeers: boolean;
  /** A folder in whose node_modules the peers are; the project's own, if not given. */
  readonly peersFrom: string | undefined;
  /** Measure nothing: publish what was measured last. */
  readonly isChart: boolean;
}

/** @throws TypeError for what it does not know */
export function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      'peers-from': { type: 'string' },
      chart: { type: 'boolean', default: false },
    },
  });
  const peersFrom = values['peers-from'];
  return {
    only: positionals.join(' '),
    isQuick: values.quick,
    hasPeers: values.peers || peersFrom !== undefined,
    peersFrom,
    isChart: values.chart,
  };
}
