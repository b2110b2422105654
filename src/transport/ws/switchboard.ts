/** The one upgrade listener that all transports attached to an HTTP server share [CON-9]. */
import type { IncomingMessage, Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpOffer } from './http-offer.js';
import type { Station } from './station.js';

const boards = new WeakMap<Server | SecureServer, Switchboard>();

export class Switchboard {
  readonly #server: Server | SecureServer;
  readonly #stations = new Set<Station>();

  private constructor(server: Server | SecureServer) {
    this.#server = server;
  }

  /** The board of a server; made when it is first asked for. */
  static of(server: Server | SecureServer): Switchboard {
    let board = boards.get(server);
    if (board === undefined) {
      board = new Switchboard(server);
      boards.set(server, board);
    }
    return board;
  }

  join(station: Station): void {
    if (this.#stations.size === 0) this.#server.on('upgrade', this.#connect);
    this.#stations.add(station);
  }

  /** The last one out removes the listener. */
  leave(station: Station): void {
    if (this.#stations.delete(station) && this.#stations.size === 0) this.#server.off('upgrade', this.#connect);
  }

  /** Asks every station in turn. What none of them wants is the application's if it listens too, and refused if not [URI-9]. */
  readonly #connect = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const offer = new HttpOffer({ request, socket, head, shared: true });
    if (offer.isWebSocket) {
      for (const station of [...this.#stations]) if (station.take(offer)) return;
    }
    if (!this.#server.listeners('upgrade').some((listener) => listener !== this.#connect)) turnAway(offer);
  };
}

/** The answer to an upgrade that nobody here wants. */
export function turnAway(offer: HttpOffer): void {
  if (offer.isWebSocket) offer.decline(404, [], `No endpoint answers ${offer.target}. [MARGAY_NO_ENDPOINT]`);
  else offer.decline(400, [], 'Only WebSocket can be upgraded to, and only by GET. [MARGAY_UPGRADE_HTTP]');
}
