/** Under which conditions everything is measured. */
import { spawnSync } from 'node:child_process';
import type { Program } from './generator.js';
import type { Pinning } from './pinning.js';

export interface Effort {
  readonly rounds: number;
  /** ms of each run. */
  readonly ms: number;
  /** ms of the run before the first, of which nothing is kept. */
  readonly warmUp: number;
  /** Connections whose memory is measured: plain ones, and compressed ones. */
  readonly idle: number;
  readonly squeezed: number;
  /** Processes of which memory is measured, one after another. */
  readonly lives: number;
  /** ms that a server is given for what is still to be done when connections have come or gone. */
  readonly settle: number;
  /** margay's other rows too: async handlers, and broadcast() instead of the loop. */
  readonly hasVariants: boolean;
  /** What is measured in this process is done so many times a round. */
  readonly repeats: number;
}

export interface Conditions {
  readonly effort: Effort;
  readonly program: Program;
  readonly pinning: Pinning | null;
  readonly hasPeers: boolean;
  readonly peersFrom: string | undefined;
}

export const WHOLE: Effort = {
  rounds: 9,
  ms: 1000,
  warmUp: 1000,
  idle: 10_000,
  squeezed: 2000,
  lives: 3,
  settle: 500,
  hasVariants: true,
  repeats: 1_000_000,
};
export const QUICK: Effort = {
  rounds: 2,
  ms: 80,
  warmUp: 160,
  idle: 1000,
  squeezed: 200,
  lives: 1,
  settle: 150,
  hasVariants: false,
  repeats: 200_000,
};

const RESERVED = 300; // descriptors of a process that are no connections

/** No more connections than the system gives a process descriptors for; node raises its own limit as far as it may. */
export function affordable(effort: Effort): Effort {
  const most = Number(spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout) || Number.POSITIVE_INFINITY;
  return { ...effort, idle: Math.min(effort.idle, most - RESERVED) };
}
