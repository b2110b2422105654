/** One upgrade request from its first check to its answer, in the ledger's order. [HS-1, HS-10] */

import type { WebSocketContainer } from '../api/container.js';
import type { EndpointConfig } from '../api/endpoint-config.js';
import { errorOf, wordsOf } from '../api/exceptions.js';
import type { InstanceManager } from '../api/instance-manager.js';
import type { Logger } from '../api/logger.js';
import { Connection } from '../runtime/connection.js';
import type { Opening, Owner } from '../runtime/plan.js';
import { after, type Timer } from '../runtime/timer.js';
import type { Offer, Transformation } from '../transport/spi.js';
import { answerHeaders } from './answer-headers.js';
import { roleObjection, transportObjection } from './authorisation.js';
import { makesInstances } from './configuration.js';
import { asksOrigin, during, platformConfigurator } from './configurator.js';
import { ConnectionConfig } from './connection-config.js';
import type { Deployment } from './deployment.js';
import { extensionOf, installedExtensions, type Negotiated, negotiate, release } from './extensions.js';
import { extensionsOf, listOf } from './header-grammar.js';
import { HeaderMap } from './header-map.js';
import { extensionsFrom, subprotocolFrom } from './hook-answers.js';
import { Identity, type IdentityHooks } from './identity.js';
import { IdentityBond } from './identity-bond.js';
import { Instances } from './instances.js';
import { parseHost } from './origin.js';
import type { Caller } from './proxy.js';
import { badExtensions, draining, hookFailed, hookTimeout, originRefused, type RefusedHandshake, rsvClash } from './refusals.js';
import type { RequestPath } from './request-path.js';
import type { Access } from './settings.js';
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

/** What the router has found out. */
export interface Route {
  readonly deployment: Deployment;
  readonly path: RequestPath;
  readonly pathParameters: ReadonlyMap<string, string>;
  readonly caller: Caller;
}

/** What has been made for the connection. */
interface Made {
  readonly subprotocol: string;
  readonly uri: string;
  readonly endpoint: object;
  readonly config: EndpointConfig;
  readonly instances: Instances;
}

export class Handshake {
  readonly #offer: Offer;
  readonly #route: Route;
  readonly #host: Host;
  /** ws or wss, host, port and path; null if Host names none. [SES-9] */
  readonly #uri: string | null;
  readonly #identity: Identity;
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
    this.#uri = uriOf(route);
    this.#identity = new Identity(host.identity, offer.request);
    this.#told = told;
  }

  get #access(): Access {
    return this.#route.deployment.options.handshake.access;
  }

  /** Answers the offer, sooner or later. Never rejects. */
  async run(): Promise<void> {
    const refusal = httpObjection(this.#offer, this.#uri) ?? transportObjection(this.#access, this.#route.caller.secure);
    if (refusal !== null) return this.#refuse(refusal);
    this.#offer.onAborted(() => {
      if (!this.#over) this.#giveUp({ kind: 'left' });
    });
    this.#timer = after(this.#route.deployment.options.handshake.hookTimeout, () => this.#refuse(hookTimeout));
    try {
      if (await this.#isAdmitted()) await this.#hooks();
    } catch (thrown) {
      this.#logFailure(thrown);
      this.#refuse(hookFailed);
    }
  }

  /** Rows 3 to 6, and the HTTP session; false: it is over. */
  async #isAdmitted(): Promise<boolean> {
    await this.#identity.authenticate();
    if (this.#over) return false;
    const refusal = roleObjection(this.#access, this.#identity) ?? upgradeObjection(this.#offer);
    if (refusal !== null) this.#refuse(refusal);
    else await this.#identity.findSession();
    return !this.#over;
  }

  async #hooks(): Promise<void> {
    const { deployment, path, pathParameters, caller } = this.#route;
    const { config: shared, options, type } = deployment;
    const { allowedOrigins } = options.handshake;
    const configurator = shared.getConfigurator();
    const uri = this.#uri as string;
    const basis = { offer: this.#offer, caller, identity: this.#identity, uri, queryString: path.query, pathParameters, allowedOrigins };
    const request = new UpgradeRequest(basis);

    // several lines are one value that matches nobody: which of them a proxy or a hook would go by cannot be known [D-06]
    const origin = this.#offer.headers.get('origin')?.join(', ') ?? null;
    const isAllowed = await during(request, () => configurator.checkOrigin(origin, request));
    if (this.#over) return;
    if (!isAllowed) return this.#refuseOrigin(origin);

    const requested = listOf(this.#offer.headers.get('sec-websocket-protocol') ?? []);
    const spoken = during(request, () => configurator.getNegotiatedSubprotocol(shared.getSubprotocols(), requested));
    const subprotocol = subprotocolFrom(spoken, requested);
    const offered = extensionsOf(this.#offer.headers.get('sec-websocket-extensions') ?? []);
    if ('refusal' in offered) return this.#refuse(badExtensions(offered.refusal));
    const installed = [...shared.getExtensions(), ...installedExtensions(options.handshake)];
    const chosen = during(request, () => configurator.getNegotiatedExtensions(installed, offered.map(extensionOf)));
    const negotiated = negotiate(extensionsFrom(chosen), options.handshake);
    if ('clash' in negotiated) return this.#refuseClash(negotiated.clash);
    this.#built = negotiated.transformations;

    const config = new ConnectionConfig(shared);
    const added = new HeaderMap();
    await during(request, () => configurator.modifyHandshake(config, request, { getHeaders: () => added }));
    if (this.#over) return;
    const { manager, logger } = this.#host;
    const instances = new Instances({ manager, logger, path: deployment.template.source });
    this.#instances = instances;
    try {
      await instances.makeCoders(config);
      if (this.#over) return;
      const byHook = makesInstances(configurator, { configurator: platformConfigurator });
      const hook = () => during(request, () => configurator.getEndpointInstance(type as new () => object));
      const endpoint = await instances.makeEndpoint(type as new () => object, byHook, hook);
      if (!this.#over) this.#prepare({ subprotocol, uri, endpoint, config, instances }, negotiated, added);
    } finally {
      if (!this.#taken) void instances.release(); // something failed, or the peer has just left
    }
  }

  #prepare(made: Made, negotiated: Negotiated, added: HeaderMap): void {
    const key = (this.#offer.headers.get('sec-websocket-key')?.[0] ?? '').trim();
    const headers = answerHeaders({ key, subprotocol: made.subprotocol, extensions: negotiated.header }, added, (name) =>
      this.#logIgnored(name),
    );
    this.#accept(headers, negotiated, made);
  }

  #accept(headers: [string, string][], { deflate, extensions, transformations }: Negotiated, made: Made): void {
    if (this.#host.isDraining) return this.#refuse(draining);
    const { deployment, path, pathParameters, caller } = this.#route;
    const plan = deployment.planFor(made.endpoint);
    const bond = IdentityBond.between(deployment.sessions, {
      identity: this.#identity,
      isProtected: this.#access.rolesAllowed !== null,
      onSessionEnd: this.#host.identity.onSessionEnd,
      failed: (error) => this.#logFailure(error),
    });
    const opening: Opening = {
      plan,
      endpoint: made.endpoint,
      config: made.config,
      encoders: made.instances.encoders,
      decoders: made.instances.decoders,
      container: this.#host.container,
      registry: bond ?? deployment.sessions,
      settings: deployment.options.session,
      logger: this.#host.logger,
      owner: this.#host.owner,
      release: () => made.instances.release(),
      request: {
        uri: made.uri,
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
    this.#offer.accept({ headers, deflate, transformations }, (channel) => {
      const connection = new Connection(channel, opening);
      this.#taken = true;
      return connection;
    });
    if (!this.#taken) bond?.release();
    this.#end({ kind: this.#taken ? 'opened' : 'left' });
  }

  #refuseOrigin(origin: string | null): void {
    const { deployment, caller, path } = this.#route;
    const host = caller.host ?? '';
    if (this.#host.firstRefusalOf(String(origin))) {
      const who = origin === null ? 'a client that names no origin' : `a page of ${origin}`;
      const decides = asksOrigin(deployment.config.getConfigurator());
      const cure = decides ? `${deployment.plan.name}'s configurator decides that in checkOrigin` : 'list its origin in allowedOrigins';
      this.#host.logger.warn(
        { code: 'MARGAY_ORIGIN', origin, host, path: path.canonical },
        `${who} was refused at ${host}; if it may connect, ${cure}`,
      );
    }
    this.#refuse(originRefused);
  }

  #refuseClash(clash: string): void {
    const { deployment, path } = this.#route;
    const fields = { code: 'MARGAY_RSV_CLASH', endpoint: deployment.plan.name, path: path.canonical };
    this.#host.logger.error(fields, `${clash} Let getNegotiatedExtensions choose one of them`);
    this.#refuse(rsvClash(clash));
  }

  #logIgnored(name: string): void {
    const endpoint = this.#route.deployment.plan.name;
    this.#host.logger.warn(
      { code: 'MARGAY_HEADER_IGNORED', endpoint, name },
      `${endpoint}: modifyHandshake set ${name}, which is the container's to write; it is ignored`,
    );
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
    void this.#instances?.release();
  }

  #end(outcome: Outcome): void {
    this.#over = true;
    clearTimeout(this.#timer);
    release(this.#built);
    this.#built = [];
    this.#told(outcome);
  }

  #logFailure(thrown: unknown): void {
    const { plan } = this.#route.deployment;
    const err = errorOf(thrown);
    this.#host.logger.error(
      { code: 'MARGAY_HOOK_FAILED', endpoint: plan.name, path: this.#route.path.canonical, err },
      `${plan.name} could not be prepared for a connection: ${wordsOf(err)}`,
    );
  }
}

function uriOf({ caller, path }: Route): string | null {
  const host = caller.host === null ? null : parseHost(caller.host);
  if (host === null) return null;
  const port = host.port === null ? '' : `:${host.port}`;
  const uri = `${caller.secure ? 'wss' : 'ws'}://${host.host}${port}${path.canonical}`;
  return URL.canParse(uri) ? new URL(uri).href : null;
}
