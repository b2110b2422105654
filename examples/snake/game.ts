/** A game: its snakes, their moves, and who is told what. */
import { type Chance, chance } from './chance.js';
import type { Frames } from './frames.js';
import { Snake } from './snake.js';
import { every, type Ticker } from './ticker.js';

export class Game {
  /** What of it is left to time and to chance. A test brings its own, before the first snake comes. */
  ticker: Ticker = every(100);
  chance: Chance = chance;
  readonly #frames: Frames;
  readonly #snakes = new Map<number, Snake>();
  #stop = (): void => {};

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  /** In the order in which they came. */
  get snakes(): ReadonlyMap<number, Snake> {
    return this.#snakes;
  }

  /** The newcomer is told of all, and all are told of the newcomer, who is the last of the list. Time begins with the first. [EX-S1] */
  enter(id: number, send: (frame: string) => void): Snake {
    const snake = new Snake(id, send, this.chance);
    if (this.#snakes.size === 0) this.#stop = this.ticker(() => this.tick());
    this.#snakes.set(id, snake);
    this.tell(this.#frames.join(this.#snakes.values()));
    return snake;
  }

  /** And ends with the last. */
  leave({ id }: Snake): void {
    if (!this.#snakes.delete(id)) return;
    if (this.#snakes.size === 0) this.#stop();
    else this.tell(this.#frames.leave(id));
  }

  /** One after the other moves and learns what it ran into; then all see where all are. */
  tick(): void {
    for (const snake of this.#snakes.values()) {
      snake.move();
      this.#collide(snake);
    }
    this.tell(this.#frames.update(this.#snakes.values()));
  }

  /** Waits for nobody. */
  tell(frame: string): void {
    for (const { send } of this.#snakes.values()) send(frame);
  }

  /** It dies of the first that it hits, who is rewarded, if that was not itself. [EX-S4] */
  #collide(snake: Snake): void {
    for (const other of this.#snakes.values()) {
      if (!snake.hits(other)) continue;
      snake.reset();
      snake.send(this.#frames.dead);
      if (other === snake) return;
      other.grow();
      other.send(this.#frames.kill);
      return;
    }
  }
}
