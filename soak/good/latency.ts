/** How long good clients wait: of late, and in all. */
import { createHistogram } from 'node:perf_hooks';

export class Latency {
  readonly #all = createHistogram();
  readonly #late = createHistogram();

  note(ms: number): void {
    const microseconds = Math.max(1, Math.round(ms * 1000));
    this.#all.record(microseconds);
    this.#late.record(microseconds);
  }

  /** ms; of what came since the last call. */
  lateP99(): number {
    const p99 = this.#late.count === 0 ? 0 : this.#late.percentile(99) / 1000;
    this.#late.reset();
    return p99;
  }

  /** ms */
  get p99(): number {
    return this.#all.count === 0 ? 0 : this.#all.percentile(99) / 1000;
  }

  /** ms */
  get most(): number {
    return this.#all.count === 0 ? 0 : this.#all.max / 1000;
  }

  get count(): number {
    return this.#all.count;
  }
}
