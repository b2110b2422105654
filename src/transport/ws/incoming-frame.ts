/** The frame that is arriving, to be had whole: its header first, then its payload, from whatever chunks it comes in. */

import { FrameCursor } from './frame-cursor.js';
import { CLOSE, FIN } from './frame-header.js';
import { Gathering } from './gathering.js';
import { mask, turned } from './mask.js';

export class IncomingFrame {
  readonly #isServer: boolean;
  readonly #deflates: boolean;
  readonly #cursor: FrameCursor;
  readonly #payload = new Gathering();
  #chunks: Buffer[] = [];
  #at = 0;
  /** Its header has been read. */
  #begun = false;
  /** The message on the wire goes on. */
  #inMessage = false;

  /** `claimed`: bits of the first byte that the extensions use. */
  constructor(isServer: boolean, deflates: boolean, claimed: number) {
    this.#isServer = isServer;
    this.#deflates = deflates;
    this.#cursor = new FrameCursor(claimed);
  }

  /** The chunk is ours from now on: it is unmasked in place. */
  add(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /** Nothing is left to be read. */
  get isDry(): boolean {
    return this.#chunks.length === 0;
  }

  get opcode(): number {
    return this.#cursor.opcode;
  }

  get isFinal(): boolean {
    return this.#cursor.isFinal;
  }

  /** Its first byte. */
  get first(): number {
    return this.#cursor.first;
  }

  /** Bytes of payload that are still to come. */
  get left(): number {
    return this.#cursor.left;
  }

  /** The rule that it breaks, if it does. */
  get sentence(): string | null {
    return this.#cursor.sentence;
  }

  /** True once the header is there. */
  begin(): boolean {
    const cursor = this.#cursor;
    while (!this.#begun) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return false;
      const end = cursor.read(chunk, this.#at, this.#isServer, this.#deflates, this.#inMessage);
      if (cursor.sentence !== null) return false;
      this.#consume(chunk, end < 0 ? chunk.length : end);
      this.#begun = end >= 0;
    }
    return true;
  }

  /** The payload once all of it is there, else null. Then the next frame's turn has come. */
  gather(): Buffer | null {
    const cursor = this.#cursor;
    for (let chunk = this.#chunks[0]; cursor.left > 0 && chunk !== undefined; chunk = this.#chunks[0]) {
      const from = this.#at;
      const to = Math.min(chunk.length, from + cursor.left);
      if (this.#isServer) mask(chunk, from, to, cursor.key);
      cursor.key = turned(cursor.key, to - from);
      cursor.left -= to - from;
      this.#payload.add(chunk, from, to);
      this.#consume(chunk, to);
    }
    if (cursor.left > 0) return null;
    this.#begun = false;
    if (cursor.opcode < CLOSE) this.#inMessage = (cursor.first & FIN) === 0;
    return this.#payload.take();
  }

  /** Forgets everything. */
  drop(): void {
    this.#chunks = [];
    this.#payload.take();
  }

  #consume(chunk: Buffer, to: number): void {
    this.#at = to;
    if (to < chunk.length) return;
    this.#chunks.shift();
    this.#at = 0;
  }
}
