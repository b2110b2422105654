/** One connection, as the user holds it. */
import type { CloseReason } from './close-reason.js';
import type { WebSocketContainer } from './container.js';
import type { Extension } from './extension.js';
import { KIND } from './kind.js';
import type { MessageHandler, PartToken } from './message-handler.js';
import type { RemoteEndpoint } from './remote-endpoint.js';
import type { Principal, TypeOf, TypeToken } from './tokens.js';

/**
 * One connection: the same object in every callback. [LIF-2]
 * Once it is closed, which is when @OnClose has settled and the socket is gone, every member but `getId`, `isOpen`, `close`
 * and `toString` throws IllegalStateException `MARGAY_SESSION_CLOSED`. [SES-1, D-27]
 */
export abstract class Session {
  static readonly [KIND]: string = 'Session';

  /** Unique and unguessable; works after close. */
  abstract getId(): string;
  /** False from the moment a close begins, whoever began it; works after close. [D-10] */
  abstract isOpen(): boolean;
  abstract getContainer(): WebSocketContainer;
  /** "13". */
  abstract getProtocolVersion(): string;
  /** "" when none. */
  abstract getNegotiatedSubprotocol(): string;
  /** Those in force, with the parameters of the response. */
  abstract getNegotiatedExtensions(): readonly Extension[];
  /** TLS, by the connection itself or as a trusted proxy says. */
  abstract isSecure(): boolean;
  /** The URI of the handshake: ws or wss, with the query. */
  abstract getRequestURI(): URL;
  /** The raw text after `?`; null when there is none. */
  abstract getQueryString(): string | null;
  /** Of the query alone; path parameters have a map of their own. [D-11] */
  abstract getRequestParameterMap(): ReadonlyMap<string, readonly string[]>;
  /** Decoded, read-only. [PP-6] */
  abstract getPathParameters(): ReadonlyMap<string, string>;
  abstract getUserPrincipal(): Principal | null;
  /** Yours to change; kept until @OnClose has completed. [SES-14] */
  abstract getUserProperties(): Map<string, unknown>;
  /** ms without a byte in either direction after which the session is closed; 0 or less: never. */
  abstract getMaxIdleTimeout(): number;
  /** @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no number */
  abstract setMaxIdleTimeout(ms: number): void;
  /** Bytes of UTF-8 a whole text message may have; a longer one ends the session with 1009. [SES-16, D-12] */
  abstract getMaxTextMessageBufferSize(): number;
  /** From the next message on. @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no whole number of bytes */
  abstract setMaxTextMessageBufferSize(bytes: number): void;
  /** Bytes a whole binary message may have; a longer one ends the session with 1009. */
  abstract getMaxBinaryMessageBufferSize(): number;
  /** From the next message on. @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no whole number of bytes */
  abstract setMaxBinaryMessageBufferSize(bytes: number): void;
  abstract getBasicRemote(): RemoteEndpoint.Basic;
  abstract getAsyncRemote(): RemoteEndpoint.Async;
  /** A fresh set of the open sessions of the same deployed path, this one included while it is open. [SES-19] */
  abstract getOpenSessions(): Set<Session>;
  /**
   * Gives messages of that type to the handler, whole; one handler for each native type (text, binary, pong). What it returns is
   * awaited and ignored; what it throws goes to the endpoint's @OnError or onError. [SES-21, D-35]
   * @param type `String`, `Number` and the like, `Buffer`, `Reader`, `InputStream`, `PongMessage`, or a class that a decoder yields
   * @throws IllegalStateException `MARGAY_HANDLER_TAKEN`; IllegalArgumentException `MARGAY_HANDLER_TYPE` (no decoder yields it),
   * `MARGAY_ARGUMENT`
   */
  abstract addMessageHandler<C extends TypeToken>(
    type: C,
    handler: MessageHandler.Whole<TypeOf<C>> | ((message: TypeOf<C>) => unknown),
  ): void;
  /** Gives text or bytes to the handler in parts, as they arrive. */
  abstract addMessageHandler<C extends PartToken>(type: C, handler: MessageHandler.Partial<TypeOf<C>>): void;
  /** The handler tells its type itself, as those of `MessageHandler.Whole(Type)` and `MessageHandler.Partial(Type)` do. [SES-22] */
  abstract addMessageHandler(handler: MessageHandler.Typed): void;
  /** Those of now, annotated methods included; each can be removed. [SES-24] */
  abstract getMessageHandlers(): ReadonlySet<MessageHandler>;
  /**
   * A function is found by identity; null does nothing. A message that has begun is still delivered. [SES-25, LIF-9]
   * @throws IllegalStateException `MARGAY_HANDLER_UNKNOWN`
   */
  abstract removeMessageHandler(handler: MessageHandler | ((message: never) => unknown) | null): void;
  /**
   * Begins to close: 1000 without a phrase unless a reason is given. The promise settles once the close frame has left, or the
   * socket is dead; @OnClose runs behind the callback that runs now. Closing what is closed does nothing. [CLO-7, CLO-10]
   * @throws IllegalArgumentException `MARGAY_CLOSE_CODE` for a code that may not be sent. 1005 sends an empty frame, 1006 sends 1002 [D-13]
   */
  abstract close(reason?: CloseReason): Promise<void>;
  /** One line: id, path, state. [GEN-6] */
  abstract toString(): string;
}
