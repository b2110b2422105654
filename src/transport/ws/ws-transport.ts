/** The engine over TCP and TLS: listens with an HTTP server of its own, or shares one with the application. */
import type { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
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

  /** Where the server is bound, ours or the application's; null while it does not listen. */
  get address(): TransportAddress | null {
    if (this.#server !== null) return this.#server.address;
    return 'server' in this.#options ? addressOf(this.#options.server) : null;
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

  withdraw(): void {
    if (this.#station !== null && 'server' in this.#options) Switchboard.of(this.#options.server).leave(this.#station);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const station = this.#station;
    if (station === null) return;
    this.withdraw();
    await Promise.all([station.close(), this.#server?.close()]);
  }
}

function addressOf(server: Server | SecureServer): TransportAddress | null {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return null; // not listening, or on a pipe
  return { host: bound.address, port: bound.port, secure: server instanceof SecureServer };
}
