/** The engine over TCP and TLS: listens with an HTTP server of its own, or shares one with the application. */
import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Gate, Handled, Transport, TransportAddress } from '../spi.js';
import { ListeningServer, type ListenOptions } from './listening-server.js';
import { Station } from './station.js';
import { Switchboard } from './switchboard.js';

export type { ListenOptions } from './listening-server.js';

/** A server of the application's, which also starts and closes it. Its timeouts and header limits are the application's, too. */
export interface AttachOptions {
  readonly server: Server | SecureServer;
}

export class WsTransport implements Transport {
  readonly #options: ListenOptions | AttachOptions;
  #station: Station | null = null;
  #server: ListeningServer | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: ListenOptions | AttachOptions) {
    this.#options = options;
  }

  /** Null when attached, and before and after listening. */
  get address(): TransportAddress | null {
    return this.#server?.address ?? null;
  }

  /** Once in a transport's life. */
  start(gate: Gate): Handled<void> {
    if (this.#station !== null || this.#stopping !== null) throw new Error('A transport starts once; make a new one');
    const options = this.#options;
    this.#station = new Station(gate);
    if ('server' in options) {
      Switchboard.of(options.server).join(this.#station);
      return;
    }
    this.#server = new ListeningServer(options, this.#station);
    return this.#server.listen();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const station = this.#station;
    if (station === null) return;
    if ('server' in this.#options) Switchboard.of(this.#options.server).leave(station);
    await Promise.all([station.close(), this.#server?.close()]);
  }
}
