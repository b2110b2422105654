/** One way to harm a server, again and again for as long as the soak lasts. */
import type { Ports } from './messages.js';
import type { Random } from './random.js';
import type { ServerProcess } from './server-process.js';

/** Where attacks happen. */
export interface Field {
  readonly server: ServerProcess;
  readonly ports: Ports;
  readonly random: Random;
  /** Figures by name, for the report: each attack adds what it has measured. */
  readonly figures: Map<string, number[]>;
  /** The soak is over. */
  readonly over: AbortSignal;
  /** A name for a session that nobody else has. */
  newId(): string;
  /** Ends early, when the soak does. */
  sleep(ms: number): Promise<void>;
}

export interface Attack {
  readonly name: string;
  /** ms between the end of one and the beginning of the next. */
  readonly pause: number;
  /** How many of it at once; 1 if not said. */
  readonly atOnce?: number;
  /** Resolves with the way it ended, in a word; rejects if that is not what the ledger says. */
  act(field: Field): Promise<string>;
}

/** What has become of one kind of attack. */
export class Tally {
  readonly name: string;
  readonly ends = new Map<string, number>();
  readonly failures: string[] = [];
  failed = 0;

  constructor(name: string) {
    this.name = name;
  }

  ended(how: string): void {
    this.ends.set(how, (this.ends.get(how) ?? 0) + 1);
  }

  fail(error: Error): void {
    this.failed++;
    if (this.failures.length < 3) this.failures.push(error.message.slice(0, 200));
  }

  get count(): number {
    return [...this.ends.values()].reduce((sum, each) => sum + each, this.failed);
  }
}

/** Until the soak is over; what it is in the middle of then does not count. */
export async function carryOn(attack: Attack, field: Field): Promise<Tally> {
  const tally = new Tally(attack.name);
  const one = async (): Promise<void> => {
    await field.sleep(field.random(1 + Math.min(attack.pause, 5000)));
    while (!field.over.aborted) {
      try {
        const how = await attack.act(field);
        if (!field.over.aborted) tally.ended(how);
      } catch (error) {
        if (!field.over.aborted) tally.fail(error as Error);
      }
      await field.sleep(attack.pause);
    }
  };
  await Promise.all(Array.from({ length: attack.atOnce ?? 1 }, one));
  return tally;
}

/** @throws unless it is one of these */
export function expectOne<T>(what: T, ...expected: readonly T[]): T {
  if (!expected.includes(what)) throw new Error(`${String(what)} instead of ${expected.join(' or ')}`);
  return what;
}
