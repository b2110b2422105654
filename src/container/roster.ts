/** Every connection of a container that is not closed yet. */
import type { Connection } from '../runtime/connection.js';
import type { Owner } from '../runtime/plan.js';

export class Roster implements Owner {
  readonly #live = new Set<Connection>();
  /** Those whose @OnClose has not settled. */
  readonly #running = new Set<Connection>();
  #waiting: (() => void)[] = [];

  opened(connection: Connection): void {
    this.#live.add(connection);
    this.#running.add(connection);
  }

  ended(connection: Connection): void {
    this.#running.delete(connection);
    this.#tell();
  }

  closed(connection: Connection): void {
    this.#running.delete(connection);
    this.#live.delete(connection);
    this.#tell();
  }

  get live(): readonly Connection[] {
    return [...this.#live];
  }

  /** Those whose callbacks have not all settled. */
  get running(): readonly Connection[] {
    return [...this.#running];
  }

  /** Settles when nothing of the kind is left, or after `ms`. */
  async until(what: 'ended' | 'closed', ms: number): Promise<void> {
    const left = what === 'ended' ? this.#running : this.#live;
    if (left.size === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    const done = new Promise<void>((resolve) => {
      const look = () => {
        if (left.size === 0) resolve();
        else this.#waiting.push(look);
      };
      look();
    });
    await Promise.race([done, late]);
    clearTimeout(timer);
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}
