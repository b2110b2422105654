/** One direction of a connection through a faulty proxy. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as after, setImmediate as turn } from 'node:timers/promises';

export interface Faults {
  /** ms that every byte is late, and up to how many more; the order stays. */
  readonly latency?: number;
  readonly jitter?: number;
  /** Bytes a second. */
  readonly bandwidth?: number;
  /** Bytes of a piece; or the offsets at which the stream is cut into pieces. */
  readonly slices?: number | readonly number[];
  /** How it ends once so many bytes have passed: with a FIN this direction alone, with an RST both. */
  readonly cut?: { readonly after: number; readonly by: 'FIN' | 'RST' };
}

/** Bytes that are under way, before the sender has to wait. */
const MOST = 65_536;

/** What is under way; null is the end. */
interface Parcel {
  readonly due: number;
  readonly bytes: Buffer | null;
}

export class Lane {
  /** Bytes that have arrived. */
  passed = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #reset: () => void;
  readonly #abandoned = new AbortController();
  #faults: Faults;
  #parcels: Parcel[] = [];
  #underWay = 0;
  #isStalled = false;
  #hasEnded = false;
  #wake: () => void = () => {};

  constructor(from: Socket, to: Socket, faults: Faults, reset: () => void) {
    this.#from = from;
    this.#to = to;
    this.#faults = faults;
    this.#reset = reset;
    from.on('data', (bytes: Buffer) => this.#send(bytes));
    from.on('end', () => this.#send(null));
    this.#deliver().catch((error: Error) => {
      if (error.name !== 'AbortError') reset();
    });
  }

  /** Changes what happens from now on. */
  set(faults: Faults): void {
    this.#faults = { ...this.#faults, ...faults };
    this.#wake();
  }

  /** Nothing arrives, and what is sent waits with its sender, until `resume`. */
  stall(): void {
    this.#isStalled = true;
    this.#from.pause();
  }

  resume(): void {
    this.#isStalled = false;
    this.#from.resume();
    this.#wake();
  }

  /** A FIN; what is sent later gets lost. */
  end(): void {
    this.#hasEnded = true;
    this.#to.end();
    this.#parcels = [];
    this.#from.resume();
  }

  abandon(): void {
    this.#abandoned.abort();
  }

  #send(bytes: Buffer | null): void {
    if (this.#hasEnded) return;
    const { latency = 0, jitter = 0 } = this.#faults;
    this.#parcels.push({ due: performance.now() + latency + jitter * Math.random(), bytes });
    this.#underWay += bytes?.length ?? 0;
    if (this.#underWay > MOST) this.#from.pause();
    this.#wake();
  }

  async #deliver(): Promise<void> {
    const { signal } = this.#abandoned;
    while (!this.#hasEnded && !signal.aborted) {
      const [parcel] = this.#parcels;
      if (parcel === undefined || this.#isStalled) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const late = parcel.due - performance.now();
      if (late > 0) await after(late, undefined, { signal });
      if (this.#isStalled || this.#parcels[0] !== parcel) continue;
      this.#parcels.shift();
      if (parcel.bytes === null) this.end();
      else await this.#deliverSlices(parcel.bytes, signal);
    }
  }

  /** Piece by piece; each leaves in a turn of its own, so that the other side reads it as it was cut. */
  async #deliverSlices(bytes: Buffer, signal: AbortSignal): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && !this.#hasEnded && !signal.aborted) {
      if (this.#isStalled) {
        this.#parcels.unshift({ due: 0, bytes: rest });
        return;
      }
      if (await this.#isCut()) return;
      const size = this.#sliceOf(rest.length);
      if (!this.#to.write(rest.subarray(0, size))) await once(this.#to, 'drain', { signal });
      rest = rest.subarray(size);
      this.passed += size;
      this.#underWay -= size;
      if (this.#underWay <= MOST && !this.#isStalled) this.#from.resume();
      const { bandwidth, slices } = this.#faults;
      if (await this.#isCut()) return;
      if (bandwidth !== undefined) await after((size / bandwidth) * 1000, undefined, { signal });
      else if (slices !== undefined) await turn(undefined, { signal });
    }
  }

  async #isCut(): Promise<boolean> {
    const { cut } = this.#faults;
    if (cut === undefined || this.passed < cut.after) return false;
    if (cut.by === 'FIN') {
      this.end();
    } else {
      await after(2, undefined, { signal: this.#abandoned.signal }); // together with bytes, libuv takes an RST for an end
      this.#reset();
    }
    return true;
  }

  /** Bytes of the next piece, at least one. */
  #sliceOf(length: number): number {
    const { bandwidth, slices, cut } = this.#faults;
    let size = length;
    if (bandwidth !== undefined) size = Math.min(size, Math.max(1, Math.ceil(bandwidth / 100)));
    if (typeof slices === 'number') size = Math.min(size, slices);
    else for (const offset of slices ?? []) if (offset > this.passed) size = Math.min(size, offset - this.passed);
    if (cut !== undefined) size = Math.min(size, cut.after - this.passed);
    return size;
  }
}
