/** A peer that does not take what it is sent: when it is too slow, and what is done about it. [REL-10] */
import type { IOException } from '../api/exceptions.js';
import type { Channel } from '../transport/spi.js';
import { blockingTimeoutOf } from './blocking-timeout.js';
import { peerTooSlow, sendClosed } from './failures.js';
import type { SlowPeerLimits } from './plan.js';
import type { Sender } from './sender.js';

/** `due`: the time is over, but a send whose own time is the same comes first. `stuck`: and no write has finished since. */
type State = 'moving' | 'due' | 'stuck';

/** Costs a session whose queue is short one look at `isWatched` for each message. */
export class SlowPeer {
  /** Bytes waiting, above which the peer is watched. */
  readonly from: number;
  /** The queue was longer than that when it was last looked at. */
  isWatched = false;
  /** What the application has set on the Async remote, in ms. */
  sendTimeout: number | null = null;
  /** Messages that were not taken. */
  dropped = 0;
  readonly #sender: Sender;
  readonly #channel: Channel;
  #state: State = 'moving';
  /** Since when the queue is above the mark, and the peer has something to take; 0: it is not. */
  #since = 0;
  /** The log has a warning. */
  #isTold = false;

  constructor(sender: Sender, channel: Channel) {
    const { highWaterMark, slowPeer } = sender.settings;
    this.from = Math.min(highWaterMark, slowPeer.mark, slowPeer.cap - 1);
    this.#sender = sender;
    this.#channel = channel;
  }

  /** The queue has been found longer than `from`. */
  watch(): void {
    this.isWatched = true;
    if (this.#since === 0 && this.#channel.bufferedAmount > this.#limits.mark) this.#since = performance.now();
  }

  /** A write has finished: the peer reads. */
  moved(): void {
    const waiting = this.#channel.bufferedAmount;
    this.#state = 'moving';
    this.isWatched = waiting > this.from;
    if (waiting <= this.#limits.mark) this.#since = 0;
  }

  /** Looks at the clock: too much waits, and nothing of it has left for too long. */
  look(now: number): void {
    const waiting = this.#channel.bufferedAmount;
    if (!this.#sender.sending || this.#state === 'stuck' || waiting <= this.#limits.mark) return;
    // while the kernel takes all it gets, what waits does so for a thread that compresses, or for an extension
    if (this.#since === 0 || this.#channel.congestion === 0) this.#since = now;
    const { ms, isOfSends } = this.#patience;
    if (now - Math.max(this.#since, this.#channel.lastWritten) < ms) return;
    if (isOfSends && this.#state === 'moving') {
      this.#state = 'due';
      return;
    }
    this.#state = 'stuck';
    if (this.#limits.policy !== 'drop') this.#apply(waiting);
  }

  /** Why a further message is not taken, null if it is. `behind`: bytes that wait elsewhere, to come behind what the channel has. */
  objection(behind: number): IOException | null {
    const { cap, policy } = this.#limits;
    const waiting = this.#channel.bufferedAmount + behind;
    const isFull = waiting > 0 && waiting >= cap;
    if (!isFull && !(policy === 'drop' && this.#state === 'stuck')) return null;
    const error = this.#apply(waiting);
    if (policy !== 'wait') return error;
    const { sending, session, reason } = this.#sender;
    return sending ? null : sendClosed(session, reason); // whoever was told of it has closed the session
  }

  /** The same for what is never left out, a further part, a ping: `close` alone objects to that. */
  overflow(behind: number): IOException | null {
    return this.isWatched && this.#limits.policy === 'close' ? this.objection(behind) : null;
  }

  /** Why a message is not taken whose encoder took its time, null if it is: it was asked for when less may have waited. */
  lateObjection(): IOException | null {
    return this.isWatched && this.#limits.policy !== 'wait' ? this.objection(0) : null;
  }

  #apply(bytes: number): IOException {
    const { policy } = this.#limits;
    const { session, logger, opening } = this.#sender;
    const error = peerTooSlow(session, bytes, policy);
    const fields = { code: 'MARGAY_SLOW_PEER', session: session.getId(), bytes, policy };
    logger[this.#isTold ? 'debug' : 'warn'](fields, error.message);
    this.#isTold = true;
    if (policy === 'drop') this.dropped++;
    if (policy === 'close') this.#sender.tooSlow(error);
    opening.owner.slowPeer(session, policy);
    return error;
  }

  get #limits(): SlowPeerLimits {
    return this.#sender.settings.slowPeer;
  }

  /** What the application has set for sends stands in its place; the longer, if it has set both. */
  get #patience(): { readonly ms: number; readonly isOfSends: boolean } {
    const own = [blockingTimeoutOf(this.#sender), this.sendTimeout].filter((ms) => ms !== null);
    if (own.length > 0) return { ms: longest(own), isOfSends: true };
    const { patience, isOfSends } = this.#limits;
    return { ms: patience, isOfSends };
  }
}

/** Of send timeouts in ms, where 0 or less is no limit. */
export const longest = (timeouts: readonly number[]): number => Math.max(...timeouts.map((ms) => (ms > 0 ? ms : Number.POSITIVE_INFINITY)));
