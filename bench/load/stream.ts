/** What is expected of a stream of answers, all of which are equally long. */
import { times } from './frames.js';

const PATTERN = 64;

export class Stream {
  readonly #answers: Buffer;
  readonly length: number;

  constructor(answer: Buffer) {
    this.length = answer.length;
    this.#answers = times(answer, PATTERN);
  }

  /** @throws Error unless the bytes are what belongs at this place of the stream */
  check(bytes: Buffer, from: number, to: number, position: number): void {
    let at = position % this.length;
    for (let i = from; i < to; ) {
      const some = Math.min(this.#answers.length - at, to - i);
      if (this.#answers.compare(bytes, i, i + some, at, at + some) !== 0) throw new Error('the server answers something else');
      i += some;
      at = 0;
    }
  }

  /** Answers that came to their end. */
  wholeIn(position: number, count: number): number {
    return Math.floor((position + count) / this.length) - Math.floor(position / this.length);
  }
}
