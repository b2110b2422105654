/** Every connection of a container that is not closed yet. */
import type { SlowPeerPolicy } from '../api/endpoint-settings.js';
import type { Logger } from '../api/logger.js';
import type { Session } from '../api/session.js';
import type { Live, Owner } from '../runtime/plan.js';
import { Roll } from '../runtime/roll.js';
import { after, type Timer } from '../runtime/timer.js';
import type { Tally } from './tally.js';

type OnSlowPeer = (session: Session, policy: SlowPeerPolicy) => void;

export class Roster implements Owner {
  readonly #tally: Tally;
  readonly #logger: Logger;
  readonly #onSlowPeer: OnSlowPeer;
  #isTelling = false;
  readonly #live = new Roll<Live>();
  /** How many of them wait for their socket. */
  #ended = 0;
  #waiting: (() => void)[] = [];

  constructor(tally: Tally, logger: Logger, onSlowPeer: OnSlowPeer = () => {}) {
    this.#tally = tally;
    this.#logger = logger;
    this.#onSlowPeer = onSlowPeer;
  }

  opened(connection: Live): void {
    this.#tally.opened();
    this.#live.add(connection);
  }

  ended(): void {
    this.#ended++;
    this.#tell();
  }

  closed(connection: Live): void {
    if (!this.#live.delete(connection)) return;
    this.#ended--; // its @OnClose comes first
    this.#tally.closed(connection);
    this.#tell();
  }

  erred(): void {
    this.#tally.erred();
  }

  /** The application is told, but not of what it brings about while it is told. [REL-10] */
  slowPeer(session: Session, policy: SlowPeerPolicy): void {
    this.#tally.slowPeer(policy);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      Promise.resolve(this.#onSlowPeer(session, policy) as unknown).catch((err: unknown) => this.#hookFailed(session, err));
    } catch (err) {
      this.#hookFailed(session, err);
    }
    this.#isTelling = false;
  }

  get live(): readonly Live[] {
    return this.#live.all;
  }

  /** Those whose callbacks have not all settled. */
  get running(): readonly Live[] {
    return this.#live.all.filter(({ hasEnded }) => !hasEnded);
  }

  /** Settles when nothing of the kind is left, or after `ms`. */
  async until(what: 'ended' | 'closed', ms: number): Promise<void> {
    const left = () => this.#live.size - (what === 'ended' ? this.#ended : 0);
    if (left() === 0) return;
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = after(ms, resolve);
    });
    const done = new Promise<void>((resolve) => {
      const look = () => {
        if (left() === 0) resolve();
        else this.#waiting.push(look);
      };
      look();
    });
    await Promise.race([done, late]);
    clearTimeout(timer);
  }

  #hookFailed(session: Session, err: unknown): void {
    this.#logger.error({ code: 'MARGAY_HOOK_FAILED', session: session.getId(), err }, 'onSlowPeer failed');
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}
