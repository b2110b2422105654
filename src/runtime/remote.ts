/** What both views of the other end share: pings, pongs, and how they print. */
import type { RemoteEndpoint } from '../api/remote-endpoint.js';
import type { Bytes } from '../api/tokens.js';
import type { Outbound, Sender } from './outbound.js';

export abstract class Remote implements RemoteEndpoint {
  readonly #outbound: Outbound;
  readonly #sender: Sender;

  constructor(outbound: Outbound, sender: Sender) {
    this.#outbound = outbound;
    this.#sender = sender;
  }

  sendPing(data: Bytes): Promise<void> {
    return this.#outbound.control('ping', data, 'sendPing(data)');
  }

  sendPong(data: Bytes): Promise<void> {
    return this.#outbound.control('pong', data, 'sendPong(data)');
  }

  /** One line: id, path, state. [GEN-6] */
  toString(): string {
    return this.#sender.spelled(this.constructor.name);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
