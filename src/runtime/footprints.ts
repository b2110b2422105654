/** What a heartbeat itself moves on a channel, told from traffic: the idle timeouts take no notice of it. [REL-12, CLO-12] */
import type { Channel } from '../transport/spi.js';

/** Made for the first ping. */
export class Footprints {
  readonly #channel: Channel;
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

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#saidAt = channel.lastWritten;
    this.#heardAt = channel.lastRead;
  }

  get lastRead(): number {
    const { lastRead } = this.#channel;
    return lastRead === this.#answeredAt ? this.#heardAt : lastRead;
  }

  get lastWritten(): number {
    const { lastWritten } = this.#channel;
    return lastWritten === this.#askedAt ? this.#saidAt : lastWritten;
  }

  /** A ping is about to be sent. */
  pings(): void {
    const { framesSent, framesReceived } = this.#channel.counters;
    this.#saidAt = this.lastWritten;
    this.#heardAt = this.lastRead;
    this.#framesBefore = framesReceived - this.#answers;
    this.#sent = { frames: framesSent + 1, before: this.#channel.lastWritten };
  }

  /** An answer has come. */
  answered(): void {
    this.#answers++;
  }

  /** Looks, once a second, at what has moved: frames beside ours make it traffic. */
  look(): void {
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
