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

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get isOn(): boolean {
    return this.#reasons === 0;
  }

  hold(reason: number): void {
    if (this.#reasons === 0) this.#channel.pause();
    this.#reasons |= reason;
  }

  release(reason: number): void {
    if ((this.#reasons & reason) === 0) return;
    this.#reasons &= ~reason;
    this.again();
  }

  /** A message that was left unread is looked at again, unless there are reasons. */
  again(): void {
    if (this.#reasons === 0) this.#channel.resume();
  }
}
