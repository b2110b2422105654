/** One load against several servers in interleaved rounds: what disturbs one disturbs all. */
import { setTimeout as after } from 'node:timers/promises';
import type { Conditions } from './conditions.js';
import { Generator } from './generator.js';
import type { Load, Outcome } from './load/protocol.js';
import { Refused, ServerProcess } from './server-process.js';
import type { Cpu, Role } from './servers/protocol.js';

/** Who takes part, and in which words it is spoken to. */
export interface Contender {
  readonly server: string;
  readonly load: Load;
  readonly role: Role;
}

export interface Run extends Outcome {
  /** µs of the server's processor for each message; null where it cannot be told. */
  readonly spent: Cpu | null;
}

export interface Rounds {
  readonly runs: ReadonlyMap<string, readonly Run[]>;
  /** Who does not take part, and why. */
  readonly refusals: readonly string[];
}

const LONGEST = 5000; // ms that nothing may come
const SETTLE = 30; // ms at a time, in which a server notices that its connections have gone
const BUSY = 0.3; // of that time: it is still at work on what they have sent
const PATIENCE = 5000; // ms

/** @param pinned false: server and load wherever the system puts them */
export async function rounds(contenders: readonly Contender[], conditions: Conditions, pinned = true): Promise<Rounds> {
  const { program, effort, peersFrom } = conditions;
  const pinning = pinned ? conditions.pinning : null;
  const generator = new Generator(program, pinning?.load);
  const servers: { readonly contender: Contender; readonly process: ServerProcess; readonly runs: Run[] }[] = [];
  const refusals: string[] = [];
  try {
    for (const contender of contenders) {
      try {
        const process = await ServerProcess.start(contender.server, contender.role, { core: pinning?.server, peersFrom });
        servers.push({ contender, process, runs: [] });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refusals.push(error.message);
      }
    }
    for (let round = -1; round < effort.rounds; round++) {
      for (const { contender, process, runs } of servers) {
        const isWarm = round >= 0;
        const run = await runOf(contender, process, generator, isWarm ? effort.ms : effort.warmUp);
        if (isWarm) runs.push(run);
      }
    }
    return { runs: new Map(servers.map(({ contender, runs }) => [contender.server, runs])), refusals };
  } finally {
    await Promise.all([generator.stop(), ...servers.map(({ process }) => process.stop())]);
  }
}

/** For longer, where the machine has so much else to do that nothing came. */
async function runOf({ server, load, role }: Contender, process: ServerProcess, generator: Generator, ms: number): Promise<Run> {
  try {
    await generator.open(load, process.port);
    const before = await process.cpu();
    const outcome = await generator.run(ms);
    const now = await process.cpu();
    await generator.close();
    await settle(process);
    if (outcome.count === 0 && ms > LONGEST) throw new Error(`nothing came in ${ms} ms`);
    if (outcome.count === 0) return await runOf({ server, load, role }, process, generator, ms * 4);
    return { ...outcome, spent: before && now && perMessage(before, now, outcome.count) };
  } catch (error) {
    throw new Error(`${server}, ${load.kind}: ${(error as Error).message}`);
  }
}

/** What is said to those who have gone must not reach those who come next. */
async function settle(process: ServerProcess): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (let before = await process.cpu(); performance.now() < end; ) {
    await after(SETTLE);
    const now = await process.cpu();
    if (before === null || now === null) return void (await after(SETTLE * 10)); // it does not tell
    if (now.user + now.system - before.user - before.system < SETTLE * 1000 * BUSY) return;
    before = now;
  }
}

function perMessage(before: Cpu, now: Cpu, count: number): Cpu {
  return { user: (now.user - before.user) / count, system: (now.system - before.system) / count };
}
