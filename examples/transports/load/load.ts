/** The process that makes load, as the server sees it: an order, and a promise of the answer. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadAnswer, LoadOrder } from './protocol.js';

/** ms for an answer; connecting a thousand clients takes a few seconds. */
const PATIENCE = 60_000;
const PROGRAM = fileURLToPath(new URL('main.js', import.meta.url));

interface Waiting {
  resolve(answer: LoadAnswer): void;
  reject(error: Error): void;
}

export class Load {
  readonly #process: ChildProcess;
  #waiting: Waiting | null = null;
  /** ms, of what was delivered lately. */
  recentDelay: number | null = null;

  constructor() {
    this.#process = fork(PROGRAM, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#process.on('message', (answer: LoadAnswer) => {
      if ('done' in answer && answer.done === 'recent') this.recentDelay = answer.delay;
      else this.#settle(answer);
    });
    this.#process.on('error', (error) => this.#settle({ failed: error.message }));
    this.#process.on('exit', () => this.#settle({ failed: 'the process that makes the load has ended' }));
  }

  /** One at a time. */
  async ask<D extends LoadOrder['do']>(order: Extract<LoadOrder, { do: D }>): Promise<Extract<LoadAnswer, { done: D }>> {
    const timer = setTimeout(() => this.#settle({ failed: `nothing came of it within ${PATIENCE} ms` }), PATIENCE);
    try {
      return (await new Promise<LoadAnswer>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        this.#process.send(order, (error) => error !== null && this.#settle({ failed: error.message }));
      })) as Extract<LoadAnswer, { done: D }>;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it, and all its clients with it; what is asked meanwhile rejects. */
  close(): void {
    this.#process.kill('SIGKILL'); // it holds nothing but sockets
    this.#settle({ failed: 'it was ended' });
  }

  #settle(answer: LoadAnswer): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if ('failed' in answer) waiting?.reject(new Error(answer.failed));
    else waiting?.resolve(answer);
  }
}
