/** Asks a peer that is silent whether it is still there, and gives one up that does not answer. [REL-12] */
import type { Channel } from '../transport/spi.js';
import { Footprints } from './footprints.js';
import type { Heartbeat as Pace } from './plan.js';

/** Whose heart it is. */
export interface Patient {
  /** What the peer sends is read: nothing of ours holds it up. */
  readonly reading: boolean;
  /** All pings, and the time for an answer to the last of them, have passed without a byte. */
  unanswered(): void;
}

/** What our pings begin with. Nobody can guess it, so no pong that the application waits for looks like an answer to one. */
const SIGNATURE = crypto.getRandomValues(new Uint8Array(8));
/** Bytes: the signature, and a number. */
const SIZE = 12;
let asked = 0;

export class Heartbeat {
  readonly #of: Patient;
  readonly #channel: Channel;
  readonly #pace: Pace;
  #isOver = false;
  #looked = performance.now();
  /** ms since the peer's last sign or our last ping; those in which we did not read are left out. */
  #silence = 0;
  /** Beats since the peer's last sign. */
  #missed = 0;
  #isDue = false;
  /** What the channel said at the last look. */
  #read: number;
  #written: number;
  #congestion = 0;
  #footprints: Footprints | null = null;

  constructor(of: Patient, channel: Channel, pace: Pace) {
    this.#of = of;
    this.#channel = channel;
    this.#pace = pace;
    this.#read = channel.lastRead;
    this.#written = channel.lastWritten;
  }

  /** When bytes last came, other than answers to our pings; `performance.now()`. [CLO-12] */
  get lastRead(): number {
    return (this.#footprints ?? this.#channel).lastRead;
  }

  /** When the kernel last took bytes, other than our pings; `performance.now()`. [CLO-12] */
  get lastWritten(): number {
    return (this.#footprints ?? this.#channel).lastWritten;
  }

  /** Nothing more is expected of the peer, or of us: the session closes. */
  stop(): void {
    this.#isOver = true;
  }

  tick(now: number): void {
    const elapsed = now - this.#looked;
    this.#looked = now;
    if (this.#isOver) return;
    this.#footprints?.look();
    if (this.#sawSign() || !this.#of.reading) return;
    this.#silence += elapsed;
    if (this.#silence < this.#pace.interval || this.#isDue) return;
    this.#isDue = true;
    setImmediate(beat, this); // what the kernel holds is read first: that this process was busy is no fault of the peer
  }

  /** @internal */
  beat(): void {
    this.#isDue = false;
    if (this.#isOver || this.#sawSign() || !this.#of.reading) return;
    if (this.#missed === this.#pace.missed) return this.#of.unanswered();
    this.#missed++;
    this.#silence = 0;
    if (this.#congestion > 0) return; // a ping would only wait behind what the peer does not take
    this.#ping();
  }

  /** Whether a pong answers a ping of ours; such a pong is nobody else's business. */
  recognises(pong: Uint8Array): boolean {
    if (pong.length !== SIZE || SIGNATURE.some((byte, i) => byte !== pong[i])) return false;
    this.#footprints?.answered();
    return true;
  }

  /** The peer is there if bytes have come, or if the kernel had no room and now has some. What it takes at once says nothing of the peer. */
  #sawSign(): boolean {
    const { lastRead, lastWritten, congestion } = this.#channel;
    const took = this.#congestion > 0 && (lastWritten !== this.#written || congestion !== this.#congestion);
    const isSign = took || lastRead !== this.#read;
    this.#read = lastRead;
    this.#written = lastWritten;
    this.#congestion = congestion;
    if (isSign) {
      this.#silence = 0;
      this.#missed = 0;
    }
    return isSign;
  }

  #ping(): void {
    const payload = new Uint8Array(SIZE);
    payload.set(SIGNATURE);
    asked = (asked + 1) >>> 0;
    new DataView(payload.buffer).setUint32(SIGNATURE.length, asked);
    this.#footprints ??= new Footprints(this.#channel);
    this.#footprints.pings();
    this.#channel.ping(payload);
  }
}

/** One function for all sessions. */
const beat = (heartbeat: Heartbeat): void => heartbeat.beat();
