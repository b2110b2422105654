/** The upgrade request, as the hooks of a Configurator see it. [HS-7] */
import type { X509Certificate } from 'node:crypto';
import type { HandshakeRequest } from '../../api/handshake.js';
import { ReadOnlyMap } from '../../api/read-only-map.js';
import type { Principal } from '../../api/tokens.js';
import { queryParameters } from '../../runtime/query.js';
import type { Offer } from '../../transport/spi.js';
import { certificateChainOf } from '../web/certificate-chain.js';
import { HeaderView } from '../web/header-map.js';
import { type AllowedOrigins, sameHost } from '../web/origin.js';
import { preferredLocale } from '../web/preferred-locale.js';
import type { Caller } from '../web/proxy.js';
import type { Identity } from './identity.js';

/** What is known of a request once its endpoint is found. */
export interface RequestBasis {
  readonly offer: Offer;
  readonly caller: Caller;
  readonly identity: Identity;
  /** ws or wss, host, port and path, without the query. */
  readonly uri: string;
  readonly queryString: string | null;
  readonly pathParameters: ReadonlyMap<string, string>;
  /** null: the request's own host alone. */
  readonly allowedOrigins: AllowedOrigins | null;
}

export class UpgradeRequest implements HandshakeRequest {
  readonly #basis: RequestBasis;
  #headers: HeaderView | undefined;
  #chain: readonly X509Certificate[] | null | undefined;

  constructor(basis: RequestBasis) {
    this.#basis = basis;
  }

  /** The default rule on origins: none named, one that is listed, or the request's own host. Static: the hooks hold a request. [D-06] */
  static allows(request: UpgradeRequest, origin: string | null): boolean {
    if (origin === null) return true;
    const { allowedOrigins, caller } = request.#basis;
    return allowedOrigins?.has(origin) === true || (caller.host !== null && sameHost(origin, caller.host));
  }

  getHeaders(): ReadonlyMap<string, readonly string[]> {
    this.#headers ??= new HeaderView([...this.#basis.offer.headers].map(([name, lines]) => [name, Object.freeze([...lines])] as const));
    return this.#headers;
  }

  getUserPrincipal(): Principal | null {
    return this.#basis.identity.principal;
  }

  isUserInRole(role: string): boolean {
    return this.#basis.identity.hasRole(role);
  }

  getHttpSession(): object | null {
    return this.#basis.identity.httpSession;
  }

  getUserX509CertificateChain(): readonly X509Certificate[] | null {
    if (this.#chain === undefined) this.#chain = certificateChainOf(this.#basis.offer.request);
    return this.#chain;
  }

  getRequestURI(): URL {
    const { uri, queryString } = this.#basis;
    return new URL(queryString === null ? uri : `${uri}?${queryString}`);
  }

  getQueryString(): string | null {
    return this.#basis.queryString;
  }

  /** Query and path parameters; the path wins. [HS-7] */
  getParameterMap(): ReadonlyMap<string, readonly string[]> {
    const lists = queryParameters(this.#basis.queryString);
    for (const [name, value] of this.#basis.pathParameters) lists.set(name, Object.freeze([value]));
    return new ReadOnlyMap(lists);
  }

  getLocalAddress(): string {
    return this.#basis.offer.local.address;
  }

  getLocalHostName(): string {
    return this.getLocalAddress(); // no look-up: names cost a round trip, and the address is as good
  }

  getLocalPort(): number {
    return this.#basis.offer.local.port;
  }

  /** The client's, as far as trusted proxies tell. [D-37] */
  getRemoteAddress(): string {
    return this.#basis.caller.remoteAddress;
  }

  getRemoteHostName(): string {
    return this.getRemoteAddress();
  }

  getRemotePort(): number {
    return this.#basis.offer.peer.port;
  }

  /** The first language of Accept-Language that is one; the server's own otherwise. */
  getPreferredLocale(): Intl.Locale {
    const preferred = preferredLocale(this.#basis.offer.headers.get('accept-language') ?? []);
    return preferred ?? new Intl.Locale(Intl.DateTimeFormat().resolvedOptions().locale);
  }
}
