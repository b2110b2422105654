/** The Session a user holds: a view on a connection. */
import type { CloseReason } from '../api/close-reason.js';
import type { WebSocketContainer } from '../api/container.js';
import type { EndpointConfig } from '../api/endpoint-config.js';
import type { Extension } from '../api/extension.js';
import type { MessageHandler } from '../api/message-handler.js';
import { ReadOnlyMap } from '../api/read-only-map.js';
import { ReadOnlySet } from '../api/read-only-set.js';
import type { RemoteEndpoint } from '../api/remote-endpoint.js';
import { Session } from '../api/session.js';
import type { Principal } from '../api/tokens.js';
import { sessionClosed, wrongArgument } from './failures.js';
import type { Inbox } from './inbox.js';
import type { Outbound } from './outbound.js';
import type { Opening, RequestFacts, Settings } from './plan.js';
import { queryParameters } from './query.js';
import { RemoteAsync } from './remote-async.js';
import { RemoteBasic } from './remote-basic.js';
import type { Sender } from './sender.js';
import { newSessionId } from './session-id.js';
import type { Suspension } from './suspension.js';
import type { SessionStatistics } from './traffic.js';

/** The connection behind a session. */
export interface Conversation extends Sender {
  readonly opening: Opening;
  readonly config: EndpointConfig;
  readonly settings: Settings;
  readonly outbound: Outbound;
  readonly state: 'open' | 'closing' | 'closed';
  /** Asked for every message that is sent. */
  readonly isClosed: boolean;
  readonly statistics: SessionStatistics;
  /** ms; 0 or less: never. */
  maxIdleTimeout: number;
  readonly inbox: Inbox;
  readonly suspension: Suspension;
  close(reason?: CloseReason): Promise<void>;
}

/** The user properties of those who have none. */
const NONE: ReadonlyMap<string, unknown> = new ReadOnlyMap();

export class LiveSession extends Session {
  readonly #connection: Conversation;
  #id: string | undefined;
  /** null: they are empty, and nobody has asked for them. */
  #properties: Map<string, unknown> | null;
  #basic: RemoteBasic | undefined;
  #async: RemoteAsync | undefined;
  #parameters: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(connection: Conversation) {
    super();
    this.#connection = connection;
    const { properties } = connection.opening;
    this.#properties = properties && new Map(properties); // the second copy [HS-9]
  }

  /** The connection behind a session; null for one that is not ours. */
  static behind(session: Session): Conversation | null {
    return typeof session === 'object' && session !== null && #connection in session ? session.#connection : null;
  }

  /** What stands in a session's user properties: to be looked at without making any. */
  static propertiesOf(session: LiveSession): ReadonlyMap<string, unknown> {
    return session.#properties ?? NONE;
  }

  getId(): string {
    this.#id ??= newSessionId();
    return this.#id;
  }

  isOpen(): boolean {
    return this.#connection.state === 'open';
  }

  getContainer(): WebSocketContainer {
    return this.#alive('getContainer').opening.container;
  }

  getProtocolVersion(): string {
    this.#alive('getProtocolVersion');
    return '13';
  }

  getNegotiatedSubprotocol(): string {
    return this.#request('getNegotiatedSubprotocol').subprotocol;
  }

  getNegotiatedExtensions(): readonly Extension[] {
    return this.#request('getNegotiatedExtensions').extensions;
  }

  isSecure(): boolean {
    return this.#request('isSecure').secure;
  }

  getRequestURI(): URL {
    const { uri, queryString } = this.#request('getRequestURI');
    return new URL(queryString === null ? uri : `${uri}?${queryString}`);
  }

  getQueryString(): string | null {
    return this.#request('getQueryString').queryString;
  }

  getRequestParameterMap(): ReadonlyMap<string, readonly string[]> {
    const { queryString } = this.#request('getRequestParameterMap');
    this.#parameters ??= new ReadOnlyMap(queryParameters(queryString));
    return this.#parameters;
  }

  getPathParameters(): ReadonlyMap<string, string> {
    return this.#request('getPathParameters').pathParameters;
  }

  getUserPrincipal(): Principal | null {
    return this.#request('getUserPrincipal').principal;
  }

  getUserProperties(): Map<string, unknown> {
    this.#alive('getUserProperties');
    this.#properties ??= new Map();
    return this.#properties;
  }

  getMaxIdleTimeout(): number {
    return this.#alive('getMaxIdleTimeout').maxIdleTimeout;
  }

  setMaxIdleTimeout(ms: number): void {
    const connection = this.#alive('setMaxIdleTimeout');
    if (typeof ms !== 'number' || Number.isNaN(ms)) throw wrongArgument('setMaxIdleTimeout(ms)', `ms is ${String(ms)}`);
    connection.maxIdleTimeout = ms;
  }

  getMaxTextMessageBufferSize(): number {
    return this.#alive('getMaxTextMessageBufferSize').inbox.getBufferSize('text');
  }

  setMaxTextMessageBufferSize(bytes: number): void {
    this.#setBufferSize('setMaxTextMessageBufferSize', 'text', bytes);
  }

  getMaxBinaryMessageBufferSize(): number {
    return this.#alive('getMaxBinaryMessageBufferSize').inbox.getBufferSize('binary');
  }

  setMaxBinaryMessageBufferSize(bytes: number): void {
    this.#setBufferSize('setMaxBinaryMessageBufferSize', 'binary', bytes);
  }

  getBasicRemote(): RemoteEndpoint.Basic {
    const connection = this.#sending('getBasicRemote');
    this.#basic ??= new RemoteBasic(connection.outbound, connection);
    return this.#basic;
  }

  getAsyncRemote(): RemoteEndpoint.Async {
    const connection = this.#sending('getAsyncRemote');
    this.#async ??= new RemoteAsync(connection.outbound, connection, connection.settings.asyncSendTimeout);
    return this.#async;
  }

  getOpenSessions(): Set<Session> {
    return this.#alive('getOpenSessions').opening.registry.sessions();
  }

  addMessageHandler(...args: readonly unknown[]): void {
    this.#alive('addMessageHandler').inbox.handlers.add(args);
  }

  getMessageHandlers(): ReadonlySet<MessageHandler> {
    return new ReadOnlySet(this.#alive('getMessageHandlers').inbox.handlers.all);
  }

  removeMessageHandler(handler: MessageHandler | ((message: never) => unknown) | null): void {
    this.#alive('removeMessageHandler').inbox.handlers.remove(handler);
  }

  close(reason?: CloseReason): Promise<void> {
    return this.#connection.close(reason);
  }

  toString(): string {
    return this.#connection.spelled('Session');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** The connection, unless the session is closed. [SES-1] */
  #alive(member: string): Conversation {
    if (this.#connection.isClosed) throw sessionClosed(this.getId(), member);
    return this.#connection;
  }

  /** Remotes outlive the session until the one that follows it is open. */
  #sending(member: string): Conversation {
    const connection = this.#connection;
    if (!connection.isClosed || connection.opening.away?.holds(this)) return connection; // a broadcast asks nothing more of each
    return this.#alive(member);
  }

  #request(member: string): RequestFacts {
    return this.#alive(member).opening.request;
  }

  #setBufferSize(member: string, kind: 'text' | 'binary', bytes: number): void {
    const connection = this.#alive(member);
    if (!Number.isInteger(bytes) || bytes < 0) throw wrongArgument(`${member}(bytes)`, `bytes is ${String(bytes)}`);
    connection.inbox.setBufferSize(kind, bytes);
  }
}
