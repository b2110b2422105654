/** node's streams for messages that are read while they arrive. [D-02, ANN-18] */
import { Readable } from 'node:stream';
import { type InputStream, type Reader, STREAM } from '../../api/streams.js';
import type { MessageKind } from '../../transport/spi.js';
import type { Incoming } from '../streams.js';

/** What may lie unread before the socket is no longer read, in bytes or characters. */
const HIGH_WATER_MARK = 64 * 1024;

export class IncomingStream extends Readable implements Incoming {
  readonly [STREAM]: string;
  readonly #onRoom: () => void;

  constructor(kind: MessageKind, onRoom: () => void) {
    super({ highWaterMark: HIGH_WATER_MARK, ...(kind === 'text' ? { encoding: 'utf8' } : {}) });
    this[STREAM] = kind === 'text' ? 'Reader' : 'InputStream';
    this.#onRoom = onRoom;
    this.on('error', ignored); // one that nobody listens to would end the process [LIF-11]
  }

  get stream(): Reader & InputStream {
    return this as unknown as Reader & InputStream;
  }

  add(data: string | Buffer, last: boolean): boolean {
    if (this.destroyed) return true;
    const hasRoom = data.length === 0 || (typeof data === 'string' ? this.push(data, 'utf8') : this.push(data));
    if (last) this.push(null);
    return hasRoom;
  }

  fail(error: Error): void {
    this.destroy(error);
  }

  override _read(): void {
    this.#onRoom();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#onRoom();
    callback(error);
  }
}

function ignored(): void {}
