/** What both views of the other end share: pings, pongs, batching, and how they print. */
import type { RemoteEndpoint } from '../api/remote-endpoint.js';
import type { Bytes } from '../api/tokens.js';
import type { Outbound } from './outbound.js';
import type { Sender } from './sender.js';
import type { Limit } from './settling.js';

export abstract class Remote implements RemoteEndpoint {
  readonly #outbound: Outbound;
  readonly #sender: Sender;

  constructor(outbound: Outbound, sender: Sender) {
    this.#outbound = outbound;
    this.#sender = sender;
  }

  /** Of sends that start now. */
  protected abstract get limit(): Limit;

  sendPing(data: Bytes): Promise<void> {
    return this.#outbound.control('ping', data, 'sendPing(data)', this.limit);
  }

  sendPong(data: Bytes): Promise<void> {
    return this.#outbound.control('pong', data, 'sendPong(data)', this.limit);
  }

  getBatchingAllowed(): boolean {
    return this.#outbound.isBatching;
  }

  setBatchingAllowed(allowed: boolean): Promise<void> {
    return this.#outbound.setBatching(allowed, this.limit);
  }

  flushBatch(): Promise<void> {
    return this.#outbound.flushBatch(this.limit);
  }

  /** One line: id, path, state. [GEN-6] */
  toString(): string {
    return this.#sender.spelled(this.constructor.name);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
