/** Options that a container has for all its endpoints, and an endpoint may set for itself. */

/** Given for an endpoint, a value replaces the container's whole value. Times are ms, sizes bytes. [D-36] */
export interface EndpointSettings {
  /** Origins whose pages may connect, `scheme://host[:port]` or `'null'`; `'*'`: any. Default `[]`: no Origin header, or the request's own host and port. [D-06] */
  readonly allowedOrigins?: '*' | readonly string[] | undefined;
  /** Who may connect: a principal with one of these roles; `'*'` stands for any principal, and of an empty list is nobody. Default: everybody. [HS-1] */
  readonly rolesAllowed?: readonly string[] | undefined;
  /** WWW-Authenticate of a 401. Default `Bearer`. */
  readonly challenge?: string | undefined;
  /** Plain ws gets a 403. Default false. */
  readonly confidential?: boolean | undefined;
  /** Bytes of UTF-8 of a whole text message. Default 1048576. [D-23] */
  readonly maxTextMessageBufferSize?: number | undefined;
  /** Bytes of a whole binary message. Default 1048576. */
  readonly maxBinaryMessageBufferSize?: number | undefined;
  /** ms without a byte in either direction; 0 or less: never, the default. [CLO-12] */
  readonly maxIdleTimeout?: number | undefined;
  /** ms without a byte from the peer while we read, and without one that it took; 0 or less: never, the default. [EXT-5] */
  readonly readIdleTimeout?: number | undefined;
  readonly writeIdleTimeout?: number | undefined;
  /** ms for a send of the Async remote; 0 or less: none. Default -1. [REM-12] */
  readonly asyncSendTimeout?: number | undefined;
  /** ms a send of the Basic remote may wait while the peer takes nothing; -1: for ever. Default 20000. [REM-10] */
  readonly blockingSendTimeout?: number | undefined;
  /** ms to wait for the peer's close frame, and for a callback that still runs when the connection is gone. Default 10000. [CLO-7, LIF-13] */
  readonly closeTimeout?: number | undefined;
  /** ms a close frame may take after an error or a timeout. Default 50. [CLO-11] */
  readonly abnormalCloseSendTimeout?: number | undefined;
  /** ms for all async hooks of a handshake together; then 503. Default 10000. [REL-2] */
  readonly hookTimeout?: number | undefined;
  /** ms a callback may run while messages wait behind it before that is logged; 0: off. Default 10000. [LIF-13] */
  readonly stuckCallbackAfter?: number | undefined;
  /** Bytes waiting to be sent above which a send settles only when they have drained. Default 65536. [REM-7] */
  readonly highWaterMark?: number | undefined;
  /** Messages, and their bytes, that may wait for a running callback before the socket is no longer read. Default 64 and 1048576. [LIF-8] */
  readonly backlog?: { readonly events?: number | undefined; readonly bytes?: number | undefined } | undefined;
  /** Pings to a peer that is silent, and how many may go unanswered; `false`: none. Default every 30000 ms, 2. [REL-12] */
  readonly heartbeat?: false | HeartbeatOptions | undefined;
  /** What happens when a peer does not take what it is sent. Default `{ mark: 1048576, patience: 5000, cap: 16777216, policy: 'close' }`. [REL-10] */
  readonly slowPeer?: SlowPeerOptions | undefined;
  /** permessage-deflate: off by default; `true`, or how. [D-34] */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** A data send during another is an IllegalStateException. Default false: they queue. [REM-15] */
  readonly strict?: boolean | undefined;
}

/** How a peer that says nothing is asked whether it is still there. [REL-12] */
export interface HeartbeatOptions {
  /** ms without a byte from the peer, and without one that it took of a full queue, before a ping; and between pings. Default 30000. */
  readonly interval?: number | undefined;
  /** Pings without an answer after which the connection is dropped an interval later. Default 2. */
  readonly missed?: number | undefined;
}

/** `close`: the session ends. `drop`: the message is not sent, and its promise rejects. `wait`: only the promise waits. */
export type SlowPeerPolicy = 'close' | 'drop' | 'wait';

/** When a peer is too slow, and what is done about it. [REL-10] */
export interface SlowPeerOptions {
  /** Bytes waiting above which the peer must take something within `patience`. Default 1048576. */
  readonly mark?: number | undefined;
  /** ms. Default 5000; a send timeout that the application has set replaces it. */
  readonly patience?: number | undefined;
  /** Bytes waiting at which a further message is one too many. Default 16777216. */
  readonly cap?: number | undefined;
  /** Default `close`. */
  readonly policy?: SlowPeerPolicy | undefined;
}

/** How permessage-deflate is negotiated and run. */
export interface PerMessageDeflateOptions {
  /** Default true: a compressor costs no memory between messages. */
  readonly serverNoContextTakeover?: boolean | undefined;
  /** Default true. */
  readonly clientNoContextTakeover?: boolean | undefined;
  /** 9 to 15, default 15. */
  readonly serverMaxWindowBits?: number | undefined;
  /** 9 to 15, default 15. */
  readonly clientMaxWindowBits?: number | undefined;
  /** zlib's, -1 to 9. */
  readonly level?: number | undefined;
  /** zlib's, 1 to 9. */
  readonly memLevel?: number | undefined;
}
