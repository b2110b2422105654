/** Asks a peer that is silent whether it is still there, and gives one up that does not answer. [REL-12] */
import type { Channel } from '../transport/spi.js';
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
  /** The ping that may not have left yet: how many frames have with it, and when the last of those before did. */
  #sent: { readonly frames: number; readonly before: number } | null = null;
  /** Answers since the last look, and how many frames had come before them. */
  #answers = 0;
  #framesBefore = 0;
  /** Times at which nothing but our ping left and nothing but its answer came, and the times that stand without these. */
  #askedAt = -1;
  #saidAt: number;
  #answeredAt = -1;
  #heardAt: number;

  constructor(of: Patient, channel: Channel, pace: Pace) {
    this.#of = of;
    this.#channel = channel;
    this.#pace = pace;
    this.#read = this.#heardAt = channel.lastRead;
    this.#written = this.#saidAt = channel.lastWritten;
  }

  /** When bytes last came, other than answers to our pings; `performance.now()`. [CLO-12] */
  get lastRead(): number {
    const { lastRead } = this.#channel;
    return lastRead === this.#answeredAt ? this.#heardAt : lastRead;
  }

  /** When the kernel last took bytes, other than our pings; `performance.now()`. [CLO-12] */
  get lastWritten(): number {
    const { lastWritten } = this.#channel;
    return lastWritten === this.#askedAt ? this.#saidAt : lastWritten;
  }

  /** Nothing more is expected of the peer, or of us: the session closes. */
  stop(): void {
    this.#isOver = true;
  }

  tick(now: number): void {
    const elapsed = now - this.#looked;
    this.#looked = now;
    if (this.#isOver) return;
    this.#leaveOut();
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
    this.#answers++;
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
    const { framesSent, framesReceived } = this.#channel.counters;
    this.#saidAt = this.lastWritten;
    this.#heardAt = this.lastRead;
    this.#framesBefore = framesReceived - this.#answers;
    this.#sent = { frames: framesSent + 1, before: this.#channel.lastWritten };
    this.#channel.ping(payload);
  }

  /** Tells our pings and their answers from traffic: frames beside them make it traffic. */
  #leaveOut(): void {
    const { lastRead, lastWritten } = this.#channel;
    if (this.#sent !== null && lastWritten !== this.#sent.before) {
      if (this.#channel.counters.framesSent === this.#sent.frames) this.#askedAt = lastWritten;
      this.#sent = null;
    }
    if (this.#answers === 0) return;
    const { framesReceived } = this.#channel.counters;
    if (framesReceived === this.#framesBefore + this.#answers) this.#answeredAt = lastRead;
    this.#framesBefore = framesReceived;
    this.#answers = 0;
  }
}

/** One function for all sessions. */
const beat = (heartbeat: Heartbeat): void => heartbeat.beat();
