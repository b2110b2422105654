/** A pong that has arrived. */
import { PongMessage } from '../api/pong-message.js';

export class ReceivedPong extends PongMessage {
  readonly #data: Buffer;

  constructor(data: Buffer) {
    super();
    this.#data = data;
  }

  getApplicationData(): Buffer {
    return this.#data;
  }
}
