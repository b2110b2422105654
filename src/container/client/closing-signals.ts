/** Tells the connects of a container that it closes: each by a signal of its own, for node warns of one that many listen to. */

export class ClosingSignals {
  readonly #open = new Map<AbortSignal, AbortController>();
  #isClosed = false;

  /** Until `done` with it. */
  next(): AbortSignal {
    const controller = new AbortController();
    if (this.#isClosed) controller.abort();
    else this.#open.set(controller.signal, controller);
    return controller.signal;
  }

  done(signal: AbortSignal): void {
    this.#open.delete(signal);
  }

  close(): void {
    this.#isClosed = true;
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const controller of all) controller.abort();
  }
}
