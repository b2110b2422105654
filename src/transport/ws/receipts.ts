/** Who is told once bytes have gone. */
import type { Done } from '../spi.js';

/** Told what a `done` has thrown. */
export interface DefectOwner {
  onDefect(error: unknown): void;
}

interface Receipt {
  readonly done: Done;
  /** How many bytes must have gone. */
  mark: number;
}

export class Receipts {
  readonly #owner: DefectOwner;
  /** In the order of their marks. */
  #open: Receipt[] = [];

  constructor(owner: DefectOwner) {
    this.#owner = owner;
  }

  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  add(done: Done, mark: number): void {
    this.#open.push({ done, mark });
  }

  /** So many bytes have gone. */
  settle(gone: number): void {
    const open = this.#open;
    let due = 0;
    while (due < open.length && (open[due] as Receipt).mark <= gone) due++;
    if (due === 0) return;
    this.#open = open.slice(due);
    for (let i = 0; i < due; i++) call((open[i] as Receipt).done, undefined, this.#owner);
  }

  /** Bytes have come in front of what lies behind that mark. */
  postpone(bytes: number, behind: number): void {
    for (const receipt of this.#open) if (receipt.mark > behind) receipt.mark += bytes;
  }

  /** Takes away those behind that mark. */
  take(behind: number): Done[] {
    const taken = this.#open.filter(({ mark }) => mark > behind);
    this.#open = this.#open.slice(0, this.#open.length - taken.length);
    return taken.map(({ done }) => done);
  }
}

/** Tells, in a later turn, that something will never leave. */
export function refuse(done: Done, cause: Error | undefined, owner: DefectOwner): void {
  setImmediate(call, done, new Error('Nothing can be sent any more', { cause }), owner);
}

/** Calls it; what it throws costs the connection alone. */
export function call(done: Done, error: Error | undefined, owner: DefectOwner): void {
  try {
    done(error);
  } catch (defect) {
    owner.onDefect(defect);
  }
}
