/** A request and its answer, or a connection that a request was upgraded to: the part that it has in the bytes of its socket. */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Meter, Metered } from './meter.js';

interface Mark {
  readonly read: number;
  readonly written: number;
}

/** How far each socket was when an answer on it had left: a browser's next request may use it again, and has only what comes then. */
const marks = new WeakMap<Socket, Mark>();

subscribe('http.server.response.finish', (message) => {
  const { socket } = message as { readonly socket: Socket };
  marks.set(socket, { read: socket.bytesRead, written: socket.bytesWritten });
});

export class Exchange implements Metered {
  readonly #socket: Socket;
  readonly #meter: Meter;
  #read: number;
  #written: number;

  constructor(socket: Socket, meter: Meter) {
    const { read, written } = marks.get(socket) ?? { read: 0, written: 0 };
    this.#socket = socket;
    this.#meter = meter;
    this.#read = read;
    this.#written = written;
    meter.opened(this);
  }

  settle(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    this.#meter.passed(bytesRead - this.#read, bytesWritten - this.#written);
    this.#read = bytesRead;
    this.#written = bytesWritten;
  }

  end(): void {
    this.settle();
    this.#meter.ended(this);
  }
}
