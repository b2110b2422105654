/** A request of the application's own server, as an offer that comes to no connection. [TC7-8] */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer, Offer, Peer } from '../../transport/spi.js';

export class PlainOffer implements Offer {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly shared = true;
  readonly rawHeaders: readonly string[];
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.method = request.method ?? '';
    this.target = (request as { originalUrl?: string }).originalUrl ?? request.url ?? ''; // where a router has cut it
    this.httpVersion = request.httpVersion;
    this.rawHeaders = request.rawHeaders;
    this.headers = new Map(Object.entries(request.headersDistinct) as [string, string[]][]);
    this.request = request;
    this.#response = response;
  }

  get secure(): boolean {
    return (this.request.socket as { encrypted?: boolean }).encrypted === true;
  }

  get peer(): Peer {
    // untested: as in transport/ws/http-offer, where addresses are
    const { remoteAddress, remotePort } = this.request.socket;
    return { address: remoteAddress ?? '', port: remotePort ?? -1 };
  }

  get local(): Peer {
    // untested: no servlet asks for it
    const { localAddress, localPort } = this.request.socket as Socket;
    return { address: localAddress ?? '', port: localPort ?? -1 };
  }

  /** node has read it as a plain request: nothing can be switched any more. */
  accept(_answer: Answer, _open: unknown): void {
    // untested: a server with an upgrade listener shows no such request
    this.decline(400, [], 'Nothing here can be upgraded; send Connection: upgrade with the request. [MARGAY_UPGRADE_CONNECTION]');
  }

  decline(status: number, headers: Iterable<readonly [string, string]>, body: string): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    const lines = new Map<string, string[]>();
    for (const [name, value] of headers) lines.set(name, [...(lines.get(name) ?? []), value]);
    if (![...lines.keys()].some((name) => name.toLowerCase() === 'content-type')) lines.set('Content-Type', ['text/plain; charset=utf-8']);
    const content = Buffer.from(body, 'utf8');
    response.writeHead(status, { ...Object.fromEntries(lines), 'Content-Length': content.length });
    response.end(content); // node leaves the body of an answer to HEAD out
  }

  onAborted(callback: () => void): void {
    // untested: only a handshake asks, and this comes to none
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) callback();
    });
  }
}
