/** Counts what the clients of one step get, and how old it was. */
import { now } from '../clock.js';
import type { Tally } from './protocol.js';

/** A message, as much of it as counts here. */
export interface Delivered {
  readonly id: number;
  readonly at: number;
}

export class Counter {
  #delays: number[] = [];
  #recent: number[] = [];
  #missed = 0;
  #disordered = 0;

  /** A message that some client got, which had the one with the id `before` until then; null: none. Returns its id. */
  got({ id, at }: Delivered, before: number | null): number {
    const delay = now() - at;
    this.#delays.push(delay);
    this.#recent.push(delay);
    if (before !== null && id > before + 1) this.#missed += id - before - 1;
    if (before !== null && id <= before) this.#disordered++;
    return id;
  }

  restart(): void {
    this.#delays = [];
    this.#missed = 0;
    this.#disordered = 0;
  }

  tally(): Tally {
    const ordered = Float64Array.from(this.#delays).sort();
    const at = (share: number): number => rounded(ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] as number);
    return {
      delivered: ordered.length,
      missed: this.#missed,
      disordered: this.#disordered,
      delay: ordered.length === 0 ? null : { mean: rounded(meanOf(ordered)), p50: at(0.5), p99: at(0.99) },
    };
  }

  /** The mean of what came since this was asked the last time; null if nothing did. */
  takeRecent(): number | null {
    const recent = this.#recent;
    this.#recent = [];
    return recent.length === 0 ? null : rounded(meanOf(recent));
  }
}

const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
