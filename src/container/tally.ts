/** What a container counts: of the sessions it has, and of those it had. [EXT-15] */
import type { SlowPeerPolicy } from '../api/endpoint-settings.js';
import { ReadOnlyMap } from '../api/read-only-map.js';
import type { Live } from '../runtime/plan.js';

/** Counts since the container was made; bytes are those of frames, headers included. */
export interface ContainerStatistics {
  /** Sessions that are not closed yet. */
  readonly open: number;
  /** All sessions there ever were. */
  readonly opened: number;
  /** Closed sessions, by the code that @OnClose was told. */
  readonly closed: ReadonlyMap<number, number>;
  /** Handshakes refused, by status; not those that no endpoint answers, which the engine or others on the server refuse. */
  readonly refused: ReadonlyMap<number, number>;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Sent, but not taken by the kernel yet. */
  readonly bytesWaiting: number;
  /** Errors that an @OnError was told of, or the log. */
  readonly errors: number;
  /** How often a peer was too slow for what waited already, by what was done about it. */
  readonly slowPeer: { readonly close: number; readonly drop: number; readonly wait: number };
}

const SUMS = ['messagesSent', 'messagesReceived', 'bytesSent', 'bytesReceived', 'bytesWaiting'] as const;
type Sums = Record<(typeof SUMS)[number], number>;

export class Tally {
  #opened = 0;
  #errors = 0;
  readonly #slowPeer = { close: 0, drop: 0, wait: 0 };
  readonly #closed = new Map<number, number>();
  readonly #refused = new Map<number, number>();
  readonly #past: Sums = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0, bytesWaiting: 0 };

  opened(): void {
    this.#opened++;
  }

  closed(connection: Live): void {
    add(this.#past, connection);
    countOne(this.#closed, connection.reason?.getCloseCode().getCode() ?? 1006);
  }

  erred(): void {
    this.#errors++;
  }

  slowPeer(policy: SlowPeerPolicy): void {
    this.#slowPeer[policy]++;
  }

  refused(status: number): void {
    countOne(this.#refused, status);
  }

  /** A copy; `live` are the connections that are not closed. */
  read(live: readonly Live[]): ContainerStatistics {
    const sums = { ...this.#past };
    for (const connection of live) add(sums, connection);
    return Object.freeze({
      open: live.length,
      opened: this.#opened,
      closed: new ReadOnlyMap(this.#closed),
      refused: new ReadOnlyMap(this.#refused),
      ...sums,
      errors: this.#errors,
      slowPeer: Object.freeze({ ...this.#slowPeer }),
    });
  }
}

function add(sums: Sums, { statistics }: Live): void {
  for (const key of SUMS) sums[key] += statistics[key];
}

function countOne(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
