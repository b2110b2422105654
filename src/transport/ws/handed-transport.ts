/** One request that an upgrade listener of the application's has received, as a transport of its own. [DEP-8] */
import type { Gate, Transport } from '../spi.js';
import { type Arrival, HttpOffer } from './http-offer.js';
import { Station } from './station.js';
import { turnAway } from './switchboard.js';

export class HandedTransport implements Transport {
  readonly address = null;
  /** Until it is offered: the connection that comes of it lives longer, and keeps the transport. */
  #arrival: Arrival | null;
  #station: Station | null = null;

  constructor(handed: Omit<Arrival, 'shared'>) {
    this.#arrival = { ...handed, shared: false };
  }

  /** Offers the request. Once in a transport's life. */
  start(gate: Gate): void {
    if (this.#arrival === null) throw new Error('A transport starts once; make a new one');
    const offer = new HttpOffer(this.#arrival);
    this.#arrival = null;
    this.#station = new Station(gate);
    if (!this.#station.take(offer)) turnAway(offer);
  }

  async stop(): Promise<void> {
    await this.#station?.close();
  }
}
