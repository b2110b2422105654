/** Somebody at the board: what they have drawn last, and what they are told. */
import type { CloseReason } from 'margay';
import { type Line, Outbox } from './outbox.js';

export class Player {
  readonly #outbox: Outbox;
  #lastId = 0;
  #strokes: string[] = [];

  constructor(line: Line) {
    this.#outbox = new Outbox(line);
  }

  tell(text: string): void {
    this.#outbox.add(text);
  }

  /** The picture, as soon as it is made; what is told later comes after it. */
  show(png: Promise<Buffer>): void {
    this.#outbox.add(png);
  }

  dismiss(reason: CloseReason): void {
    this.#outbox.close(reason);
  }

  /** Notes the number of a stroke of theirs: from now on they are told that it is here, and their page need not show its own copy. */
  hasDrawn(id: number): void {
    this.#lastId = id;
  }

  /** Notes a stroke of anybody's, for the next time they are told. [EX-D5] */
  see(stroke: string): void {
    this.#strokes.push(`${this.#lastId},${stroke}`);
  }

  /** Tells the strokes since the last time. [EX-D5] */
  tellStrokes(): void {
    if (this.#strokes.length === 0) return;
    this.tell(`1${this.#strokes.join('|')}`);
    this.#strokes = [];
  }
}
