/** This process as a worker: it serves what the primary's module serves, and ends when the primary says so, or is gone. */
import cluster, { type Worker } from 'node:cluster';
import { after } from '../../runtime/timer.js';
import type { Transport, TransportAddress } from '../../transport/spi.js';
import { failureOf, type Order, opened, type Report, sealed } from './messages.js';

/** As a ServerContainer. */
export interface Served {
  close(): Promise<void>;
  through(transport: Transport): Promise<void>;
}

/** Where one listens, as `listen` has it. */
export interface Bound {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** ms for what else the application has to end, when all sessions have. */
const GRACE = 1000;

export class WorkerSide {
  readonly #worker = cluster.worker as Worker;
  /** By the number of its serve(); those that are not closed. */
  readonly #containers = new Map<number, Served>();
  readonly #answers = new Map<number, (port: number) => void>();
  #starting = 0;
  #isLeaving = false;

  constructor() {
    this.#worker.exitedAfterDisconnect = true; // or node would end the process as soon as the primary is gone, sessions or not
    this.#worker.once('disconnect', () => void this.#leave());
    process.on('message', (message: unknown) => {
      const order = opened<Order>(message);
      if (order !== null) this.#obey(order);
    });
    this.#report({ word: 'here' });
  }

  /** Has the primary hear a line about the serve() of that number. */
  tell(call: number, about: string, line: string): void {
    this.#report({ word: 'told', call, about, line });
  }

  /** Has a container serve by `start`. When it cannot, the primary is told, and tells whoever waits there; here nobody hears of it. */
  async serve(call: number, container: Served, port: number, start: (port: number) => Promise<Bound>): Promise<void> {
    this.#starting++;
    this.#containers.set(call, container);
    try {
      const asked = port === 0 ? await this.#portOf(call) : port;
      const { host, port: bound, url } = await start(asked);
      const address: TransportAddress | null = bound === 0 ? null : { host, port: bound, secure: url.startsWith('https:') };
      await container.through({
        start: () => this.#report({ word: 'listening', call, port: asked, address }),
        stop: async () => void container.close().then(() => this.#closed(call)),
      });
    } catch (error) {
      if (!this.#isLeaving) this.#report({ word: 'failed', failure: failureOf(error) }); // now the primary ends us
      await new Promise(() => {});
    }
    this.#starting--;
  }

  #obey(order: Order): void {
    if (order.word === 'port') this.#answers.get(order.call)?.(order.port);
    else if (order.word === 'close') void this.#containers.get(order.call)?.close();
    else void this.#leave();
  }

  #portOf(call: number): Promise<number> {
    return new Promise((resolve) => {
      this.#answers.set(call, resolve);
      this.#report({ word: 'ask', call });
    });
  }

  /** By the primary, or by the application: a worker that serves nothing leaves, and another takes its place. */
  #closed(call: number): void {
    this.#containers.delete(call);
    this.#report({ word: 'closed', call });
    if (this.#containers.size === 0) void this.#leave();
  }

  async #leave(): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    await Promise.all([...this.#containers.values()].map((container) => container.close()));
    if (this.#starting > 0) process.exit(1); // whoever awaits a serve() waits for ever
    if (process.connected) process.disconnect();
    after(GRACE, () => process.exit()).unref();
  }

  #report(report: Report): void {
    if (process.connected) process.send?.(sealed(report), undefined, undefined, () => {}); // a primary that is gone hears nothing
  }
}
