/** What a socket was given to send, and when it has left: a browser tells only how much of it is still there, and only who asks. */
import type { Bytes, Done } from '../spi.js';
import type { Socket } from './socket.js';
import { utf8Length } from './utf8-length.js';

/** ms between two looks, at most: the time doubles while nothing leaves. */
const SELDOM = 64;

interface Waiting {
  /** It has left once so many bytes have. */
  readonly mark: number;
  readonly done: Done;
}

export class Departures {
  readonly #socket: Socket;
  /** Something has left: whose turn it is hears of it, later. */
  readonly #onLeft: (settled: readonly Done[]) => void;
  #waiting: Waiting[] = [];
  /** Bytes of payload, ever. */
  #given = 0;
  #left = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay = 0;
  count = 0;
  lastWritten = performance.now();

  constructor(socket: Socket, onLeft: (settled: readonly Done[]) => void) {
    this.#socket = socket;
    this.#onLeft = onLeft;
  }

  get bytes(): number {
    return this.#given;
  }

  send(data: string | Bytes, done: Done | undefined): void {
    this.#socket.send(data);
    this.count++;
    this.#given += typeof data === 'string' ? utf8Length(data) : data.byteLength;
    this.await(done);
  }

  /** `done` hears when all that was sent before has left. */
  await(done: Done | undefined): void {
    if (done !== undefined) this.#waiting.push({ mark: this.#given, done });
    this.#delay = 0;
    this.#timer ??= setTimeout(look, 0, this);
  }

  /** The socket is gone, and everybody waits in vain, or for nothing any more. */
  end(): Done[] {
    clearTimeout(this.#timer);
    return this.#waiting.splice(0).map(({ done }) => done);
  }

  /** @internal */
  look(): void {
    this.#timer = undefined;
    const amount = this.#socket.bufferedAmount;
    const left = this.#given - amount; // too few where frames' headers are counted as well: none is told too early
    const hasMoved = left > this.#left;
    if (hasMoved) {
      this.#left = left;
      this.lastWritten = performance.now();
    }
    const firm = this.#waiting.findIndex(({ mark }) => mark > left);
    const settled = this.#waiting.splice(0, firm < 0 ? this.#waiting.length : firm);
    if (hasMoved || settled.length > 0) this.#onLeft(settled.map(({ done }) => done));
    if (amount === 0 || this.#timer !== undefined) return;
    this.#delay = hasMoved ? 0 : Math.min(SELDOM, this.#delay * 2 || 4);
    this.#timer = setTimeout(look, this.#delay, this);
  }
}

/** One function for all sockets. */
function look(departures: Departures): void {
  departures.look();
}
