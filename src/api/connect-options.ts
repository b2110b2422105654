/** How a client connects, beyond what its configuration says. */
import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { CloseReason } from './close-reason.js';
import type { HeartbeatOptions } from './endpoint-settings.js';
import type { Handled } from './tokens.js';

/** What TLS trusts, and shows: a context, or the options of `tls.connect`. */
export type SSLContext = SecureContext | ConnectionOptions;

/** The answer to a 401 or a 407. [CLI-11] */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Told to nobody else: another realm's challenge is not answered. Default: any. */
  readonly realm?: string | undefined;
}

/** The last argument of `connectToServer`; times are ms, sizes bytes. */
export interface ConnectOptions {
  /** Beats the configuration's; for servers that a redirect leads to, and proxies, too. Default: node's trust. Host names are always verified. [CLI-7] */
  readonly sslContext?: SSLContext | undefined;
  /** ms for each step: TCP, TLS, the proxy, the response. Default 5000. [CLI-9] */
  readonly timeout?: number | undefined;
  /** Bytes of the response's head. Default 8192. [CLI-9] */
  readonly maxHeaderSize?: number | undefined;
  /** Redirects that are followed; 0: none. Default 20. [CLI-10] */
  readonly maxRedirects?: number | undefined;
  /** For a server that answers 401. Default: none. [CLI-11] */
  readonly auth?: Credentials | undefined;
  /** For a proxy that answers 407. Default: those in the proxy's URL, if any. [CLI-12] */
  readonly proxyAuth?: Credentials | undefined;
  /** An HTTP proxy; `false`: none. Default: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY of the environment. [CLI-12] */
  readonly proxy?: URL | string | false | undefined;
  /** The Origin header. Default: none. [CLI-4] */
  readonly origin?: string | undefined;
  /** Pings to a server that is silent. Default `false`: none. [REL-12] */
  readonly heartbeat?: false | HeartbeatOptions | undefined;
  /** Whether, and how, it comes back when the connection is lost; `true`: as the defaults say. Default `false`. */
  readonly reconnect?: boolean | ReconnectOptions | undefined;
}

/**
 * How a lost connection is made again: each time with a new Session, which @OnOpen gets, on the same object or a new one of the
 * class. The first connect is not retried. `session.close()` ends it, of whichever of its sessions. [SES-1]
 */
export interface ReconnectOptions {
  /** ms; an attempt waits a random time from 0 to min(maxDelay, minDelay · 2ⁿ), n being how many have failed since a session was open. Default 1000. */
  readonly minDelay?: number | undefined;
  /** ms. Default 30000. */
  readonly maxDelay?: number | undefined;
  /** Attempts in a row that may fail; an @OnOpen that fails makes one. Default Infinity. */
  readonly attempts?: number | undefined;
  /** Close codes after which nobody comes back. Default 1000, 1002, 1003, 1007, 1008, 1009, 1010. */
  readonly stopOn?: readonly number[] | undefined;
  /** Beats `stopOn`: whether to come back. Asked before each attempt, counted from 1; what it throws or rejects with means no. */
  readonly decide?: ((reason: CloseReason, attempt: number) => Handled<boolean>) | undefined;
  /**
   * Whole messages that the last session's remotes keep while nobody is there, and send once the next @OnOpen has completed; one more
   * is refused with IOException `MARGAY_RECONNECTING`, also once they come to `slowPeer.cap` bytes. Default 0: all are refused. [REM-3]
   */
  readonly queue?: number | undefined;
}
