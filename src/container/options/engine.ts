/** How a container comes by an engine: the door registers one, so that no room above the transport names it. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { IllegalStateException } from '../../api/exceptions.js';
import type { Transport } from '../../transport/spi.js';
import type { ListenOptions } from './options.js';

/** What limits a request before it is an offer; times are ms, sizes bytes. */
export interface RequestLimits {
  readonly handshakeTimeout: number;
  readonly maxHeaderSize: number;
  readonly maxHeadersCount: number;
}

export interface Engine {
  /** Makes a server of its own; `start` binds it. */
  listening(options: ListenOptions & { readonly port: number }, limits: RequestLimits): Transport;
  attached(server: HttpServer | HttpsServer): Transport;
  /** Has one request, which somebody else has received, and offers it in `start`. */
  handed(handed: HandedRequest): Transport;
}

/** What an upgrade listener of node's is called with. */
export interface HandedRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

let registered: Engine | null = null;

export function setEngine(engine: Engine): void {
  registered = engine;
}

export function engine(): Engine {
  if (registered === null) throw new IllegalStateException('no engine is loaded; import margay, or give the option transport');
  return registered;
}
