/** A session that the application has stopped for a while. [EXT-1] */
import type { Logger } from '../api/logger.js';
import type { Session } from '../api/session.js';
import type { Inbox } from './inbox.js';
import { type Reading, SUSPENDED } from './reading.js';
import type { Turns } from './turns.js';

export class Suspension {
  readonly #turns: Turns;
  readonly #reading: Reading;
  readonly #inbox: Inbox;
  readonly #logger: Logger;
  #end: (() => void) | null = null;

  constructor(turns: Turns, reading: Reading, inbox: Inbox, logger: Logger) {
    this.#logger = logger;
    this.#turns = turns;
    this.#reading = reading;
    this.#inbox = inbox;
  }

  /** Holds behind the message that is being processed; repeated calls only log. */
  begin(session: Session): void {
    if (this.#end !== null) return logRepeated('suspend', session, this.#logger);
    let end!: () => void;
    const until = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#end = end;
    this.#turns.halt(until);
    this.#inbox.whenWhole(() => {
      if (this.#end === end) this.#reading.hold(SUSPENDED);
    });
  }

  end(session: Session): void {
    if (this.#end === null) return logRepeated('resume', session, this.#logger);
    this.lift();
  }

  /** The session closes: nothing is held back any more. */
  lift(): void {
    this.#end?.();
    this.#end = null;
    this.#reading.release(SUSPENDED);
  }
}

function logRepeated(what: string, session: Session, logger: Logger): void {
  const state = what === 'suspend' ? 'suspended' : 'not suspended';
  logger.warn({ code: 'MARGAY_SUSPENDED', session: session.getId() }, `${what}(session): session ${session.getId()} is ${state} already`);
}
