/** All clients of one step. */
import type { Transport } from '../transport.js';
import { LongPollingClient, PollingClient } from './asking.js';
import type { LoadClient, Opening } from './client.js';
import { Counter } from './counter.js';
import { SocketClient } from './socket.js';
import { StreamingClient } from './streaming.js';

/** Connecting at the same time; a server's queue of new connections is short. */
const AT_ONCE = 50;

const CLIENTS: Readonly<Record<Transport, new (opening: Opening, counter: Counter) => LoadClient>> = {
  polling: PollingClient,
  'long-polling': LongPollingClient,
  streaming: StreamingClient,
  websocket: SocketClient,
};

export class Crowd {
  readonly counter = new Counter();
  readonly #clients: readonly LoadClient[];

  constructor(opening: Opening) {
    const Client = CLIENTS[opening.transport];
    this.#clients = Array.from({ length: opening.clients }, () => new Client(opening, this.counter));
  }

  async open(): Promise<void> {
    const waiting = this.#clients.values();
    const openSome = async (): Promise<void> => {
      for (const client of waiting) await client.open();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, openSome));
    for (const [i, client] of this.#clients.entries()) client.begin(i / this.#clients.length);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}
