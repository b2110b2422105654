/** An HTTP server of our own: nothing but WebSocket is served, and everything else is refused completely. */
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer, type ServerOptions as SecureServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TransportAddress } from '../spi.js';
import { HttpOffer } from './http-offer.js';
import { refuse } from './refusal.js';
import type { Station } from './station.js';
import { turnAway } from './switchboard.js';

/** Where to listen, and how much patience to have. */
export interface ListenOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** node's default if left out: every address. */
  readonly host?: string | undefined;
  /** TLS, if set. */
  readonly tls?: SecureServerOptions | undefined;
  /** ms for the whole request, however it trickles in, and for the TLS handshake before it [REL-2]. */
  readonly handshakeTimeout: number;
  /** Bytes of request line and headers [REL-3]. */
  readonly maxHeaderSize: number;
  /** Header fields [REL-3]. */
  readonly maxHeadersCount: number;
}

/** What node's parser objects to, as a response; every other code of the parser is a 400. */
const OBJECTIONS = new Map<string, readonly [status: number, body: string]>([
  ['HPE_HEADER_OVERFLOW', [431, 'The request line and headers are too long. [MARGAY_HEADERS_TOO_LARGE]']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'The request took too long to arrive. [MARGAY_UPGRADE_HTTP]']],
]);

export class ListeningServer {
  readonly #server: Server | SecureServer;
  readonly #station: Station;
  readonly #maxHeadersCount: number;
  readonly #options: ListenOptions;
  readonly #sockets = new Set<Duplex>();
  /** Sockets that have had their one request: what follows a refusal is not interpreted [REL-5]. */
  readonly #spent = new WeakSet<Duplex>();
  /** Since when each connection is there that has no TLS yet: node does not tell which socket it becomes, but both have one peer. */
  readonly #untied = new Map<string, number>();
  /** Of those that have TLS, and no request yet. */
  readonly #timers = new WeakMap<Duplex, NodeJS.Timeout>();

  constructor(options: ListenOptions, station: Station) {
    this.#options = options;
    this.#station = station;
    this.#maxHeadersCount = options.maxHeadersCount;
    const server = options.tls === undefined ? createServer(patience(options)) : createSecureServer(secure(options, options.tls));
    // one more than allowed, or a field too many would be dropped in silence instead of being seen here
    server.maxHeadersCount = options.maxHeadersCount + 1;
    server.on('connection', this.#track);
    if (options.tls !== undefined) {
      server.on('connection', this.#begin);
      server.on('secureConnection', this.#limit);
    }
    // node's own answers to an Expect are a promise to read what nobody wants, and a 417 behind which it reads on [REL-5]
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      server.on(event, (request: IncomingMessage, response: ServerResponse) => this.#offer(request, response.socket, null));
    }
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#offer(request, socket, head));
    server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#offer(request, socket, head));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => this.#object(error, socket));
    station.onOpened = this.#handOver;
    this.#server = server;
  }

  get address(): TransportAddress | null {
    const bound = this.#server.address() as AddressInfo | null;
    return bound === null ? null : { host: bound.address, port: bound.port, secure: this.#options.tls !== undefined };
  }

  /** Resolves once bound, rejects with node's own error. */
  listen(): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      // stays for good: accept() may fail, out of descriptors for one, and the next one may not [REL-1]
      server.on('error', reject);
      server.on('close', () => reject(new Error('Stopped before it listened')));
      server.listen({ port: this.#options.port, host: this.#options.host }, resolve);
    });
  }

  /** Stops listening, and drops every connection that is not the station's. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve()); // the error it may give says that it does not listen
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #offer(request: IncomingMessage, socket: Duplex | null, head: Buffer | null): void {
    if (socket === null) return; // pipelined behind a request that has its answer already
    if (this.#spent.has(socket)) {
      socket.resume();
      return;
    }
    if (head === null) this.#spent.add(socket); // else node's parser has let go of it, and reads nothing more
    this.#stopTimer(socket);
    const offer = new HttpOffer({ request, socket, head, shared: false });
    if (request.rawHeaders.length > 2 * this.#maxHeadersCount) {
      offer.decline(431, [], `More than ${this.#maxHeadersCount} header fields. [MARGAY_HEADERS_TOO_LARGE]`);
    } else if (request.method === 'CONNECT') {
      turnAway(offer); // its target is no path
    } else if (!this.#station.take(offer)) {
      if (head === null) offer.decline(404, [], `No endpoint answers ${offer.target}. [MARGAY_NO_ENDPOINT]`);
      else turnAway(offer);
    }
  }

  /** node could not read a request. A peer that is gone, or with which there is no TLS, gets no answer. */
  #object(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (this.#spent.has(socket)) return;
    this.#spent.add(socket);
    this.#stopTimer(socket);
    const code = error.code ?? '';
    const [status, body] = OBJECTIONS.get(code) ?? [400, 'This is no HTTP request. [MARGAY_UPGRADE_HTTP]'];
    if (OBJECTIONS.has(code) || code.startsWith('HPE_')) refuse(socket, { status, body });
    else socket.destroy();
  }

  #stopTimer(socket: Duplex): void {
    if (this.#options.tls === undefined) return;
    clearTimeout(this.#timers.get(socket));
    this.#timers.delete(socket);
  }

  readonly #begin = (socket: Socket): void => {
    const peer = peerOf(socket);
    this.#untied.set(peer, performance.now());
    socket.once('close', () => this.#untied.delete(peer));
  };

  /** node gives the request as much time as it gave TLS; both together have no more than the one limit. [REL-2] */
  readonly #limit = (socket: Socket): void => {
    const { handshakeTimeout } = this.#options;
    const peer = peerOf(socket);
    const since = this.#untied.get(peer) ?? performance.now();
    this.#untied.delete(peer);
    const late = Object.assign(new Error('The request is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const timer = setTimeout(() => this.#object(late, socket), since + handshakeTimeout - performance.now());
    timer.unref();
    this.#timers.set(socket, timer);
    socket.once('close', this.#calm);
  };

  /** One function for all sockets: it finds the timer by `this`. */
  readonly #calm = ((timers: WeakMap<Duplex, NodeJS.Timeout>) =>
    function (this: Duplex): void {
      clearTimeout(timers.get(this));
    })(this.#timers);

  readonly #track = (socket: Duplex): void => {
    this.#sockets.add(socket);
    socket.on('close', this.#forget);
  };

  /** It is a connection of the station's now, which sees to its end. */
  readonly #handOver = (socket: Duplex): void => {
    this.#sockets.delete(socket);
    socket.off('close', this.#forget);
  };

  /** One function for all sockets: it finds the socket by `this`. */
  readonly #forget = ((sockets: Set<Duplex>) =>
    function (this: Duplex): void {
      sockets.delete(this);
    })(this.#sockets);
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

function patience({ handshakeTimeout, maxHeaderSize }: ListenOptions): ServerOptions {
  return {
    maxHeaderSize,
    headersTimeout: handshakeTimeout,
    requestTimeout: handshakeTimeout + 1000, // never below headersTimeout, which node would refuse
    connectionsCheckingInterval: Math.min(2000, Math.max(50, Math.floor(handshakeTimeout / 4))),
    requireHostHeader: false, // the gate says it in its own words [HS-13]
  };
}

function secure(options: ListenOptions, tls: SecureServerOptions): SecureServerOptions {
  return { ...tls, ...patience(options), handshakeTimeout: options.handshakeTimeout };
}
