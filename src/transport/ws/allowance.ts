/** How many bytes may be worked on between two looks at the sockets, all connections together; what is more goes to node's threads. [REL-15] */
export class Allowance {
  readonly #bytes: number;
  #left: number;
  #isBegun = false;

  /** @param bytes for each turn of the event loop */
  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#left = bytes;
  }

  get isUsedUp(): boolean {
    return this.#left <= 0;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#isBegun) return;
    this.#isBegun = true;
    setImmediate(renew, this);
  }

  /** @internal */
  renew(): void {
    this.#isBegun = false;
    this.#left = this.#bytes;
  }
}

const renew = (allowance: Allowance): void => allowance.renew();
