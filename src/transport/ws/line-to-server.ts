/** A connection on its way to a server: TCP, TLS, and the tunnel of a proxy. */
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate, connect as secure, type TLSSocket } from 'node:tls';
import type { Call, CallProxy } from '../dialer.js';
import { within } from './dial-step.js';
import { exchange, type Heard } from './http-exchange.js';
import { guard } from './refusal.js';

/** Who is at the other end. */
export interface Place {
  /** A name or an address, that of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** What a user of ours has for TLS, beside what is the dialer's. */
type Given = Omit<ConnectionOptions, 'checkServerIdentity'> & { checkServerIdentity?: ConnectionOptions['checkServerIdentity'] };

export class Line {
  readonly #call: Call;
  /** The outermost first. */
  readonly #sockets: Socket[] = [];

  constructor(call: Call) {
    this.#call = call;
  }

  /** What is spoken through: TLS, if there is any. */
  get socket(): Socket {
    return this.#sockets[0] as Socket;
  }

  /** Name lookup and TCP. */
  async connect({ host, port }: Place): Promise<void> {
    await within<void>('connect', this.#call, ({ done, failed, on }) => {
      const socket = this.#add(connect({ host, port, allowHalfOpen: true, noDelay: true }));
      on(socket, 'connect', () => done());
      on(socket, 'error', (error: NodeJS.ErrnoException) => {
        // where a name has several addresses, node's error has no words of its own
        failed(`There is no connection to ${authority({ host, port })}: ${error.message || error.code}`, error);
      });
    });
  }

  /** The host's name is compared with its certificate's, whatever the options say. [CLI-7] */
  async secure(host: string, step: 'tls' | 'proxy-tls' = 'tls'): Promise<void> {
    await within<void>(step, this.#call, ({ done, failed, on }) => {
      const { checkServerIdentity: alsoAsk, ...given } = givenFor(this.#call.tls);
      const socket = this.#add(
        secure({
          ALPNProtocols: ['http/1.1'],
          ...given,
          ...OURS,
          socket: this.socket,
          host,
          servername: isIP(host) === 0 ? host : '', // an address is no server name [RFC 6066, 3]
        }),
      ) as TLSSocket;
      on(socket, 'secureConnect', () => {
        const certificate = socket.getPeerCertificate(true);
        const error = identityError(host, certificate, checkServerIdentity) ?? identityError(host, certificate, alsoAsk);
        if (error === undefined) done();
        else failed(`The certificate is not that of ${host}: ${error.message}`, error);
      });
      on(socket, 'error', (error: Error) => failed(`There is no TLS with ${host}: ${error.message}`, error));
    });
  }

  /** Asks the proxy for a tunnel; null if there is one now. [CLI-12] */
  async tunnel(place: Place, { headers }: CallProxy): Promise<Heard | null> {
    const target = authority(place);
    const isKept = headers.some(([name]) => name.toLowerCase() === 'connection');
    const heard = await exchange(
      this.socket,
      {
        step: 'proxy',
        method: 'CONNECT',
        target,
        headers: [['Host', target], ...(isKept ? [] : [['Connection', 'keep-alive'] as const]), ...headers],
      },
      this.#call,
    );
    const { response, head } = heard;
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) return heard;
    if (head !== null && head.length > 0) this.socket.unshift(head); // a server may speak first
    return null;
  }

  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #add(socket: Socket): Socket {
    guard(socket); // from the first moment [REL-1]
    this.#sockets.unshift(socket);
    return socket;
  }
}

/** What a user's options cannot change: whom they would reach, how the socket is read, and that names are compared, which is done here. */
const OURS = Object.freeze({ path: undefined, onread: undefined, checkServerIdentity: () => undefined });

function givenFor(tls: Call['tls']): Given {
  if (tls === null) return {};
  return 'context' in tls ? { secureContext: tls } : tls;
}

function identityError(host: string, certificate: PeerCertificate, ask: ConnectionOptions['checkServerIdentity']): Error | undefined {
  try {
    return ask?.(host, certificate);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** As in a request line or a Host line. */
export const authority = ({ host, port }: Place): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
