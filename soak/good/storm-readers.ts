/** Readers of a broadcast that some do not read: they get all of it, in order. */
import { type Context, GoodClient, within } from './good-client.js';

const COUNT = 5;
const [PERIOD, SIZE] = [60, 24_000]; // ms, bytes: 400 KB a second to each

export class StormReaders {
  received = 0;
  readonly count = COUNT;
  readonly #readers: GoodClient[];
  readonly #context: Context;
  readonly #heardBy: number[] = Array.from({ length: COUNT }, () => 0);
  #said = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string, context: Context) {
    this.#context = context;
    this.#readers = this.#heardBy.map((_, who) => new GoodClient(url, false, context, (data) => this.#heard(who, data)));
  }

  async begin(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.begin()));
    this.#timer = setInterval(() => this.#readers[0]?.send(`${SIZE} ${this.#said++} ${performance.now()} `), PERIOD);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (!(await within(() => this.#heardBy.every((count) => count === this.#said)))) {
      this.#context.fail(`of ${this.#said} broadcasts, readers have got ${this.#heardBy.join(', ')}`);
    }
    await Promise.all(this.#readers.map((reader) => reader.end()));
  }

  #heard(who: number, data: Buffer): void {
    this.received++;
    const [, index, at] = data.toString('latin1', 0, 60).split(' ').map(Number) as [number, number, number];
    const expected = this.#heardBy[who] as number;
    this.#heardBy[who] = expected + 1;
    if (index !== expected || data.length !== SIZE) this.#context.fail(`reader ${who} got broadcast ${index} instead of ${expected}`);
    else this.#context.latency.note(performance.now() - at);
  }
}
