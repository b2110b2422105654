/** What one transport answers for: its gate, the offers still undecided, the channels still open. */
import type { Duplex } from 'node:stream';
import type { Channel, Gate } from '../spi.js';
import type { HttpOffer, Keeper } from './http-offer.js';

export class Station implements Keeper {
  readonly #gate: Gate;
  readonly #undecided = new Set<HttpOffer>();
  readonly #open = new Map<Duplex, Channel>();
  #emptied: (() => void) | null = null;
  /** Told of each socket that is the station's from now on. */
  onOpened: ((socket: Duplex) => void) | null = null;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Shows the offer to the gate; false if it is not for this one. */
  take(offer: HttpOffer): boolean {
    offer.keeper = this;
    let taken: boolean;
    try {
      taken = this.#gate.offer(offer);
    } catch {
      offer.decline(500, [], 'The offer could not be considered. [MARGAY_HOOK_FAILED]'); // a gate never throws; a peer gets its answer anyway
      return true;
    }
    if (!taken || offer.isSettled) return taken || offer.isSettled;
    this.#undecided.add(offer);
    offer.watch();
    return true;
  }

  settled(offer: HttpOffer): void {
    this.#undecided.delete(offer);
  }

  opened(socket: Duplex, channel: Channel): void {
    this.#open.set(socket, channel);
    this.onOpened?.(socket);
    socket.on('close', this.#forget);
  }

  /** Answers what is undecided, ends what is open, and resolves once the last socket is gone. */
  async close(): Promise<void> {
    for (const offer of [...this.#undecided]) offer.withdraw();
    if (this.#open.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const channel of [...this.#open.values()]) channel.terminate();
    await emptied;
  }

  /** One function for all sockets: it finds the channel by `this`. */
  readonly #forget = ((station: Station) =>
    function (this: Duplex): void {
      station.#open.delete(this);
      if (station.#open.size === 0) station.#emptied?.();
    })(this);
}
