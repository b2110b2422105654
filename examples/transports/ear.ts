/** Hears what is written to a socket, byte by byte as it leaves: the head of an answer, and the last that came behind it. */
import type { Socket } from 'node:net';
import { masked } from './heads.js';

/** Of what is kept, in bytes. */
const MOST = 1024;
const END = '\r\n\r\n';

export interface Heard {
  /** The answer's head. */
  readonly head: string;
  /** What was written in the last turn of the event loop, or the beginning of it. */
  readonly last: Buffer;
}

export class Ear {
  readonly #socket: Socket;
  readonly #heard: (heard: Heard) => void;
  #head: string | null = null;
  #turn: Buffer[] = [];

  /** @param heard called once per turn in which something was written, after the head */
  constructor(socket: Socket, heard: (heard: Heard) => void) {
    this.#socket = socket;
    this.#heard = heard;
    const write = socket.write;
    const listen = (bytes: string | Uint8Array, encoding: unknown): void => this.#written(bytes, encoding);
    // The property is the socket's own, in front of its class's; `close` takes it away again.
    socket.write = function (this: Socket, ...all: Parameters<Socket['write']>) {
      listen(all[0], all[1]);
      return write.apply(this, all);
    } as Socket['write'];
  }

  close(): void {
    Reflect.deleteProperty(this.#socket, 'write');
  }

  #written(bytes: string | Uint8Array, encoding: unknown): void {
    const isNamed = typeof encoding === 'string';
    const copy = typeof bytes === 'string' ? Buffer.from(bytes, isNamed ? (encoding as BufferEncoding) : 'utf8') : Buffer.from(bytes);
    if (this.#turn.length === 0) setImmediate(() => this.#tell());
    this.#turn.push(copy);
  }

  #tell(): void {
    let last = Buffer.concat(this.#turn);
    this.#turn = [];
    if (this.#head === null) {
      const end = last.indexOf(END);
      if (end < 0) return;
      this.#head = masked(last.toString('latin1', 0, end));
      last = last.subarray(end + END.length);
    }
    this.#heard({ head: this.#head, last: Buffer.from(last.subarray(0, MOST)) });
  }
}
