/** The container: deploys endpoints, and is the gate that every upgrade request comes to. */
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { DeploymentException, IllegalArgumentException, IllegalStateException } from '../api/exceptions.js';
import type { Extension } from '../api/extension.js';
import type { Logger } from '../api/logger.js';
import { ReadOnlySet } from '../api/read-only-set.js';
import type { ServerEndpointConfig } from '../api/server-endpoint-config.js';
import type { Session } from '../api/session.js';
import type { Class } from '../api/tokens.js';
import type { Transport } from '../transport/spi.js';
import { Connector } from './client/connector.js';
import { ownReach } from './client/http/own-reach.js';
import { Connecting } from './connecting.js';
import { ContextMember } from './contexts.js';
import { announce } from './deployment/announcement.js';
import type { Platform } from './deployment/configuration.js';
import { type DeployedEndpoint, deployedEndpoint } from './deployment/deployed-endpoint.js';
import type { Deployment } from './deployment/deployment.js';
import { Deployments } from './deployment/deployments.js';
import type { Findings } from './deployment/findings.js';
import { OpenSessions, publish } from './deployment/open-sessions.js';
import { Capacity } from './handshake/capacity.js';
import { platformConfigurator } from './handshake/configurator.js';
import { handshakeHost } from './handshake/handshake-host.js';
import { ManualUpgrades, type PathParameters } from './handshake/manual-upgrade.js';
import { Reception } from './handshake/reception.js';
import { listenFailed } from './listen-failed.js';
import type { Listening } from './listening.js';
import { installedExtensions } from './negotiation/extensions.js';
import { consoleLogger, quiet } from './options/console-logger.js';
import { type ContainerLimits, containerLimits } from './options/container-limits.js';
import { engine } from './options/engine.js';
import {
  type ContainerOptions,
  checkContainerOptions,
  checkListenOptions,
  checkScanOptions,
  type ListenOptions,
} from './options/options.js';
import type { ScanOptions } from './options/scan-options.js';
import { Defaults } from './options/session-settings.js';
import { EndpointOptions } from './options/settings.js';
import { Roster } from './roster.js';
import { scan } from './scan/scan.js';
import type { ScanResult } from './scan/scan-result.js';
import { PlainOffer } from './servlets/plain-offer.js';
import { Servlets } from './servlets/servlets.js';
import { shutdown } from './shutdown.js';
import { type ContainerStatistics, Tally } from './tally.js';
import { ContextPath } from './web/context-path.js';
import { TrustedProxies } from './web/proxy.js';
import { urlOf } from './web/url.js';

/** A server for annotated endpoints: `addEndpoint`, then `listen` or `attach`, at last `close`. */
export class ServerContainer extends Connecting {
  readonly #options: ContainerOptions;
  readonly #limits: ContainerLimits;
  readonly #deployments: Deployments;
  readonly #contextPath: ContextPath;
  readonly #tally = new Tally();
  readonly #roster: Roster;
  readonly #logger: Logger;
  readonly #platform: Platform;
  readonly #reception: Reception;
  readonly #context: ContextMember;
  readonly #transports = new Set<Transport>();
  readonly #manual: ManualUpgrades;
  readonly #servlets: Servlets;
  readonly #connector: Connector;
  #closing: Promise<void> | null = null;

  /** @throws IllegalArgumentException `MARGAY_OPTION` for an unknown option or a value it cannot have */
  constructor(options: ContainerOptions = {}) {
    checkContainerOptions(options);
    const defaults = new Defaults(options);
    super(defaults);
    this.#options = { ...options };
    this.#limits = containerLimits(options);
    this.#logger = quiet(options.logger ?? consoleLogger);
    this.#roster = new Roster(this.#tally, this.#logger, options.onSlowPeer);
    this.#contextPath = new ContextPath(options.contextPath ?? '');
    const manager = options.instanceManager ?? null;
    const sessions = new OpenSessions();
    this.#platform = { options: this.#options, defaults, configurator: platformConfigurator, sessions, manager };
    this.#deployments = new Deployments(this.#platform);
    this.#context = new ContextMember(this, this.#contextPath.source);
    const own = { container: this, logger: this.#logger, owner: this.#roster };
    this.#connector = new Connector({
      ...own,
      manager,
      defaults,
      options,
      extensions: options.extensions ?? [],
      reach: ownReach(options.transport),
    });
    const host = handshakeHost({
      ...own,
      options: this.#options,
      refused: (status) => this.#tally.refused(status),
      capacity: new Capacity(this.#limits),
      isDraining: () => this.#closing !== null,
    });
    const contextPath = this.#contextPath;
    const proxies = new TrustedProxies(options.trustProxy ?? false);
    this.#servlets = new Servlets(options.servlets ?? [], { host, contextPath, proxies, platform: this.#platform, context: this.#context });
    this.#reception = new Reception({ deployments: this.#deployments, contextPath, proxies, host, others: this.#servlets });
    this.#manual = new ManualUpgrades(this.#reception, this.#platform, this.#logger);
    publish(this, sessions);
  }

  /**
   * Deploys an annotated class, or a configuration that names one; at any time, while connections are served too. [DEP-1]
   * Before the first `listen` or `attach` a failure ends the whole deployment; a later one leaves the rest running. [DEP-2]
   * Rejects with DeploymentException: every problem of the class; with IllegalStateException after `close`. A promise that
   * nobody awaits raises nothing: `listen` and `attach` reject with the same exception, and a later failure is logged.
   */
  addEndpoint(endpoint: Class | ServerEndpointConfig): Promise<void> {
    return this.#heard('addEndpoint', this.addEndpoints([endpoint]));
  }

  /**
   * Deploys what modules export, as `docs/scanning.md` says: annotated classes, or what their ServerApplicationConfig returns; then
   * runs the initializers. One call is one archive. [DEP-4, DEP-5, DEP-11] Await it before `listen` or `attach`.
   * Rejects as `addEndpoint` does, with every problem of every class; with IllegalArgumentException `MARGAY_OPTION`.
   */
  scan(options: ScanOptions): Promise<ScanResult> {
    return this.#heard('scan', this.scanWith([], options));
  }

  /** @internal Deploys all or none, and collects the problems of all. */
  async addEndpoints(endpoints: readonly unknown[]): Promise<void> {
    this.#deploy('addEndpoint', endpoints);
  }

  /** @internal The same for endpoints that were submitted, and those of a scan. */
  async scanWith(submitted: readonly unknown[], options: ScanOptions): Promise<ScanResult> {
    this.#mustBeOpen('scan');
    checkScanOptions(options);
    const context = { container: this, contextPath: this.#contextPath.source, attributes: this.attributes };
    return scan(options, { deployments: this.#deployments, context, deploy: (found) => this.#deploy('scan', submitted, found) });
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
    const transport = this.#options.transport ?? engine().listening({ ...options, port }, this.#limits);
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
    await this.#context.joinFor(server, () => this.#start(transport, 'attach', (cause) => cause));
    return () => {
      transport.withdraw?.();
      this.#transports.delete(transport); // its connections are the roster's to end
      if (this.#context.isAt(server)) this.#context.leave();
    };
  }

  /** @internal Serves through a transport of the caller's, whose errors say what is wrong. */
  async through(transport: Transport): Promise<void> {
    await this.#start(transport, 'serve', (cause) => cause, false); // untested: by this process; test/spec/workers runs it in others
  }

  /**
   * Runs the handshake of a request that an upgrade listener of yours has received, for an endpoint that need not be deployed;
   * the request's path is not looked at, `pathParameters` become the session's. Resolves once the session is open. [DEP-8]
   * Rejects with IllegalStateException `MARGAY_HANDSHAKE_INVALID` when the handshake was refused (the answer has been written),
   * DeploymentException when the configuration cannot be deployed (the answer is a 500), IOException when the peer has left.
   * A promise that nobody awaits raises nothing: what a stranger sends ends no process. [REL-1]
   * @throws IllegalArgumentException `MARGAY_ARGUMENT`
   */
  upgradeHttpToWebSocket(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    config: ServerEndpointConfig,
    pathParameters: PathParameters,
  ): Promise<void> {
    return this.#manual.upgrade({ request, socket, head }, config, pathParameters);
  }

  /**
   * For a container that is attached to a server of yours: call it from your request listener, before anything that reads bodies.
   * True: one of the container's servlets answers; false: the request is not for one. [TC7-9]
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#reception.plain(new PlainOffer(request, response));
  }

  /**
   * Refuses new connections and undecided handshakes with 503, closes every session with 1001, gives running callbacks and every @OnClose
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

  /**
   * Whatever belongs to the application; containers of one `contextPath` attached to one server share it, from the moment they
   * are attached. Has the container under `jakarta.websocket.server.ServerContainer`. [CON-8]
   */
  get attributes(): Map<string, unknown> {
    return this.#context.attributes;
  }

  get endpoints(): readonly DeployedEndpoint[] {
    return Object.freeze(this.#deployments.list.map((deployment) => deployedEndpoint(deployment, this.#deployments.isScanned(deployment))));
  }

  /** Counts of all sessions there are and were, read now. [EXT-15] */
  statistics(): ContainerStatistics {
    return this.#tally.read(this.#roster.live);
  }

  /** @internal */
  connecting(args: readonly unknown[]): Promise<Session> {
    this.#mustBeOpen('connectToServer');
    return this.#connector.connect(args);
  }

  getInstalledExtensions(): ReadonlySet<Extension> {
    return new ReadOnlySet(installedExtensions(new EndpointOptions(this.#options, this.#platform.defaults, {}).handshake));
  }

  async #drain(): Promise<void> {
    const transports = [...this.#transports, ...this.#manual.pending];
    const { shutdownTimeout } = this.#limits;
    this.#reception.drain();
    this.#connector.close();
    await shutdown(this.#roster, transports, { timeout: shutdownTimeout, idle: this.#servlets.idle(shutdownTimeout) }, this.#logger);
    await this.#servlets.end();
    this.#transports.clear();
    this.#context.leave();
  }

  #deploy(member: string, submitted: readonly unknown[], found?: Findings): readonly Deployment[] {
    this.#mustBeOpen(member);
    const deployed = this.#deployments.add(submitted, found);
    announce(deployed, this.#contextPath.source, this.#logger);
    return deployed;
  }

  /** A failure that nobody awaits is told when the container starts; or logged, where that will not tell it. */
  #heard<T>(member: string, deploying: Promise<T>): Promise<T> {
    deploying.catch((err: Error & { code: string }) => {
      const isTold = this.#transports.size === 0 && this.#closing === null && err instanceof DeploymentException;
      if (isTold) return;
      this.#logger.error({ code: err.code, err }, `${member} failed: ${err.message}`);
    });
    return deploying;
  }

  /** The first start seals the deployment. [D-30] */
  async #start(transport: Transport, member: string, wrapped: (cause: unknown) => unknown, servesItself = true): Promise<void> {
    this.#mustBeOpen(member);
    this.#deployments.start();
    if (servesItself && !this.#servlets.areNone) await this.#servlets.begin();
    this.#transports.add(transport);
    try {
      await transport.start(this.#reception);
    } catch (cause) {
      this.#transports.delete(transport);
      this.#mustBeOpen(member); // closed meanwhile
      throw wrapped(cause);
    }
    if (this.#closing === null) return;
    await transport.stop(); // closed meanwhile
    this.#mustBeOpen(member);
  }

  #mustBeOpen(member: string): void {
    if (this.#closing !== null) throw new IllegalStateException(`${member}() after close(); make a new container`);
  }
}
