/** What the runtime must be given: an endpoint as closures, and the facts of one connection. */

import type { CloseReason } from '../api/close-reason.js';
import type { CoderKind, Decoder, Encoder } from '../api/codec.js';
import type { WebSocketContainer } from '../api/container.js';
import type { EndpointConfig } from '../api/endpoint-config.js';
import type { SlowPeerPolicy } from '../api/endpoint-settings.js';
import type { DecodeException } from '../api/exceptions.js';
import type { Extension } from '../api/extension.js';
import type { Logger } from '../api/logger.js';
import type { Session } from '../api/session.js';
import type { Principal } from '../api/tokens.js';
import type { Away } from './away.js';
import type { Member } from './roll.js';
import type { SessionStatistics } from './traffic.js';

/** An endpoint, made once when it is deployed: nothing about its class is asked again. */
export interface EndpointPlan {
  /** The class's name, for people. */
  readonly name: string;
  readonly open: Handler | null;
  /** Who takes messages when a connection begins. */
  readonly receivers: readonly Receiver[];
  readonly close: Handler | null;
  readonly error: Handler | null;
  /** In the order in which they are tried. [COD-5] */
  readonly encoders: readonly EncoderPlan[];
  /** The path parameters its handlers take; converted once per connection. */
  readonly values: readonly PathValue[];
  /**
   * Makes a receiver of a handler that is added to a session. [SES-21]
   * @throws IllegalArgumentException `MARGAY_HANDLER_TYPE`, IllegalStateException `MARGAY_STATE` for a partial pong
   */
  adapt(type: unknown, partial: boolean, call: Call): Receiver;
}

/** What an added handler is called with; the result is awaited and ignored. */
export type Call = (message: unknown, last: boolean) => unknown;

/** One handler of messages, and what it takes of each native type: text and binary both, if there are decoders for both. */
export interface Receiver {
  readonly member: string;
  readonly text: MessageHandler | null;
  readonly binary: MessageHandler | null;
  readonly pong: MessageHandler | null;
}

/** An encoder class, as the deployment knows it. */
export interface EncoderPlan {
  /** The class's name, for people. */
  readonly name: string;
  readonly kind: CoderKind;
  /** Whether the value is of its type. */
  takes(value: unknown): boolean;
}

/** One callback. */
export interface Handler {
  /** The method's name, for people. */
  readonly member: string;
  readonly invoke: Invoke;
  /** Which of the plan's values it takes. */
  readonly reads: readonly number[];
}

/** A callback that takes messages of one native type; what it returns is sent. */
export interface MessageHandler extends Handler {
  /** `stream`: it is called with a Reader or an InputStream once the message has begun. */
  readonly form: 'whole' | 'parts' | 'stream';
  /** Bytes of a message that is not taken in parts, -1 for none of its own. [ANN-15] */
  readonly maxMessageSize: number;
}

/** Calls the user's method on the endpoint. `event` is the message, the close reason or the error; `last` is for parts. */
export type Invoke = (endpoint: object, view: View, event: unknown, last: boolean) => unknown;

/** What a parameter can be filled with besides the event. */
export interface View {
  readonly session: Session;
  readonly config: EndpointConfig;
  readonly values: readonly unknown[];
  /** This connection's decoders, in the order of the configuration. */
  readonly decoders: readonly Decoder[];
}

/** One path parameter as one type. */
export interface PathValue {
  readonly name: string;
  /** Returns the exception for what cannot be converted. */
  convert(text: string): { readonly value: unknown } | { readonly failure: DecodeException };
}

/** The open sessions of one deployed path. */
export interface Registry {
  add(session: Session): void;
  delete(session: Session): void;
  /** A fresh copy. */
  sessions(): Set<Session>;
}

/** The options that hold for a session. Times are ms, sizes bytes. */
export interface Settings {
  readonly maxTextMessageBufferSize: number;
  readonly maxBinaryMessageBufferSize: number;
  readonly maxIdleTimeout: number;
  readonly readIdleTimeout: number;
  readonly writeIdleTimeout: number;
  readonly asyncSendTimeout: number;
  readonly blockingSendTimeout: number;
  readonly closeTimeout: number;
  readonly lingerTimeout: number;
  readonly abnormalCloseSendTimeout: number;
  readonly stuckCallbackAfter: number;
  readonly highWaterMark: number;
  readonly backlogEvents: number;
  readonly backlogBytes: number;
  /** null: off. [REL-12] */
  readonly heartbeat: Heartbeat | null;
  readonly slowPeer: SlowPeerLimits;
  readonly strict: boolean;
}

/** [REL-12] */
export interface Heartbeat {
  readonly interval: number;
  readonly missed: number;
}

/** [REL-10] */
export interface SlowPeerLimits {
  readonly mark: number;
  readonly patience: number;
  /** It is a send timeout that the application has set. */
  readonly isOfSends: boolean;
  readonly cap: number;
  readonly policy: SlowPeerPolicy;
}

/** What a connection is made from: the outcome of a handshake. */
export interface Opening {
  readonly plan: EndpointPlan;
  /** The object whose methods are called. */
  readonly endpoint: object;
  readonly config: EndpointConfig;
  /** What the session's user properties begin with; null: nothing. [HS-9] */
  readonly properties: ReadonlyMap<string, unknown> | null;
  /** This connection's own, initialised, in the order of the plan's `encoders`. [COD-2] */
  readonly encoders: readonly Encoder[];
  /** This connection's own, initialised, in the order of the configuration. */
  readonly decoders: readonly Decoder[];
  readonly container: WebSocketContainer;
  readonly registry: Registry;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly owner: Owner;
  /** Given back when nothing more will happen. [REL-16] */
  readonly place: { free(): void };
  /** Released once, when @OnClose has settled. */
  readonly belongings: Belongings;
  /** For what follows this session, where somebody comes back; null: nobody does. */
  readonly away: Away | null;
  readonly request: RequestFacts;
}

/** The endpoint and the coders, as far as they are the container's to let go. [COD-2, DEP-10] */
export interface Belongings {
  /** Never rejects. Undefined: nothing to do. */
  release(): Promise<unknown> | undefined;
}

/** Who is told that a connection has come, and that nothing more will be heard of it. */
export interface Owner {
  opened(connection: Live): void;
  /** @OnClose has settled. */
  ended(): void;
  /** @OnClose has settled and the socket is gone. [D-27] */
  closed(connection: Live): void;
  /** @OnError was told of an error, or the log. */
  erred(): void;
  /** The policy was applied to a session whose peer is too slow. [REL-10] */
  slowPeer(session: Session, policy: SlowPeerPolicy): void;
}

/** A connection, as its owner sees it. */
export interface Live extends Member {
  /** Its @OnClose has settled: it waits for its socket. */
  readonly hasEnded: boolean;
  readonly statistics: SessionStatistics;
  /** Why it closes, once that has begun. */
  readonly reason: CloseReason | null;
  /** Closes it with 1001. [CLO-14] */
  shutdown(): void;
  /** Waits no longer for the callback that runs. [LIF-13] */
  abandon(): void;
  /** Drops TCP. */
  terminate(): void;
}

/** What a session tells of its handshake; nothing of node's request is kept. */
export interface RequestFacts {
  /** ws or wss, host, port and path, without the query. */
  readonly uri: string;
  readonly queryString: string | null;
  readonly secure: boolean;
  /** Given away to users, so it cannot be written to. [PP-6] */
  readonly pathParameters: ReadonlyMap<string, string>;
  readonly subprotocol: string;
  readonly extensions: readonly Extension[];
  readonly principal: Principal | null;
}
