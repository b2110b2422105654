/** What both views of the other end share: pings, pongs, batching, and how they print. */
import type { RemoteEndpoint } from '../api/remote-endpoint.js';
import type { Bytes } from '../api/tokens.js';
import type { Outbound } from './outbound.js';
import type { Sender } from './sender.js';
import type { Limit } from './settling.js';

/** The time limit of sends that start now; a symbol, since users see what a remote has. */
export const LIMIT: unique symbol = Symbol('limit');

export abstract class Remote implements RemoteEndpoint {
  readonly #outbound: Outbound;
  readonly #sender: Sender;

  constructor(outbound: Outbound, sender: Sender) {
    this.#outbound = outbound;
    this.#sender = sender;
  }

  protected abstract get [LIMIT](): Limit;

  sendPing(data: Bytes): Promise<void> {
    return this.#outbound.control('ping', data, 'sendPing(data)', this[LIMIT]);
  }

  sendPong(data: Bytes): Promise<void> {
    return this.#outbound.control('pong', data, 'sendPong(data)', this[LIMIT]);
  }

  getBatchingAllowed(): boolean {
    return this.#outbound.isBatching;
  }

  setBatchingAllowed(allowed: boolean): Promise<void> {
    return this.#outbound.setBatching(allowed, this[LIMIT]);
  }

  flushBatch(): Promise<void> {
    return this.#outbound.flushBatch(this[LIMIT]);
  }

  /** One line: id, path, state. [GEN-6] */
  toString(): string {
    return this.#sender.spelled(this.constructor.name);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
