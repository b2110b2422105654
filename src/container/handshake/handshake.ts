/** One upgrade request from its first check to its answer, in the ledger's order. [HS-1, HS-10] */

import type { WebSocketContainer } from '../../api/container.js';
import type { InstanceManager } from '../../api/instance-manager.js';
import type { Logger } from '../../api/logger.js';
import { Connection } from '../../runtime/connection.js';
import type { Opening, Owner, Registry } from '../../runtime/plan.js';
import { followed, isThenable, settled } from '../../runtime/thenable.js';
import { after, type Timer } from '../../runtime/timer.js';
import type { Handled, Offer, Transformation } from '../../transport/spi.js';
import { Instances, NOTHING } from '../deployment/instances.js';
import { extensionOf } from '../negotiation/extension.js';
import { installedExtensions, type Negotiated, negotiate, PLAIN } from '../negotiation/extensions.js';
import { release } from '../negotiation/transformations.js';
import type { Access } from '../options/settings.js';
import { extensionsOf, listOf } from '../web/header-grammar.js';
import { HeaderMap } from '../web/header-map.js';
import { answerHeaders } from './answer-headers.js';
import { roleObjection, transportObjection } from './authorisation.js';
import type { Capacity } from './capacity.js';
import { ConnectionConfig } from './connection-config.js';
import { HandshakeLog } from './handshake-log.js';
import { Hooks } from './hooks.js';
import { Identity, type IdentityHooks } from './identity.js';
import { IdentityBond } from './identity-bond.js';
import { badExtensions, draining, hookFailed, hookTimeout, originRefused, type RefusedHandshake, rsvClash } from './refusals.js';
import { requestUri } from './request-uri.js';
import type { Route } from './route.js';
import { httpObjection, upgradeObjection } from './upgrade-checks.js';
import { UpgradeRequest } from './upgrade-request.js';

/** Whose handshake it is. */
export interface Host {
  readonly container: WebSocketContainer;
  readonly logger: Logger;
  readonly owner: Owner;
  readonly manager: InstanceManager | null;
  readonly identity: IdentityHooks;
  /** New connections are refused. */
  readonly isDraining: boolean;
  readonly capacity: Capacity;
  /** A handshake has been refused. */
  refused(status: number): void;
  /** True the first time an origin is asked about. [D-06] */
  firstRefusalOf(origin: string): boolean;
}

/** How a handshake ended: with a session, a refusal, or without the peer. */
export type Outcome =
  | { readonly kind: 'opened' }
  | { readonly kind: 'left' }
  | { readonly kind: 'refused'; readonly refusal: RefusedHandshake };

/** What has been made for the connection. */
interface Made {
  readonly subprotocol: string;
  readonly endpoint: object;
  readonly config: ConnectionConfig;
  readonly instances: Instances;
}

export class Handshake {
  readonly #offer: Offer;
  readonly #route: Route;
  readonly #host: Host;
  /** ws or wss, host, port and path; null if Host names none. [SES-9] */
  readonly #uri: string | null;
  readonly #identity: Identity;
  readonly #log: HandshakeLog;
  readonly #told: (outcome: Outcome) => void;
  /** It has been answered, or the peer has left. */
  #over = false;
  /** A connection has what was made for it, and lets it go. */
  #taken = false;
  /** Extensions that no channel has taken over yet. */
  #built: readonly Transformation[] = [];
  /** What is being made for the connection. */
  #instances: Instances | null = null;
  /** Bounds all hooks together. [REL-2] */
  #timer: Timer | undefined;

  /** `told` hears once how it ended. */
  constructor(offer: Offer, route: Route, host: Host, told: (outcome: Outcome) => void = () => {}) {
    this.#offer = offer;
    this.#route = route;
    this.#host = host;
    this.#uri = requestUri(route);
    this.#identity = route.identity ?? new Identity(host.identity, offer.request);
    this.#log = new HandshakeLog(host.logger, route);
    this.#told = told;
  }

  get #access(): Access {
    return this.#route.deployment.options.handshake.access;
  }

  /** It is answered, or will never be. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Answers the offer: at once, if no hook takes its time. Never throws. */
  run(): void {
    const refusal = httpObjection(this.#offer, this.#uri) ?? transportObjection(this.#access, this.#route.caller.secure);
    if (refusal !== null) return this.#refuse(refusal);
    try {
      const pending = this.#admit();
      if (isThenable(pending)) this.#await(pending);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  /** A hook takes its time: so may the peer lose patience, and we do. */
  #await(pending: PromiseLike<unknown>): void {
    void settled(pending, (thrown) => this.#failed(thrown));
    if (this.#over) return;
    this.#offer.onAborted(() => {
      if (!this.#over) this.#giveUp({ kind: 'left' });
    });
    this.#timer = after(this.#route.deployment.options.handshake.hookTimeout, () => this.#refuse(hookTimeout));
  }

  #failed(thrown: unknown): void {
    this.#log.failure(thrown);
    this.#refuse(hookFailed);
    this.#letGo();
  }

  /** Rows 3 to 6, the HTTP session, and the rest. */
  #admit(): Handled<void> {
    return followed(this.#identity.authenticate(), () => {
      if (this.#over) return;
      const refusal = roleObjection(this.#access, this.#identity) ?? upgradeObjection(this.#offer, this.#route.deployment.takesAnyKey);
      if (refusal !== null) return this.#refuse(refusal);
      return followed(this.#identity.findSession(), () => (this.#over ? undefined : this.#askOrigin()));
    });
  }

  #askOrigin(): Handled<void> {
    const { deployment, path, pathParameters, caller } = this.#route;
    const { allowedOrigins } = deployment.options.handshake;
    const uri = this.#uri as string;
    const basis = { offer: this.#offer, caller, identity: this.#identity, uri, queryString: path.query, pathParameters, allowedOrigins };
    const hooks = new Hooks(deployment.config.getConfigurator(), new UpgradeRequest(basis));

    // several lines are one value that matches nobody: which of them a proxy or a hook would go by cannot be known [D-06]
    const origin = this.#offer.headers.get('origin')?.join(', ') ?? null;
    return followed(hooks.isAllowed(origin), (isAllowed) => {
      if (this.#over) return;
      return isAllowed ? this.#negotiate(hooks) : this.#refuseOrigin(origin);
    });
  }

  #negotiate(hooks: Hooks): Handled<void> {
    const { config: shared, options } = this.#route.deployment;
    const requested = listOf(this.#offer.headers.get('sec-websocket-protocol') ?? []);
    const subprotocol = hooks.subprotocol(shared.getSubprotocols(), requested);
    const offered = extensionsOf(this.#offer.headers.get('sec-websocket-extensions') ?? []);
    if ('refusal' in offered) return this.#refuse(badExtensions(offered.refusal));
    const installed = [...shared.getExtensions(), ...installedExtensions(options.handshake)];
    const isIdle = installed.length === 0 && hooks.arePlatforms; // nothing can come of what is offered
    const negotiated = isIdle ? PLAIN : negotiate(hooks.extensions(installed, offered.map(extensionOf)), options.handshake);
    if ('clash' in negotiated) return this.#refuseClash(negotiated.clash);
    this.#built = negotiated.transformations;

    const config = new ConnectionConfig(shared);
    const added = new HeaderMap();
    return followed(hooks.modify(config, added), () => {
      if (this.#over) return;
      const make = (instances: Instances, endpoint: object) =>
        this.#prepare({ subprotocol, endpoint, config, instances }, negotiated, added);
      return this.#make(config, hooks, make);
    });
  }

  #make(config: ConnectionConfig, hooks: Hooks, done: (instances: Instances, endpoint: object) => void): Handled<void> {
    const { manager, logger } = this.#host;
    const { template, type } = this.#route.deployment;
    const instances = new Instances({ manager, logger, path: template.source });
    this.#instances = instances;
    return followed(instances.makeCoders(config), () => {
      if (this.#over) return;
      return followed(instances.makeEndpoint(type as new () => object, hooks), (endpoint) => {
        if (!this.#over) done(instances, endpoint);
      });
    });
  }

  #prepare(made: Made, negotiated: Negotiated, added: HeaderMap): void {
    const key = (this.#offer.headers.get('sec-websocket-key')?.[0] ?? '').trim();
    const headers = answerHeaders({ key, subprotocol: made.subprotocol, extensions: negotiated.header }, added, (name) =>
      this.#log.ignored(name),
    );
    this.#accept(headers, negotiated, made);
  }

  #accept(headers: [string, string][], { deflate, extensions, transformations }: Negotiated, made: Made): void {
    if (this.#host.isDraining) return this.#refuse(draining);
    const { deployment, path, pathParameters, caller, place } = this.#route;
    const plan = deployment.planFor(made.endpoint);
    const bond = this.#identity.principal === null ? null : this.#bind(deployment.sessions);
    const opening: Opening = {
      plan,
      endpoint: made.endpoint,
      config: made.config,
      properties: ConnectionConfig.propertiesOf(made.config),
      encoders: made.instances.encoders,
      decoders: made.instances.decoders,
      container: this.#host.container,
      registry: bond ?? deployment.sessions,
      settings: deployment.options.session,
      logger: this.#host.logger,
      owner: this.#host.owner,
      place,
      belongings: made.instances.isEmpty ? NOTHING : made.instances,
      away: null,
      request: {
        uri: this.#uri as string,
        queryString: path.query,
        secure: caller.secure,
        pathParameters,
        subprotocol: made.subprotocol,
        extensions,
        principal: this.#identity.principal,
      },
    };
    this.#built = []; // the engine's from here on
    this.#over = true;
    try {
      this.#offer.accept({ headers, deflate, transformations }, (channel) => {
        const connection = deployment.connect?.(channel, opening) ?? new Connection(channel, opening);
        this.#taken = true;
        return connection;
      });
    } finally {
      // an engine of one's own may fail at it
      if (!this.#taken) bond?.release();
      this.#letGo();
      this.#end({ kind: this.#taken ? 'opened' : 'left' });
    }
  }

  /** Somebody's session may end with who that is. */
  #bind(sessions: Registry): IdentityBond | null {
    return IdentityBond.between(sessions, {
      identity: this.#identity,
      isProtected: this.#access.rolesAllowed !== null,
      onSessionEnd: this.#host.identity.onSessionEnd,
      failed: this.#log.identity,
    });
  }

  /** The container stops: nobody is made to wait for hooks of which nothing can come any more. [REL-16] */
  drain(): void {
    this.#refuse(draining);
  }

  #refuseOrigin(origin: string | null): void {
    if (this.#host.firstRefusalOf(String(origin))) this.#log.origin(origin);
    this.#refuse(originRefused);
  }

  #refuseClash(clash: string): void {
    this.#log.clash(clash);
    this.#refuse(rsvClash(clash));
  }

  #refuse(refusal: RefusedHandshake): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.refused(refusal.status);
    this.#offer.decline(refusal.status, refusal.headers, refusal.body);
    this.#giveUp({ kind: 'refused', refusal });
  }

  /** Nobody waits any more for what is being made: what is there goes now, the rest as it comes. [LIF-3, REL-2] */
  #giveUp(outcome: Outcome): void {
    this.#end(outcome);
    this.#letGo();
  }

  /** What was made, unless a connection has it. */
  #letGo(): void {
    if (!this.#taken) void this.#instances?.release();
  }

  #end(outcome: Outcome): void {
    this.#over = true;
    clearTimeout(this.#timer);
    if (!this.#taken) this.#route.place.free();
    release(this.#built);
    this.#built = [];
    this.#told(outcome);
  }
}
