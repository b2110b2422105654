/** Where every upgrade request comes to: is it for us, and who answers it. Rows 1 and 2. [HS-1] */
import type { Gate, Offer } from '../../transport/spi.js';
import type { Deployments } from '../deployment/deployments.js';
import type { ContextPath } from '../web/context-path.js';
import { hasToken } from '../web/header-grammar.js';
import { DirectCaller, type TrustedProxies } from '../web/proxy.js';
import { RequestPath } from '../web/request-path.js';
import { UNCOUNTED } from './capacity.js';
import { Handshake, type Host, type Outcome } from './handshake.js';
import type { Identity } from './identity.js';
import { badHttp, badTarget, draining, full, type RefusedHandshake, upgradeRequired } from './refusals.js';
import type { Route, Target } from './route.js';

/** Who else may answer a request, and make a connection of it: the servlets. [TC7-8] */
export interface Others {
  /** `path` is below the context path. False: it is for none of them. */
  take(offer: Offer, path: RequestPath, entrance: Entrance): boolean;
}

/** The way into a connection for who has taken a request. */
export interface Entrance {
  /** `told` hears once how it ended. */
  admit(offer: Offer, chosen: Chosen, told: (outcome: Outcome) => void): void;
}

/** What somebody else has chosen for a request, whatever its path. */
export interface Chosen {
  readonly deployment: Target;
  readonly pathParameters: ReadonlyMap<string, string>;
  /** Who asks, where that has been looked at before. */
  readonly identity?: Identity | undefined;
}

/** Whose reception it is. */
export interface House {
  readonly deployments: Deployments;
  readonly contextPath: ContextPath;
  readonly proxies: TrustedProxies;
  readonly host: Host;
  readonly others: Others;
}

/** A request for an endpoint. */
type Arrival = Omit<Route, 'caller' | 'place'> & { readonly offer: Offer };

export class Reception implements Gate, Entrance {
  readonly #house: House;
  readonly #undecided = new Set<Handshake>();

  constructor(house: House) {
    this.#house = house;
  }

  offer(offer: Offer): boolean {
    const isWebSocket = asksForWebSocket(offer);
    if (!isWebSocket && offer.shared) return false;
    const parsed = RequestPath.parse(offer.target);
    if ('refusal' in parsed) return isWebSocket && this.#refuse(offer, badTarget(parsed.refusal));
    const { contextPath, deployments, host, others } = this.#house;
    const path = contextPath.strip(parsed);
    if (path === null) return false;
    const found = deployments.find(path);
    if ((found === null || !isWebSocket) && others.take(offer, path, this)) return true; // at one path an endpoint has the upgrades
    if (found === null) return false;
    if (!isWebSocket) return this.#refuse(offer, upgradeRequired);
    if (host.isDraining) return this.#refuse(offer, draining);
    const refusal = this.#begin({ offer, deployment: found.value, path: parsed, pathParameters: found.parameters });
    return refusal === null || this.#refuse(offer, refusal);
  }

  /** A plain request on a server of the application's. False: it is nobody's here. [TC7-9] */
  plain(offer: Offer): boolean {
    const parsed = RequestPath.parse(offer.target);
    const path = 'refusal' in parsed ? null : this.#house.contextPath.strip(parsed);
    return path !== null && this.#house.others.take(offer, path, this);
  }

  /** An endpoint that a front controller has chosen, or a servlet. [DEP-8, TC7-1] */
  admit(offer: Offer, chosen: Chosen, told: (outcome: Outcome) => void): void {
    const path = RequestPath.parse(offer.target);
    const refusal = !asksForWebSocket(offer)
      ? badHttp('Only WebSocket can be upgraded to, and only by GET.')
      : 'refusal' in path
        ? badTarget(path.refusal)
        : this.#house.host.isDraining
          ? draining
          : this.#begin({ ...chosen, offer, path }, told);
    if (refusal === null) return;
    this.#refuse(offer, refusal);
    told({ kind: 'refused', refusal });
  }

  /** Refuses what is not decided yet. From now on the host is draining. [REL-16] */
  drain(): void {
    for (const handshake of [...this.#undecided]) handshake.drain();
  }

  /** Counted before anybody is asked about the request: whom there is no room for should cost nothing. [REL-16] */
  #begin({ offer, ...arrival }: Arrival, told?: (outcome: Outcome) => void): RefusedHandshake | null {
    const { proxies, host } = this.#house;
    const caller = proxies.areNone ? new DirectCaller(offer) : proxies.callerOf(offer.peer.address, offer.secure, offer.headers);
    const place = host.capacity.isLimited ? host.capacity.take(caller.remoteAddress) : UNCOUNTED;
    if (place === null) return full;
    const handshake = new Handshake(offer, { ...arrival, caller, place }, host, (outcome) => {
      this.#undecided.delete(handshake);
      told?.(outcome);
    });
    handshake.run();
    if (!handshake.isOver) this.#undecided.add(handshake); // a hook takes its time
    return null;
  }

  #refuse(offer: Offer, { status, headers, body }: RefusedHandshake): true {
    this.#house.host.refused(status);
    offer.decline(status, headers, body);
    return true;
  }
}

function asksForWebSocket({ method, headers }: Offer): boolean {
  return method === 'GET' && hasToken(headers.get('upgrade') ?? [], 'websocket');
}
