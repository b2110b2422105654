/** Connects endpoints to servers, for any container. */
import type { WebSocketContainer } from '../../api/container.js';
import type { Session } from '../../api/session.js';

export class Connector {
  readonly #container: WebSocketContainer;

  constructor(container: WebSocketContainer) {
    this.#container = container;
  }

  connect(args: readonly unknown[]): Promise<Session> {
    throw new Error(String(this.#container) + args.length);
  }
}
