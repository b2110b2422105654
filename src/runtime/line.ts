/** What waits behind an encoder or a stream at work: one thing after the other, in the order of the calls. [REM-15] */
import { isThenable } from './thenable.js';

/** Hands over what its turn has come to; a promise if that has to wait for room, which nobody behind it does. */
type Put<T> = (made: T) => Promise<void> | undefined;

interface Job {
  /** The others wait for its promise, if it returns one. */
  work(): unknown;
  put: Put<never>;
  resolve(outcome: Promise<void> | undefined): void;
  reject(error: unknown): void;
  aborted?: ((error: Error) => void) | undefined;
}

const SYNCHRONOUS: Job = { work() {}, put: () => undefined, resolve() {}, reject() {} };

export class Line {
  /** Something is at work, so what is sent now has to wait. */
  busy = false;
  #jobs: Job[] = [];
  #current: Job | null = null;

  /** Settles as `put` does, or fails with what `work` failed with; `aborted` hears that the socket is gone before that. */
  add<T>(work: () => T | PromiseLike<T>, put: Put<T>, aborted?: (error: Error) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ work, put, resolve: resolve as Job['resolve'], reject, aborted });
      this.busy = true;
      if (this.#current === null) this.#run();
    });
  }

  /** As `add` while nothing is at work; what stays synchronous makes no promise. What is sent from within `work` waits behind it. */
  now<T>(work: () => T | PromiseLike<T>, put: Put<T>): Promise<void> | undefined {
    this.busy = true;
    this.#current = SYNCHRONOUS;
    try {
      const made = work();
      if (!isThenable(made)) return put(made);
      return new Promise((resolve, reject) => {
        this.#await({ work, put, resolve: resolve as Job['resolve'], reject }, made);
      });
    } finally {
      if (this.#current === SYNCHRONOUS) {
        this.#current = null;
        this.#run();
      }
    }
  }

  /** Nothing of it will leave. */
  abort(error: Error): void {
    const jobs = this.#current === null ? this.#jobs : [this.#current, ...this.#jobs];
    this.#jobs = [];
    this.#current = null;
    this.busy = false;
    for (const job of jobs) {
      job.reject(error);
      job.aborted?.(error);
    }
  }

  #run(): void {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      if (!this.#begin(job)) return;
    }
    this.busy = false;
  }

  /** False if the others have to wait for it. */
  #begin(job: Job): boolean {
    this.#current = job;
    try {
      const made = job.work();
      if (isThenable(made)) {
        this.#await(job, made);
        return false;
      }
      job.resolve(job.put(made as never));
    } catch (error) {
      job.reject(error);
    }
    this.#current = null;
    return true;
  }

  #await(job: Job, made: PromiseLike<unknown>): void {
    this.#current = job;
    Promise.resolve(made).then(
      (value) => this.#settle(job, () => job.put(value as never)),
      (error) =>
        this.#settle(job, () => {
          throw error;
        }),
    );
  }

  #settle(job: Job, put: () => Promise<void> | undefined): void {
    if (this.#current !== job) return; // aborted
    try {
      job.resolve(put());
    } catch (error) {
      job.reject(error);
    }
    this.#current = null;
    this.#run();
  }
}
