/** Connects endpoints to servers, for any container. [CON-6, CLI-1] */
import type { ConnectOptions } from '../../api/connect-options.js';
import type { WebSocketContainer } from '../../api/container.js';
import type { InstanceManager } from '../../api/instance-manager.js';
import type { Logger } from '../../api/logger.js';
import { ReadOnlyMap } from '../../api/read-only-map.js';
import type { Session } from '../../api/session.js';
import { nameOf } from '../../api/tokens.js';
import type { Away } from '../../runtime/away.js';
import { Connection } from '../../runtime/connection.js';
import { objectionToStreams } from '../../runtime/no-streams.js';
import type { Opening, Owner } from '../../runtime/plan.js';
import type { ExtensionFactory } from '../../transport/spi.js';
import { Instances } from '../deployment/instances.js';
import { planFor } from '../deployment/mapping.js';
import { badOption, deploymentFailed } from '../deployment/problems.js';
import { objectionsTo } from '../options/checks.js';
import { SESSION_OPTIONS, type SessionOptions } from '../options/session-options.js';
import { type ContainerSessionOptions, type Defaults, SessionSettings } from '../options/session-settings.js';
import { Arrival } from './arrival.js';
import { type Client, Clients } from './client.js';
import { containerClosed, notMade, shown } from './client-problems.js';
import { ClosingSignals } from './closing-signals.js';
import { CompanionsByEndpoint } from './companions.js';
import { argumentsOf } from './connect-arguments.js';
import { checkConnectOptions, resolvedOptions } from './connect-settings.js';
import { unlessAborted } from './giving-up.js';
import { type Reach, type Reached, reach } from './reach.js';
import { Reconnection, reconnectTerms } from './reconnection.js';
import { requestOf, targetOf } from './target.js';

/** Whose connections they are. */
export interface ConnectorHost {
  readonly container: WebSocketContainer;
  readonly owner: Owner;
  readonly logger: Logger;
  readonly manager: InstanceManager | null;
  readonly defaults: Defaults;
  /** What the container says of all its sessions. */
  readonly options: ContainerSessionOptions;
  /** Extensions that can be run beside permessage-deflate. */
  readonly extensions: readonly ExtensionFactory[];
  /** null: the door's. */
  readonly reach: Reach | null;
}

/** One connect, as it was asked for. */
interface Order {
  readonly client: Client;
  readonly uri: URL;
  readonly options: ConnectOptions;
  readonly settings: SessionSettings;
  readonly signal: AbortSignal;
  /** null: nobody comes back. */
  readonly away: Away | null;
}

const NO_PARAMETERS = new ReadOnlyMap<string, string>();
/** Clients are not counted. */
const NO_PLACE = Object.freeze({ free() {} });

/** User properties whose names begin so are options of the sessions. [D-36] */
const PREFIX = 'margay.';

export class Connector {
  readonly #host: ConnectorHost;
  readonly #clients: Clients;
  readonly #companions = new CompanionsByEndpoint();
  readonly #closing = new ClosingSignals();

  constructor(host: ConnectorHost) {
    this.#host = host;
    this.#clients = new Clients({ manager: host.manager });
  }

  /** As `connectToServer` says. @throws IllegalArgumentException `MARGAY_OPTION` */
  connect(args: readonly unknown[]): Promise<Session> {
    const { endpoint, config, uri, options } = argumentsOf(args);
    checkConnectOptions(options);
    return this.#connect(endpoint, config, uri, options);
  }

  /** What is on its way is given up. */
  close(): void {
    this.#closing.close();
  }

  async #connect(endpoint: unknown, config: unknown, uri: unknown, options: ConnectOptions): Promise<Session> {
    const client = config === undefined ? this.#clients.annotated(endpoint) : this.#clients.programmatic(endpoint, config);
    const objection = objectionToStreams(client.mapped.plan);
    if (objection !== null) throw objection;
    const order = this.#order(client, targetOf(uri), options);
    const away = this.#awayOf(order);
    let session: Session | null = null;
    try {
      session = await this.#dial({ ...order, away });
      return session;
    } finally {
      if (session === null || away === null || away.isOver) this.#closing.done(order.signal);
    }
  }

  /** Every further connect is made as the first was. */
  #awayOf(order: Order): Away | null {
    const terms = reconnectTerms(order.options.reconnect);
    if (terms === null) return null;
    const { away } = new Reconnection({
      terms,
      dial: (signal) => this.#dial({ ...order, signal, away }),
      signal: order.signal,
      done: () => this.#closing.done(order.signal),
      logger: this.#host.logger,
      uri: shown(order.uri),
      random: Math.random,
    });
    return away;
  }

  /** @throws DeploymentException for user properties that say what cannot be */
  #order(client: Client, uri: URL, given: ConnectOptions): Order {
    const { defaults, logger } = this.#host;
    const { type } = client.mapped;
    const properties = client.config.getUserProperties();
    const { options, objections } = resolvedOptions(given, properties, logger);
    const named = [...properties].filter(([name]) => name.startsWith(PREFIX)).map(([name, value]) => [name.slice(PREFIX.length), value]);
    const own = Object.fromEntries(named) as SessionOptions;
    const all = [...objections, ...objectionsTo(own, SESSION_OPTIONS)];
    if (all.length > 0) throw deploymentFailed(all.map((objection) => badOption(type, objection)));
    const heartbeat = options.heartbeat ?? own.heartbeat ?? false; // a server that asks, too, would only ask twice [REL-12]
    const settings = new SessionSettings(this.#host.options, defaults, { ...own, heartbeat });
    return { client, uri, options, settings, signal: this.#closing.next(), away: null };
  }

  /** Resolves once @OnOpen has completed. */
  async #dial(order: Order): Promise<Session> {
    const { client, uri, signal } = order;
    const { manager, logger } = this.#host;
    const instances = new Instances({ manager, logger, path: uri.pathname });
    let isTaken = false;
    try {
      if (signal.aborted) throw containerClosed(uri);
      const endpoint = await this.#wanted(order, made(client, instances), () => {});
      const plan = planFor(endpoint, client.mapped);
      const reached = await this.#wanted(order, this.#reach(order), (late) => late.drop());
      const arrival = new Arrival(plan, this.#host.owner);
      const opening = this.#opening(order, endpoint, instances, reached, arrival);
      await reached.accept((channel) => {
        const connection = new Connection(channel, opening);
        isTaken = true;
        arrival.session = connection.session;
        return connection;
      });
      return await arrival.settled;
    } catch (error) {
      throw signal.aborted && !isTaken ? containerClosed(uri) : error; // in the very moment of the 101, for one
    } finally {
      if (!isTaken) void instances.release(); // never rejects; a destroy() that takes its time keeps nobody waiting
    }
  }

  #reach({ client, uri, options, signal }: Order): Promise<Reached> {
    const { extensions, logger } = this.#host;
    return (this.#host.reach ?? reach()).reach({ uri, config: client.config, options, extensions, logger, signal });
  }

  /** What the work gives, unless the container closes meanwhile. */
  async #wanted<T>({ signal, uri }: Order, work: Promise<T>, late: (result: T) => void): Promise<T> {
    try {
      return await unlessAborted(signal, work, late);
    } catch (error) {
      throw signal.aborted ? containerClosed(uri) : error;
    }
  }

  #opening({ client, settings, away }: Order, endpoint: object, instances: Instances, reached: Reached, arrival: Arrival): Opening {
    const { container, logger } = this.#host;
    const properties = client.config.getUserProperties();
    return {
      plan: arrival.plan,
      endpoint,
      config: client.config,
      properties: properties.size === 0 ? null : properties,
      encoders: instances.encoders,
      decoders: instances.decoders,
      container,
      registry: this.#companions.of(endpoint, client.isProgrammatic),
      settings: settings.settings,
      logger,
      owner: arrival,
      place: NO_PLACE,
      isClient: true,
      away,
      belongings: instances,
      request: {
        ...requestOf(reached.uri),
        pathParameters: NO_PARAMETERS,
        subprotocol: reached.subprotocol,
        extensions: reached.extensions,
        principal: null,
      },
    };
  }
}

/** The endpoint and its coders. @throws DeploymentException `MARGAY_CODER`, `MARGAY_CONSTRUCTOR` */
async function made(client: Client, instances: Instances): Promise<object> {
  const { type } = client.mapped;
  try {
    await instances.makeCoders(client.config);
  } catch (cause) {
    throw notMade(type, 'MARGAY_CODER', 'a coder could not be made', cause);
  }
  if (client.given !== null) return client.given;
  try {
    return await instances.makeEndpoint(type as new () => object, { makeInstances: false, instance: (each) => new each() });
  } catch (cause) {
    throw notMade(type, 'MARGAY_CONSTRUCTOR', `${nameOf(type)} could not be made`, cause);
  }
}
