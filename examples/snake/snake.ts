/** A snake: where it lies, where it goes, and how long it may become. */
import type { Chance } from './chance.js';
import { type Direction, isSame, type Location, neighbour } from './field.js';

const LENGTH = 5;

export class Snake {
  readonly id: number;
  readonly colour: string;
  /** To the page that steers it. */
  readonly send: (frame: string) => void;
  direction: Direction = 'none';
  readonly #chance: Chance;
  #head!: Location;
  #tail: Location[] = [];
  #length = LENGTH;

  constructor(id: number, send: (frame: string) => void, chance: Chance) {
    this.id = id;
    this.send = send;
    this.#chance = chance;
    this.colour = chance.colour();
    this.reset();
  }

  /** Head first. It may have one more than its length: the head is not counted. */
  get body(): readonly Location[] {
    return [this.#head, ...this.#tail];
  }

  move(): void {
    if (this.direction === 'none') return;
    // What can grow for long bites itself in the end, so no tail is longer than the field has places.
    this.#tail = [this.#head, ...this.#tail].slice(0, this.#length);
    this.#head = neighbour(this.#head, this.direction);
  }

  /** Whether it has bitten the other, which may be itself, or has run into its head. [EX-S4] */
  hits(other: Snake): boolean {
    return (other !== this && isSame(other.#head, this.#head)) || other.#tail.some((each) => isSame(each, this.#head));
  }

  grow(): void {
    this.#length++;
  }

  /** Begins again, somewhere else. */
  reset(): void {
    this.direction = 'none';
    this.#head = this.#chance.place();
    this.#tail = [];
    this.#length = LENGTH;
  }
}
