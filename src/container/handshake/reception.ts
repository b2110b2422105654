/** Where every upgrade request comes to: is it for us, and who answers it. Rows 1 and 2. [HS-1] */
import type { Gate, Offer } from '../../transport/spi.js';
import type { Deployment } from '../deployment/deployment.js';
import type { Deployments } from '../deployment/deployments.js';
import type { ContextPath } from '../web/context-path.js';
import { hasToken } from '../web/header-grammar.js';
import { DirectCaller, type TrustedProxies } from '../web/proxy.js';
import { RequestPath } from '../web/request-path.js';
import { UNCOUNTED } from './capacity.js';
import { Handshake, type Host, type Outcome } from './handshake.js';
import { badHttp, badTarget, draining, full, type RefusedHandshake, upgradeRequired } from './refusals.js';
import type { Route } from './route.js';

/** Whose reception it is. */
export interface House {
  readonly deployments: Deployments;
  readonly contextPath: ContextPath;
  readonly proxies: TrustedProxies;
  readonly host: Host;
}

/** A request for an endpoint. */
type Arrival = Omit<Route, 'caller' | 'place'> & { readonly offer: Offer };

export class Reception implements Gate {
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
    const { contextPath, deployments, host } = this.#house;
    const path = contextPath.strip(parsed);
    const found = path === null ? null : deployments.find(path);
    if (path === null || found === null) return false;
    if (!isWebSocket) return this.#refuse(offer, upgradeRequired);
    if (host.isDraining) return this.#refuse(offer, draining);
    const refusal = this.#begin({ offer, deployment: found.value, path: parsed, pathParameters: found.parameters });
    return refusal === null || this.#refuse(offer, refusal);
  }

  /** An endpoint that somebody else has chosen, whatever the request's path. `told` hears once how it ended. [DEP-8] */
  admit(offer: Offer, deployment: Deployment, pathParameters: ReadonlyMap<string, string>, told: (outcome: Outcome) => void): void {
    const path = RequestPath.parse(offer.target);
    const refusal = !asksForWebSocket(offer)
      ? badHttp('Only WebSocket can be upgraded to, and only by GET.')
      : 'refusal' in path
        ? badTarget(path.refusal)
        : this.#house.host.isDraining
          ? draining
          : this.#begin({ offer, deployment, path, pathParameters }, told);
    if (refusal === null) return;
    this.#refuse(offer, refusal);
    told({ kind: 'refused', refusal });
  }

  /** Refuses what is not decided yet. From now on the host is draining. [REL-16] */
  drain(): void {
    for (const handshake of [...this.#undecided]) handshake.drain();
  }

  /** Counted before anybody is asked about the request: whom there is no room for should cost nothing. [REL-16] */
  #begin({ offer, deployment, path, pathParameters }: Arrival, told?: (outcome: Outcome) => void): RefusedHandshake | null {
    const { proxies, host } = this.#house;
    const caller = proxies.areNone ? new DirectCaller(offer) : proxies.callerOf(offer.peer.address, offer.secure, offer.headers);
    const place = host.capacity.isLimited ? host.capacity.take(caller.remoteAddress) : UNCOUNTED;
    if (place === null) return full;
    const handshake = new Handshake(offer, { deployment, path, pathParameters, caller, place }, host, (outcome) => {
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
