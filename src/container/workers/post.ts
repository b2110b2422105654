/** The post of one worker: whoever dies at it is followed by another. */
import cluster, { type Worker } from 'node:cluster';
import { errorOf } from '../../api/exceptions.js';
import { after, type Timer } from '../../runtime/timer.js';
import { type Order, opened, type Report, sealed } from './messages.js';

/** How a worker ended. */
export interface WorkerEnd {
  /** Its number; null for one that could not be made. */
  readonly worker: number | null;
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface PostOwner {
  onReport(post: Post, report: Report): void;
  /** The post is empty. Nobody follows unless `manAgain` is called. */
  onEnded(post: Post, end: WorkerEnd): void;
  /** It did not end in time, and was killed. */
  onStuck(worker: number, pid: number | undefined): void;
}

/** The variable by which a worker knows whose it is: the primary's process id. A process that it starts itself may inherit it. */
export const PRIMARY = 'margay_primary';

/** ms: who lived as long was well. Pauses before the next one, doubled with each that was not. */
const WELL = 10_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;

/** ms before the next worker, when so many in a row were not well. */
export const pauseAfter = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures - 1, 10));

export class Post {
  /** Why the worker that is here cannot serve. */
  failure: Error | null = null;
  readonly #owner: PostOwner;
  #worker: Worker | null = null;
  #gone: Promise<void> = Promise.resolve();
  #hasSpoken = false;
  #since = performance.now();
  #failures = 0;
  #pause: Timer | undefined;

  constructor(owner: PostOwner) {
    this.#owner = owner;
  }

  man(): void {
    this.#since = performance.now();
    this.#hasSpoken = false;
    this.failure = null;
    const worker = cluster.fork({ [PRIMARY]: String(process.pid) });
    this.#worker = worker;
    this.#gone = new Promise((resolve) => {
      const ended = (code: number | null, signal: string | null): void => {
        this.#worker = null;
        resolve();
        this.#owner.onEnded(this, { worker: worker.id, pid: worker.process.pid, code, signal });
      };
      worker.once('exit', ended);
      worker.on('error', (error) => {
        if (worker.process.pid !== undefined) return; // a word that did not reach it; its end tells
        this.failure = error;
        ended(null, null);
      });
    });
    worker.on('message', (message: unknown) => {
      const report = opened<Report>(message);
      if (report === null) return;
      this.#hasSpoken = true;
      this.#owner.onReport(this, report);
    });
  }

  /** After a while, if those before it did not last; ms until then. */
  manAgain(): number {
    this.#failures = performance.now() - this.#since < WELL ? this.#failures + 1 : 0;
    const pause = pauseAfter(this.#failures);
    this.#pause = after(pause, () => this.#tryToMan());
    return pause;
  }

  /** A machine that has no memory for another process just now may have some later. */
  #tryToMan(): void {
    try {
      this.man();
    } catch (thrown) {
      this.failure = errorOf(thrown);
      this.#owner.onEnded(this, { worker: null, pid: undefined, code: null, signal: null });
    }
  }

  say(order: Order): void {
    if (this.#worker?.isConnected() === true) this.#worker.send(sealed(order), () => {}); // one that dies hears nothing
  }

  /** Resolves when nobody is here; who has not gone within `patience` ms is killed. */
  end(patience: number): Promise<void> {
    clearTimeout(this.#pause);
    const worker = this.#worker;
    if (worker === null) return this.#gone;
    if (this.#hasSpoken && worker.isConnected()) this.say({ word: 'end' });
    else worker.process.kill('SIGTERM'); // it does not listen to us yet, and has no sessions
    const deadline = after(patience, () => {
      this.#owner.onStuck(worker.id, worker.process.pid);
      worker.process.kill('SIGKILL');
    });
    return this.#gone.finally(() => clearTimeout(deadline));
  }
}
