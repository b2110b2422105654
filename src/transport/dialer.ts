/** What the house and an engine's client half say to each other: a call goes down, a reply comes up. */
import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { Answer, Channel, ChannelListener, Transport } from './spi.js';

/** What the house tells a dialer besides `accept`'s channel: the half of an Answer that concerns the channel. */
export type Agreement = Pick<Answer, 'deflate' | 'transformations'>;

/** An engine's other half: it asks servers for connections. */
export interface Dialer {
  /**
   * Asks once: it follows no redirect and answers no challenge. Resolves with what came back, whatever its status. Rejects with a
   * DialError where nothing came that could be read, and with the signal's reason.
   */
  dial(call: Call): Promise<Reply>;
}

/** A transport that connects, too: a container that was given it goes this way in `connectToServer`, and not the door's. */
export interface DialingTransport extends Transport {
  readonly dialer: Dialer;
}

/** A request for a connection. */
export interface Call {
  /** ws or wss, host, port, path and query; no fragment. */
  readonly uri: URL;
  /** The subprotocols that the headers offer, for an engine that writes no headers itself. */
  readonly subprotocols: readonly string[];
  /** Every header line in order, `Host` and those of the protocol included. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The proxy that is asked for a tunnel; null: none. */
  readonly proxy: CallProxy | null;
  /** For wss, and for a proxy that is reached by TLS; null: node's trust. */
  readonly tls: SecureContext | ConnectionOptions | null;
  /** ms for each step. */
  readonly timeout: number;
  /** Bytes of the response's head. */
  readonly maxHeaderSize: number;
  /** Gives up; also closes a reply that has not been accepted. */
  readonly signal: AbortSignal;
}

export interface CallProxy {
  readonly host: string;
  readonly port: number;
  /** TLS to the proxy. */
  readonly secure: boolean;
  /** Header lines of the CONNECT, beyond Host. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** How far a call came that came to nothing; `proxy-tls` is TLS with the proxy, `tls` with the server. */
export type DialStep = 'connect' | 'proxy-tls' | 'proxy' | 'tls' | 'response';

/** What `dial` rejects with. */
export interface DialError extends Error {
  readonly step: DialStep;
  /** The step took longer than it may. */
  readonly isTimeout: boolean;
}

/** What came back: the server's answer, or that of a proxy which gives no tunnel. */
export interface Reply {
  readonly by: 'server' | 'proxy';
  readonly status: number;
  /** Lower-case name to its lines. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** At most its first 64 KiB; empty for a 101. */
  readonly body: Buffer;
  /**
   * Of a 101 by the server: makes the channel. `open` is called during this call and gives the listener back, then `onOpened()` is
   * called, then events may come. Resolves once what came in one packet with the 101 has been shown to the listener. Rejects with what
   * `open` threw; the connection is gone then, and the transformations are closed. Of other replies it rejects.
   */
  accept(agreement: Agreement, open: (channel: Channel) => ChannelListener): Promise<void>;
  /** Nothing comes of it: the connection goes. Nothing after `accept`; idempotent. */
  drop(): void;
}
