/** Whether a connection is read: not while anybody has a reason against it. */
import type { Channel } from '../transport/spi.js';

/** Too much waits for a callback. [LIF-8] */
export const BACKLOG = 1;
/** A message that is read while it arrives is not read fast enough. */
export const UNREAD = 2;
/** The application said so. [EXT-1] */
export const SUSPENDED = 4;

export class Reading {
  readonly #channel: Channel;
  #reasons = 0;
  /** Reasons that do not count for now. */
  #waived = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get isOn(): boolean {
    return (this.#reasons & ~this.#waived) === 0;
  }

  hold(reason: number): void {
    this.#set(this.#reasons | reason, this.#waived);
  }

  release(reason: number): void {
    this.#set(this.#reasons & ~reason, this.#waived);
  }

  /** Reads on in spite of that reason, until it is heeded again. */
  waive(reason: number): void {
    this.#set(this.#reasons, this.#waived | reason);
  }

  heed(reason: number): void {
    this.#set(this.#reasons, this.#waived & ~reason);
  }

  /** A message that was left unread is looked at again, unless there are reasons. */
  again(): void {
    if (this.isOn) this.#channel.resume();
  }

  #set(reasons: number, waived: number): void {
    const wasOn = this.isOn;
    this.#reasons = reasons;
    this.#waived = waived;
    if (wasOn && !this.isOn) this.#channel.pause();
    else if (!wasOn && this.isOn) this.#channel.resume();
  }
}
