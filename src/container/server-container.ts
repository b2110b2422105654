/** The container: deploys endpoints, and is the gate that every upgrade request comes to. */
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { WebSocketContainer } from '../api/container.js';
import { IllegalArgumentException, IllegalStateException, IOException } from '../api/exceptions.js';
import type { Extension } from '../api/extension.js';
import type { Logger } from '../api/logger.js';
import { ReadOnlySet } from '../api/read-only-set.js';
import type { ServerEndpointConfig } from '../api/server-endpoint-config.js';
import { type Class, nameOf } from '../api/tokens.js';
import type { Gate, Offer, Transport } from '../transport/spi.js';
import { platformConfigurator } from './configurator.js';
import { consoleLogger, quiet } from './console-logger.js';
import { ContextPath } from './context-path.js';
import { Deployments, unknownParameters } from './deployments.js';
import { engine } from './engine.js';
import { installedExtensions } from './extensions.js';
import { Handshake, type Host } from './handshake.js';
import { hasToken } from './header-grammar.js';
import { type ContainerOptions, checkContainerOptions, checkListenOptions, type ListenOptions } from './options.js';
import { TrustedProxies } from './proxy.js';
import { badTarget, draining, type RefusedHandshake, upgradeRequired } from './refusals.js';
import { RequestPath } from './request-path.js';
import { Roster } from './roster.js';
import { Defaults, EndpointOptions } from './settings.js';
import { urlOf } from './url.js';

/** An endpoint as it stands deployed. */
export interface DeployedEndpoint {
  /** As written, without the context path. */
  readonly path: string;
  readonly endpointClass: Class;
  readonly kind: 'annotated' | 'programmatic';
}

/** Where a container listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** As `container.url`. */
  readonly url: string;
}

// Origins come from strangers: of more, or of longer ones, a refusal may be logged again, or not.
const ORIGINS_REMEMBERED = 1000;
const LONGEST_ORIGIN = 300;

/** A server for annotated endpoints: `addEndpoint`, then `listen` or `attach`, at last `close`. */
export class ServerContainer implements WebSocketContainer {
  readonly #options: ContainerOptions;
  readonly #defaults: Defaults;
  readonly #deployments: Deployments;
  readonly #contextPath: ContextPath;
  readonly #proxies: TrustedProxies;
  readonly #roster = new Roster();
  readonly #logger: Logger;
  readonly #host: Host;
  readonly #gate: Gate = { offer: (offer) => this.#offer(offer) };
  readonly #transports = new Set<Transport>();
  readonly #refusedOrigins = new Set<string>();
  #closing: Promise<void> | null = null;

  /** @throws IllegalArgumentException `MARGAY_OPTION` for an unknown option or a value it cannot have */
  constructor(options: ContainerOptions = {}) {
    checkContainerOptions(options);
    this.#options = { ...options };
    this.#defaults = new Defaults(options);
    this.#logger = quiet(options.logger ?? consoleLogger);
    this.#contextPath = new ContextPath(options.contextPath ?? '');
    this.#proxies = new TrustedProxies(options.trustProxy ?? false);
    const manager = options.instanceManager ?? null;
    this.#deployments = new Deployments({ options: this.#options, defaults: this.#defaults, configurator: platformConfigurator, manager });
    const isDraining = () => this.#closing !== null;
    this.#host = {
      container: this,
      logger: this.#logger,
      owner: this.#roster,
      manager,
      firstRefusalOf: (origin) => this.#firstRefusalOf(origin),
      get isDraining() {
        return isDraining();
      },
    };
  }

  /**
   * Deploys an annotated class, or a configuration that names one; at any time, while connections are served too. [DEP-1]
   * Before the first `listen` or `attach` a failure ends the whole deployment; a later one leaves the rest running. [DEP-2]
   * Rejects with DeploymentException: every problem of the class; with IllegalStateException after `close`. A promise that
   * nobody awaits raises nothing: `listen` and `attach` reject with the same exception, and a later failure is logged.
   */
  addEndpoint(endpoint: Class | ServerEndpointConfig): Promise<void> {
    const adding = this.addEndpoints([endpoint]);
    adding.catch((err: Error & { code: string }) => {
      if (this.#transports.size === 0 && this.#closing === null) return; // it is told when the container starts
      this.#logger.error({ code: err.code, err }, `addEndpoint failed: ${err.message}`);
    });
    return adding;
  }

  /** @internal Deploys all or none, and collects the problems of all. */
  async addEndpoints(endpoints: readonly unknown[]): Promise<void> {
    this.#mustBeOpen('addEndpoint');
    for (const deployment of this.#deployments.add(endpoints)) {
      const { type, template } = deployment;
      this.#logger.info(
        { code: 'MARGAY_DEPLOYED', endpoint: nameOf(type), path: template.source },
        `${nameOf(type)} at ${this.#contextPath.source}${template}`,
      );
      for (const { member, name, message } of unknownParameters(deployment)) {
        this.#logger.warn({ code: 'MARGAY_PATH_PARAM_UNKNOWN', endpoint: nameOf(type), member, name }, message);
      }
    }
  }

  /**
   * Listens on a server of its own; what is not a WebSocket request gets 426 on an endpoint's path, else 404. [D-31]
   * Rejects with DeploymentException after a failed deployment, IOException `MARGAY_LISTEN` (the cause has node's `code`),
   * IllegalStateException after `close`.
   * @throws IllegalArgumentException `MARGAY_OPTION`
   */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    checkListenOptions(options);
    const port = options.port ?? 8080;
    const limits = {
      handshakeTimeout: this.#options.handshakeTimeout ?? 10_000,
      maxHeaderSize: this.#options.maxHeaderSize ?? 16_384,
      maxHeadersCount: this.#options.maxHeadersCount ?? 100,
    };
    const transport = this.#options.transport ?? engine().listening({ ...options, port }, limits);
    await this.#start(transport, 'listen', (cause) => listenFailed(port, options.host, cause));
    const { host, port: bound } = transport.address ?? { host: '', port: 0 };
    return { host, port: bound, url: this.url };
  }

  /**
   * Serves upgrade requests of a server of yours; its other paths and upgrade listeners keep working. [CON-9]
   * Resolves with a function that takes our listener off again; connections that are there stay.
   */
  async attach(server: HttpServer | HttpsServer): Promise<() => void> {
    if (typeof (server as HttpServer | undefined)?.on !== 'function') {
      throw new IllegalArgumentException('attach(server): server is no http or https server; pass what http.createServer returned');
    }
    const transport = engine().attached(server);
    await this.#start(transport, 'attach', (cause) => cause);
    return () => {
      transport.withdraw?.();
      this.#transports.delete(transport); // its connections are the roster's to end
    };
  }

  /**
   * Refuses new connections with 503, closes every session with 1001, gives running callbacks and every @OnClose
   * `shutdownTimeout` ms in all and the peers at most 1 s more; then the sockets go. Idempotent, never rejects. [D-32]
   */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** The http or https URL with the context path, without a slash at the end; "" before it listens. */
  get url(): string {
    for (const { address } of this.#transports) if (address != null) return urlOf(address, this.#contextPath.source);
    return '';
  }

  get endpoints(): readonly DeployedEndpoint[] {
    return Object.freeze(
      this.#deployments.list.map(({ template, type, kind }) => Object.freeze({ path: template.source, endpointClass: type, kind })),
    );
  }

  getDefaultAsyncSendTimeout(): number {
    return this.#defaults.asyncSendTimeout;
  }

  setAsyncSendTimeout(ms: number): void {
    this.#setDefault('asyncSendTimeout', 'setAsyncSendTimeout', ms);
  }

  getDefaultMaxSessionIdleTimeout(): number {
    return this.#defaults.maxIdleTimeout;
  }

  setDefaultMaxSessionIdleTimeout(ms: number): void {
    this.#setDefault('maxIdleTimeout', 'setDefaultMaxSessionIdleTimeout', ms);
  }

  getDefaultMaxTextMessageBufferSize(): number {
    return this.#defaults.maxTextMessageBufferSize;
  }

  setDefaultMaxTextMessageBufferSize(bytes: number): void {
    this.#setDefault('maxTextMessageBufferSize', 'setDefaultMaxTextMessageBufferSize', bytes);
  }

  getDefaultMaxBinaryMessageBufferSize(): number {
    return this.#defaults.maxBinaryMessageBufferSize;
  }

  setDefaultMaxBinaryMessageBufferSize(bytes: number): void {
    this.#setDefault('maxBinaryMessageBufferSize', 'setDefaultMaxBinaryMessageBufferSize', bytes);
  }

  getInstalledExtensions(): ReadonlySet<Extension> {
    const { perMessageDeflate } = new EndpointOptions(this.#options, this.#defaults, {}).handshake;
    return new ReadOnlySet(installedExtensions(perMessageDeflate));
  }

  #setDefault(key: keyof Defaults, member: string, value: number): void {
    const isSize = key === 'maxTextMessageBufferSize' || key === 'maxBinaryMessageBufferSize';
    const fits = typeof value === 'number' && !Number.isNaN(value) && (!isSize || (Number.isInteger(value) && value >= 0));
    if (!fits) throw new IllegalArgumentException(`${member}(${isSize ? 'bytes' : 'ms'}): it is ${String(value)}`);
    this.#defaults[key] = value;
  }

  /** The first start seals the deployment. [D-30] */
  async #start(transport: Transport, member: string, wrapped: (cause: unknown) => unknown): Promise<void> {
    this.#mustBeOpen(member);
    this.#deployments.start();
    this.#transports.add(transport);
    try {
      await transport.start(this.#gate);
    } catch (cause) {
      this.#transports.delete(transport);
      this.#mustBeOpen(member); // closed meanwhile
      throw wrapped(cause);
    }
    if (this.#closing === null) return;
    await transport.stop(); // closed meanwhile
    this.#mustBeOpen(member);
  }

  /** Rows 1 and 2 of the handshake; whoever gets further is answered by it. [HS-1] */
  #offer(offer: Offer): boolean {
    const isWebSocket = offer.method === 'GET' && hasToken(offer.headers.get('upgrade') ?? [], 'websocket');
    if (!isWebSocket && offer.shared) return false;
    const parsed = RequestPath.parse(offer.target);
    if ('refusal' in parsed) return isWebSocket && refuse(offer, badTarget(parsed.refusal));
    const path = this.#contextPath.strip(parsed);
    const found = path === null ? null : this.#deployments.find(path);
    if (path === null || found === null) return false;
    if (!isWebSocket) return refuse(offer, upgradeRequired);
    if (this.#closing !== null) return refuse(offer, draining);
    const caller = this.#proxies.callerOf(offer.peer.address, offer.secure, offer.headers);
    const route = { deployment: found.value, path: parsed, pathParameters: found.parameters, caller };
    void new Handshake(offer, route, this.#host).run();
    return true;
  }

  async #drain(): Promise<void> {
    const timeout = this.#options.shutdownTimeout ?? 10_000;
    const until = performance.now() + timeout;
    for (const connection of this.#roster.live) connection.shutdown();
    await this.#roster.until('ended', timeout);
    for (const connection of this.#roster.running) connection.abandon();
    await this.#roster.until('closed', Math.min(1000, Math.max(0, until + 1000 - performance.now())));
    for (const connection of this.#roster.live) connection.terminate();
    await Promise.all([...this.#transports].map((transport) => transport.stop()));
    this.#transports.clear();
  }

  #mustBeOpen(member: string): void {
    if (this.#closing !== null) throw new IllegalStateException(`${member}() after close(); make a new container`);
  }

  #firstRefusalOf(origin: string): boolean {
    const known = origin.slice(0, LONGEST_ORIGIN);
    if (this.#refusedOrigins.has(known)) return false;
    if (this.#refusedOrigins.size >= ORIGINS_REMEMBERED) this.#refusedOrigins.clear();
    this.#refusedOrigins.add(known);
    return true;
  }
}

function refuse(offer: Offer, { status, headers, body }: RefusedHandshake): true {
  offer.decline(status, headers, body);
  return true;
}

function listenFailed(port: number, host: string | undefined, cause: unknown): IOException {
  const { code, message } = cause as { code?: string; message?: string };
  const where = `port ${port}${host === undefined ? '' : ` of ${host}`}`;
  const why = code === 'EADDRINUSE' ? 'is in use; pass another port, or 0' : `cannot be listened on: ${code ?? message}`;
  return new IOException(`${where} ${why}`, cause, 'MARGAY_LISTEN');
}
