/** What looks after a session once a second: its silence, and a callback that holds its messages up. */
import type { Session } from '../api/session.js';
import type { Handler, Opening } from './plan.js';
import type { Ticking } from './ticker.js';

/** Who is looked after. */
export interface Watched {
  readonly opening: Opening;
  readonly session: Session;
  /** ms; 0 or less: never. */
  readonly maxIdleTimeout: number;
  /** When bytes last passed, either way; `performance.now()`. */
  readonly lastTraffic: number;
  /** The callback that has not settled, since when, and how many messages wait for it. */
  readonly hold: { readonly running: Handler | null; readonly since: number; readonly waiting: number };
  /** Nothing has passed for too long. [CLO-12] */
  fellSilent(ms: number): void;
}

export class Vigil implements Ticking {
  readonly #of: Watched;
  /** The start of the call that was last reported. */
  #reported = 0;

  constructor(of: Watched) {
    this.#of = of;
  }

  tick(now: number): void {
    const { maxIdleTimeout, lastTraffic } = this.#of;
    if (maxIdleTimeout > 0 && now - lastTraffic >= maxIdleTimeout) this.#of.fellSilent(maxIdleTimeout);
    this.#reportStuck(now);
  }

  /** A callback that holds messages up is named once. [LIF-13] */
  #reportStuck(now: number): void {
    const { running, since, waiting } = this.#of.hold;
    const { settings, plan, logger } = this.#of.opening;
    const limit = settings.stuckCallbackAfter;
    if (limit <= 0 || running === null || waiting === 0 || since === this.#reported || now - since < limit) return;
    this.#reported = since;
    const ms = Math.round(now - since);
    logger.warn(
      { code: 'MARGAY_STUCK_CALLBACK', endpoint: plan.name, member: running.member, session: this.#of.session.getId(), ms },
      `${plan.name}.${running.member}() has not settled for ${ms} ms, its reply included, and ${waiting} messages wait; waiting in a handler for a message of the same session never ends`,
    );
  }
}
