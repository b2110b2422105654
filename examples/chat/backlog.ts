/** The lines for one client: the one that is being sent, a few that wait, and a count of those given up. */

/** How many lines wait for a slow client. [EX-C5] */
const PATIENCE = 10;

export class Backlog {
  readonly #send: (line: string) => Promise<void>;
  readonly #failed: () => void;
  #waiting: string[] = [];
  #skipped = 0;
  #sending: Promise<void> | null = null;

  /**
   * @param send a client is slow for as long as the promise of this has not settled
   * @param failed called when a send has failed; what waited behind it is gone
   */
  constructor(send: (line: string) => Promise<void>, failed: () => void) {
    this.#send = send;
    this.#failed = failed;
  }

  /** Sends the line, keeps it for later, or gives it up. */
  add(line: string): void {
    if (this.#sending === null) {
      this.#sending = this.#sendAll(line).finally(() => {
        this.#sending = null;
      });
    } else if (this.#skipped > 0) {
      this.#skipped++;
    } else if (this.#waiting.length < PATIENCE) {
      this.#waiting.push(line);
    } else {
      // Old lines are the ones a late reader misses least.
      this.#skipped = this.#waiting.length + 1;
      this.#waiting = [];
    }
  }

  /** Settles when nothing is being sent; never rejects. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(line: string): Promise<void> {
    try {
      if (this.#skipped > 0) {
        const notice = `Skipped [${this.#skipped}] messages due to slow client`;
        this.#skipped = 0;
        await this.#send(notice);
      }
      for (let next: string | undefined = line; next !== undefined; next = this.#waiting.shift()) await this.#send(next);
    } catch {
      this.#waiting = [];
      this.#failed();
    }
  }
}
