/** The options of a container and of an endpoint: what is known, and what each may be. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer, ServerOptions as TlsOptions } from 'node:https';
import type { EndpointSettings, SlowPeerPolicy } from '../../api/endpoint-settings.js';
import type { InstanceManager } from '../../api/instance-manager.js';
import type { Logger } from '../../api/logger.js';
import type { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import type { Session } from '../../api/session.js';
import type { Class, Handled, Principal } from '../../api/tokens.js';
import type { ExtensionFactory, Transport } from '../../transport/spi.js';
import { ContextPath } from '../web/context-path.js';
import { AllowedOrigins } from '../web/origin.js';
import { TrustedProxies, type TrustProxy } from '../web/proxy.js';
import {
  type Check,
  count,
  countOrNone,
  flag,
  hook,
  listOf,
  methods,
  ms,
  name,
  object,
  objecting,
  optionalMethods,
  optionRefused,
  positive,
  range,
  refuseOddOnes,
} from './checks.js';
import { factories } from './factories.js';
import type { ScanOptions } from './scan-options.js';
import { type ServletMapping, servlets } from './servlet-options.js';
import { SESSION_OPTIONS } from './session-options.js';

/** Options of `new ServerContainer(options)`; times are ms, sizes bytes. */
export interface ContainerOptions extends EndpointSettings {
  /** Below which all endpoint paths lie: "" or `/app`. Default "". [URI-14] */
  readonly contextPath?: string | undefined;
  /** Whose forwarding headers count: nobody's (default), any direct peer's, or that of these addresses and CIDR ranges. [D-37] */
  readonly trustProxy?: TrustProxy | undefined;
  /** Who asks for the connection; null: nobody. Asked before anything else is checked. Default: nobody. [HS-1, HS-15] */
  readonly authenticate?: ((request: IncomingMessage) => Handled<Principal | null>) | undefined;
  /** Whether a principal has a role. Default: it stands in `principal.roles`. */
  readonly isUserInRole?: ((principal: Principal, role: string, request: IncomingMessage) => boolean) | undefined;
  /** The HTTP session the request belongs to; null: none. Asked just before the origin is checked. [HS-15] */
  readonly httpSession?: ((request: IncomingMessage) => Handled<(object & { readonly id?: string }) | null>) | undefined;
  /** Calls `ended` when the HTTP session of that id has ended, also if it has already; returns a function that unsubscribes. [EXT-11] */
  readonly onSessionEnd?: ((id: string, ended: () => void) => () => void) | undefined;
  /** ms for TCP to end after both close frames. Default 2000. [REL-13] */
  readonly lingerTimeout?: number | undefined;
  /** ms for a request to arrive whole; `listen` only. Default 10000. [REL-2] */
  readonly handshakeTimeout?: number | undefined;
  /** ms that `close()` gives to running callbacks and every @OnClose together. Default 10000. [D-32] */
  readonly shutdownTimeout?: number | undefined;
  /** Told each time that the policy of `slowPeer` is applied to a session, but not of what it brings about itself; what it throws is logged. [REL-10] */
  readonly onSlowPeer?: ((session: Session, policy: SlowPeerPolicy) => void) | undefined;
  /** Connections there may be at once, handshakes included; a further one gets 503. Default Infinity. [REL-16] */
  readonly maxConnections?: number | undefined;
  /** The same for each remote address, as `trustProxy` has it. Default Infinity. [REL-16] */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Bytes of request line and headers; `listen` only. Default 16384. [REL-3] */
  readonly maxHeaderSize?: number | undefined;
  /** Header lines; `listen` only. Default 100. [REL-3] */
  readonly maxHeadersCount?: number | undefined;
  /** Extensions beside permessage-deflate, for all endpoints; see `margay/spi`. Default none. [EXT-16] */
  readonly extensions?: readonly ExtensionFactory[] | undefined;
  /** Another engine than ws. */
  readonly transport?: Transport | undefined;
  /** Servlets of `margay/catalina`, and the paths they answer. Default none. [TC7-9] */
  readonly servlets?: readonly ServletMapping[] | undefined;
  /** Where endpoints, coders, configurators and servlets come from. Default: `new`. [DEP-10] */
  readonly instanceManager?: InstanceManager | undefined;
  /** Where to say what nobody else would hear. Default: warn and error to the console. */
  readonly logger?: Logger | undefined;
}

/** Where a container listens. */
export interface ListenOptions {
  /** Default 8080; 0 picks one. */
  readonly port?: number | undefined;
  /** Default: node's, every address. */
  readonly host?: string | undefined;
  /** Certificate and key make it https and wss. */
  readonly tls?: TlsOptions | undefined;
}

/** Options of `serve(options)`. */
export interface ServeOptions extends ContainerOptions, ListenOptions {
  readonly endpoints?: readonly (Class | ServerEndpointConfig)[] | undefined;
  /** Modules to look for endpoints in. [DEP-4] */
  readonly scan?: ScanOptions | undefined;
  /** Joined to those of `scan`. [DEP-11] */
  readonly initializers?: ScanOptions['initializers'];
  /** A server of yours to attach to, instead of listening. */
  readonly server?: HttpServer | HttpsServer | undefined;
  /**
   * Processes that serve, each with a container of its own: statics, `getOpenSessions()`, `broadcast` and all limits are those of one of
   * them. The module runs once in each and once in the process that starts them. Default 1: this process, and no other. [REL-16]
   */
  readonly workers?: number | undefined;
}

const DEFLATE: Readonly<Record<string, Check>> = {
  serverNoContextTakeover: flag,
  clientNoContextTakeover: flag,
  serverMaxWindowBits: range(9, 15),
  clientMaxWindowBits: range(9, 15),
  level: range(-1, 9),
  memLevel: range(1, 9),
};

/** What an endpoint may set for itself. [D-36] */
export const ENDPOINT_OPTIONS: Readonly<Record<keyof EndpointSettings, Check>> = {
  allowedOrigins: objecting(AllowedOrigins.objections),
  rolesAllowed: (value) =>
    Array.isArray(value) && value.every((role) => typeof role === 'string' && role !== '')
      ? null
      : "give a list of roles, or ['*'] for anybody authenticated",
  challenge: (value) =>
    typeof value === 'string' && /^[\x21-\x7e][\t\x20-\x7e]*$/.test(value) ? null : 'give a header value such as \'Basic realm="chat"\'',
  confidential: flag,
  ...SESSION_OPTIONS,
  hookTimeout: positive,
  perMessageDeflate: (value) => (typeof value === 'boolean' ? null : object(DEFLATE)(value)),
};

const CONTAINER_OPTIONS: Readonly<Record<keyof ContainerOptions, Check>> = {
  ...ENDPOINT_OPTIONS,
  contextPath: objecting(ContextPath.objections),
  trustProxy: objecting(TrustedProxies.objections),
  authenticate: hook,
  isUserInRole: hook,
  httpSession: hook,
  onSessionEnd: hook,
  lingerTimeout: positive,
  handshakeTimeout: range(1, 2 ** 31 - 2001), // node's own timers take no more, and one of them gets a second on top
  shutdownTimeout: ms,
  onSlowPeer: hook,
  maxConnections: countOrNone,
  maxConnectionsPerAddress: countOrNone,
  maxHeaderSize: count,
  maxHeadersCount: count,
  extensions: factories,
  transport: methods('start', 'stop'),
  servlets,
  instanceManager: (value) => methods('create')(value) ?? optionalMethods(value as object, 'inject', 'destroy'),
  logger: methods('debug', 'info', 'warn', 'error'),
};

const LISTEN_OPTIONS: Readonly<Record<keyof ListenOptions, Check>> = {
  port: range(0, 65535),
  host: (value) => (typeof value === 'string' && value !== '' ? null : 'give a host name or an address'),
  tls: (value) =>
    typeof value === 'object' && value !== null && Object.keys(value).length > 0
      ? null
      : 'give what https.createServer takes, such as { cert, key }',
};

const initializers: Check = listOf(
  (each) => typeof each === 'function' || typeof (each as { onStartup?: unknown } | null)?.onStartup === 'function',
  'give a list of classes and objects with onStartup(classes, context)',
);

const SCAN_OPTIONS: Readonly<Record<keyof ScanOptions, Check>> = {
  modules: listOf(
    (each) => name(each) || (typeof each === 'object' && each !== null),
    'give a list of modules: namespace objects, or names to import',
  ),
  globs: (value) => (name(value) ? null : listOf(name, 'give a pattern, or a list of them')(value)),
  cwd: (value) => (name(value) ? null : 'give a folder'),
  initializers,
};

const SERVE_OPTIONS: Readonly<Record<keyof ServeOptions, Check>> = {
  ...CONTAINER_OPTIONS,
  ...LISTEN_OPTIONS,
  endpoints: listOf(() => true, 'give a list of classes and configurations'),
  scan: object(SCAN_OPTIONS),
  initializers,
  server: methods('on', 'listen'),
  workers: count,
};

/** What `serve` does after it has made the container, and who does it for a container of one's own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  endpoints: 'addEndpoint(endpoint)',
  scan: 'scan(options)',
  initializers: 'scan(options)',
  port: 'listen(options)',
  host: 'listen(options)',
  tls: 'listen(options)',
  server: 'attach(server)',
  workers: 'serve(options)',
};

/** @throws IllegalArgumentException `MARGAY_OPTION` */
export function checkContainerOptions(options: unknown): void {
  const key = Object.keys(Object(options)).find((each) => Object.hasOwn(ELSEWHERE, each));
  if (key === undefined) return refuseOddOnes('new ServerContainer', options, CONTAINER_OPTIONS);
  throw optionRefused('new ServerContainer', `${key} is an option of serve(); give it to ${ELSEWHERE[key]} instead`);
}
/** @throws IllegalArgumentException `MARGAY_OPTION` */
export const checkScanOptions = (options: unknown) => refuseOddOnes('scan', options, SCAN_OPTIONS);
/** @throws IllegalArgumentException `MARGAY_OPTION` */
export const checkListenOptions = (options: unknown) => refuseOddOnes('listen', options, LISTEN_OPTIONS);
/** @throws IllegalArgumentException `MARGAY_OPTION` */
export function checkServeOptions(options: unknown): void {
  refuseOddOnes('serve', options, SERVE_OPTIONS);
  const { server, port, host, tls, workers = 1 } = options as ServeOptions;
  if (server === undefined) return;
  if (workers > 1) {
    throw optionRefused(
      'serve',
      'workers stands beside server; a server of yours is in one process, so give port, host and tls instead of it',
    );
  }
  if (port === undefined && host === undefined && tls === undefined) return;
  throw optionRefused('serve', 'server stands beside port, host or tls; a server of yours listens by itself, so leave those out');
}
