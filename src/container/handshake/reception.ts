/** Where every upgrade request comes to: is it for us, and who answers it. Rows 1 and 2. [HS-1] */
import type { Gate, Offer } from '../../transport/spi.js';
import type { Deployment } from '../deployment/deployment.js';
import type { Deployments } from '../deployment/deployments.js';
import type { ContextPath } from '../web/context-path.js';
import { hasToken } from '../web/header-grammar.js';
import type { TrustedProxies } from '../web/proxy.js';
import { RequestPath } from '../web/request-path.js';
import { Handshake, type Host, type Outcome } from './handshake.js';
import { badHttp, badTarget, draining, type RefusedHandshake, upgradeRequired } from './refusals.js';
import type { Route } from './route.js';

/** Whose reception it is. */
export interface House {
  readonly deployments: Deployments;
  readonly contextPath: ContextPath;
  readonly proxies: TrustedProxies;
  readonly host: Host;
}

export class Reception implements Gate {
  readonly #house: House;

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
    void new Handshake(offer, this.#route(offer, found.value, parsed, found.parameters), host).run();
    return true;
  }

  /** An endpoint that somebody else has chosen, whatever the request's path. `told` hears once how it ended. [DEP-8] */
  admit(offer: Offer, deployment: Deployment, pathParameters: ReadonlyMap<string, string>, told: (outcome: Outcome) => void): void {
    const { host } = this.#house;
    const parsed = RequestPath.parse(offer.target);
    const refusal = !asksForWebSocket(offer)
      ? badHttp('Only WebSocket can be upgraded to, and only by GET.')
      : 'refusal' in parsed
        ? badTarget(parsed.refusal)
        : host.isDraining
          ? draining
          : null;
    if (refusal === null) {
      void new Handshake(offer, this.#route(offer, deployment, parsed as RequestPath, pathParameters), host, told).run();
      return;
    }
    this.#refuse(offer, refusal);
    told({ kind: 'refused', refusal });
  }

  #refuse(offer: Offer, { status, headers, body }: RefusedHandshake): true {
    this.#house.host.refused(status);
    offer.decline(status, headers, body);
    return true;
  }

  #route(offer: Offer, deployment: Deployment, path: RequestPath, pathParameters: ReadonlyMap<string, string>): Route {
    const caller = this.#house.proxies.callerOf(offer.peer.address, offer.secure, offer.headers);
    return { deployment, path, pathParameters, caller };
  }
}

function asksForWebSocket({ method, headers }: Offer): boolean {
  return method === 'GET' && hasToken(headers.get('upgrade') ?? [], 'websocket');
}
