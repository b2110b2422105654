/** One core for the server and another for the load, where the system can do that. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Pinning {
  readonly server: number;
  readonly load: number;
}

/** The last core that this process may use for the server, the first for the load; null where there is no `taskset` or one core. */
export function findPinning(): Pinning | null {
  if (process.platform !== 'linux' || spawnSync('taskset', ['--version']).status !== 0) return null;
  const cores = allowedCores();
  return cores.length < 2 ? null : { server: cores.at(-1) as number, load: cores[0] as number };
}

/** A process on that core, or on any. */
export function spawnOn(core: number | undefined, command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return core === undefined ? spawn(command, args, options) : spawn('taskset', ['-c', String(core), command, ...args], options);
}

/** As the kernel lists them: `0-3,8`. */
export function coresOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return list === undefined ? [] : coresOf(list);
}
