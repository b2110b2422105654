/** The lines for one client: the one that is being sent, a few that wait, and a count of those given up. */

/** How many lines wait for a slow client. [EX-C5] */
const PATIENCE = 10;

export class Backlog {
  readonly #send: (line: string) => Promise<void>;
  #waiting: string[] = [];
  #skipped = 0;
  #sending: Promise<void> | null = null;

  /** @param send a client is slow for as long as the promise of this has not settled */
  constructor(send: (line: string) => Promise<void>) {
    this.#send = send;
  }

  /** Sends the line, keeps it for later, or gives it up. The promise is that of everything under way: it rejects if a send fails. */
  add(line: string): Promise<void> {
    if (this.#sending === null) {
      this.#sending = this.#sendAll(line).finally(() => {
        this.#sending = null;
        this.#waiting = []; // something is left only where a send has failed
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
    return this.#sending;
  }

  /** Settles when nothing is being sent; never rejects. */
  async idle(): Promise<void> {
    await this.#sending?.catch(() => {});
  }

  async #sendAll(line: string): Promise<void> {
    if (this.#skipped > 0) {
      const notice = `Skipped [${this.#skipped}] messages due to slow client`;
      this.#skipped = 0;
      await this.#send(notice);
    }
    for (let next: string | undefined = line; next !== undefined; next = this.#waiting.shift()) await this.#send(next);
  }
}
