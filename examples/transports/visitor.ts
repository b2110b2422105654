/** Somebody's open page, and what its own four clients have had on the wire lately. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Session } from 'margay';
import { Ear } from './ear.js';
import { type Lines, linesToBorrow, requestHead } from './heads.js';
import type { Transport } from './transport.js';

/** A request as the server has read it, and what it has written for it. */
export interface Wire {
  readonly transport: Transport;
  readonly request: string;
  readonly answer: string;
  /** The last bytes behind the answer's head, in base64. */
  readonly last: string;
}

const visitors = new Map<string, Visitor>();

export class Visitor {
  /** What the page's clients name in their requests, so that they are known as its own. */
  readonly key = randomUUID();
  readonly #session: Session;
  readonly #news = new Map<Transport, Wire>();
  readonly #lines = new Map<Transport, Lines>();

  constructor(session: Session) {
    this.#session = session;
    visitors.set(this.key, this);
  }

  static all(): Iterable<Visitor> {
    return visitors.values();
  }

  static of(key: string | null | undefined): Visitor | null {
    return visitors.get(key ?? '') ?? null;
  }

  leave(): void {
    visitors.delete(this.key);
  }

  /** Waits for nobody: who reads slowly is closed by the endpoint's `slowPeer`. */
  tell(json: string): void {
    void this.#session.getAsyncRemote().sendText(json);
  }

  /** Listens to what the socket of this request is answered with, until the ear is closed. */
  listen(transport: Transport, request: IncomingMessage): Ear {
    const head = requestHead(request);
    this.#lines.set(transport, linesToBorrow(request));
    return new Ear(request.socket, (heard) =>
      this.#news.set(transport, { transport, request: head, answer: heard.head, last: heard.last.toString('base64') }),
    );
  }

  /** What has come since this was asked the last time. */
  takeNews(): Wire[] {
    const news = [...this.#news.values()];
    this.#news.clear();
    return news;
  }

  /** The header lines of this visitor's browser, for load that is to look like it. */
  linesOf(transport: Transport): Lines {
    return this.#lines.get(transport) ?? [];
  }
}
