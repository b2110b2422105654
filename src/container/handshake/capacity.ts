/** How many connections there may be at once, in all and from each remote address. [REL-16] */

/** The two limits; Infinity is none. */
export interface Limits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** What a connection holds from the moment its request is taken until its socket is gone and @OnClose has settled. */
export interface Place {
  /** Gives it back; to do so again changes nothing. */
  free(): void;
}

/** Nobody counts: one for all. */
export const UNCOUNTED: Place = Object.freeze({ free: () => {} });

export class Capacity {
  readonly #limits: Limits;
  /** If not, there is a place for everybody. */
  readonly isLimited: boolean;
  #taken = 0;
  /** Who has none left is not in it. A map: the address may be what a header says [REL-4]. */
  readonly #byAddress = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
    this.isLimited = Number.isFinite(limits.maxConnections) || Number.isFinite(limits.maxConnectionsPerAddress);
  }

  /** A place for one more of that address; null if there is none. */
  take(address: string): Place | null {
    if (!this.isLimited) return UNCOUNTED;
    const own = this.#byAddress.get(address) ?? 0;
    if (this.#taken >= this.#limits.maxConnections || own >= this.#limits.maxConnectionsPerAddress) return null;
    this.#taken++;
    this.#byAddress.set(address, own + 1);
    return new Counted(this, address);
  }

  /** How many places are taken, and by how many addresses. */
  get taken(): { readonly places: number; readonly addresses: number } {
    return { places: this.#taken, addresses: this.#byAddress.size };
  }

  /** @internal For a place that is given back. */
  left(address: string): void {
    this.#taken--;
    const own = (this.#byAddress.get(address) as number) - 1;
    if (own === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, own);
  }
}

class Counted implements Place {
  readonly #address: string;
  #of: Capacity | null;

  constructor(of: Capacity, address: string) {
    this.#of = of;
    this.#address = address;
  }

  free(): void {
    const of = this.#of;
    this.#of = null;
    of?.left(this.#address);
  }
}
