/** A source and those who listen to it by any of the transports, metered: the pages' own, and one for each step of a sweep. */
import { randomUUID } from 'node:crypto';
import { Meter } from './meter.js';
import { Source } from './source.js';
import { type ByTransport, forEachTransport } from './transport.js';

/** What each transport has carried since the process began. */
export const totals: ByTransport<Meter> = forEachTransport(() => new Meter());

const trials = new Map<string, Trial>();

export class Trial {
  /** Nobody guesses it, so nobody disturbs the measuring. */
  readonly key = randomUUID();
  readonly source: Source;
  readonly meters: ByTransport<Meter> = forEachTransport((transport) => new Meter(totals[transport]));

  constructor(perSecond: number, text: string) {
    this.source = new Source(perSecond, text);
    trials.set(this.key, this);
  }

  /** The trial that a query's `trial` asks for: the pages' own without one; null: it is over. */
  static of(key: string | null | undefined): Trial | null {
    return key == null ? live : (trials.get(key) ?? null);
  }

  end(): void {
    trials.delete(this.key);
    this.source.stop();
  }
}

/** That of the pages, all of which hear the same. */
export const live = new Trial(1, 'hello, 你好 🐾');
