/** What looks after a session once a second: its silence, its peer's heartbeat, and a callback that holds its messages up. */
import type { Session } from '../api/session.js';
import type { Channel } from '../transport/spi.js';
import { Heartbeat, type Patient } from './heartbeat.js';
import { type Owning, ownTime } from './own-times.js';
import type { Handler, Opening } from './plan.js';
import type { Ticking } from './ticker.js';

/** Who is looked after. */
export interface Watched extends Patient, Owning {
  readonly opening: Opening;
  readonly session: Session;
  /** ms; 0 or less: never. */
  readonly maxIdleTimeout: number;
  /** The callback that has not settled, since when, and how many messages wait for it. */
  readonly hold: { readonly running: Handler | null; readonly since: number; readonly waiting: number };
  /** Whether the peer takes what waits for it. [REL-10] */
  look(now: number): void;
  /** Nothing has passed for too long: `no … for … ms`. [CLO-12] */
  fellSilent(what: string, ms: number): void;
}

const READ_IDLE = 'org.apache.tomcat.websocket.READ_IDLE_TIMEOUT_MS';
const WRITE_IDLE = 'org.apache.tomcat.websocket.WRITE_IDLE_TIMEOUT_MS';

export class Vigil implements Ticking {
  seat = -1;
  readonly #of: Watched;
  readonly #heartbeat: Heartbeat | null;
  /** When bytes last came, and when the kernel last took some, the heartbeat's left out; `performance.now()`. */
  readonly #wire: { readonly lastRead: number; readonly lastWritten: number };
  /** The start of the call that was last reported. */
  #reported = 0;
  /** Since when what the peer sends is read: before, its silence was ours. */
  #readingSince = 0;

  constructor(of: Watched, channel: Channel) {
    const { heartbeat } = of.opening.settings;
    this.#of = of;
    this.#heartbeat = heartbeat && new Heartbeat(of, channel, heartbeat);
    this.#wire = this.#heartbeat ?? channel;
  }

  /** Whether a pong answers the heartbeat. [REL-12] */
  recognises(pong: Uint8Array): boolean {
    return this.#heartbeat?.recognises(pong) ?? false;
  }

  /** The peer has said its last, or we have: nobody asks any more whether it is there. */
  peerIsDone(): void {
    this.#heartbeat?.stop();
  }

  tick(now: number): void {
    this.#heartbeat?.tick(now);
    const { maxIdleTimeout, opening, properties } = this.#of;
    const { lastRead, lastWritten } = this.#wire;
    const { readIdleTimeout, writeIdleTimeout } = opening.settings;
    if (!this.#of.reading) this.#readingSince = now;
    this.#look('traffic', now - Math.max(lastRead, lastWritten), maxIdleTimeout);
    this.#look('byte from the peer', now - Math.max(lastRead, this.#readingSince), timeoutOf(properties, READ_IDLE, readIdleTimeout));
    this.#look('byte to the peer', now - lastWritten, timeoutOf(properties, WRITE_IDLE, writeIdleTimeout));
    this.#reportStuck(now);
    this.#of.look(now);
  }

  /** [CLO-12, EXT-5] */
  #look(what: string, silence: number, timeout: number): void {
    if (timeout > 0 && silence >= timeout) this.#of.fellSilent(what, timeout);
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
      `${plan.name}.${running.member}() has not settled for ${ms} ms, its reply included, and ${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'}; waiting in a handler for a message of the same session never ends`,
    );
  }
}

/** ms; the session's own property wins, 0 or less turns it off. [EXT-5] */
function timeoutOf(properties: ReadonlyMap<string, unknown>, name: string, otherwise: number): number {
  return ownTime(properties, name) ?? otherwise;
}
