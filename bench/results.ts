/** What one run of the bench has found, and on which machine. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname } from 'node:path';
import type { Conditions } from './conditions.js';
import type { Measured } from './measured.js';

export interface Machine {
  /** As ISO 8601 has it. */
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly load: 'C' | 'JavaScript';
  readonly isPinned: boolean;
  readonly rounds: number;
  /** ms of each run. */
  readonly ms: number;
}

export interface Results {
  readonly machine: Machine;
  readonly measured: readonly Measured[];
}

export const machineOf = ({ program, pinning, effort }: Conditions): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  node: process.versions.node,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  load: program.language,
  isPinned: pinning !== null,
  rounds: effort.rounds,
  ms: effort.ms,
});

/** ms; shorter rounds show that a workload runs, not how fast. */
const LONG = 500;

/** One line about how it was measured. */
export function headingOf({ date, node, cpu, cores, load, isPinned, rounds, ms }: Machine): string {
  const places = isPinned ? 'server and load pinned to a core each' : 'unpinned';
  const worth = ms < LONG ? ' (too short to judge by: node has hardly compiled anything)' : '';
  return `Node.js ${node}, ${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, load in ${load}, ${places}, ${rounds} rounds of ${ms} ms${worth}, ${date}`;
}

export const readResults = (file: string): Results => JSON.parse(readFileSync(file, 'utf8')) as Results;

/** Figures with four digits: no more of them mean anything. */
export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  const short = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  const text = JSON.stringify(results, short, 1).replace(
    /\[\s+([-\d.,e\s]+?)\s+\]/g,
    (_all, list: string) => `[${list.replace(/\s+/g, ' ')}]`,
  );
  writeFileSync(file, `${text}\n`);
}
