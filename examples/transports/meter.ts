/** What a transport costs: requests, and bytes that its sockets have carried. */

export interface Figures {
  readonly requests: number;
  /** Bytes from clients, heads and frames included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Messages given to clients, each counted as often as there were clients for it. */
  readonly messages: number;
}

/** What brings its bytes up to date when it is asked. */
export interface Metered {
  settle(): void;
}

export class Meter {
  readonly #above: Meter | null;
  readonly #open = new Set<Metered>();
  #requests = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #messages = 0;

  /** @param above counts all of this one's too */
  constructor(above: Meter | null = null) {
    this.#above = above;
  }

  opened(each: Metered): void {
    this.#open.add(each);
    this.#requests++;
    this.#above?.opened(each);
  }

  ended(each: Metered): void {
    this.#open.delete(each);
    this.#above?.ended(each);
  }

  passed(bytesIn: number, bytesOut: number): void {
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
    this.#above?.passed(bytesIn, bytesOut);
  }

  gave(messages: number): void {
    this.#messages += messages;
    this.#above?.gave(messages);
  }

  read(): Figures {
    for (const each of this.#open) each.settle();
    return { requests: this.#requests, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut, messages: this.#messages };
  }
}
