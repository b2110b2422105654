/** A request, from an engine or from the application's own server, as a servlet sees it. [TC7-1, TC7-8] */
import { IllegalArgumentException, IllegalStateException } from '../../api/exceptions.js';
import { ReadOnlyMap } from '../../api/read-only-map.js';
import type { Handled, Principal } from '../../api/tokens.js';
import { queryParameters } from '../../runtime/query.js';
import type { Cookie, HttpServletRequest } from '../../servlet/http-servlet-request.js';
import { UPGRADE, type Upgrade } from '../../servlet/upgrade.js';
import type { Offer } from '../../transport/spi.js';
import type { Identity } from '../handshake/identity.js';
import { spell } from '../options/spelling.js';
import { pathOf } from '../web/request-path.js';
import { cookiesOf } from './cookies.js';

/** What is known of it. */
export interface RequestFacts {
  readonly offer: Offer;
  readonly contextPath: string;
  readonly servletPath: string;
  readonly pathInfo: string | null;
  readonly identity: Identity;
  readonly remoteAddress: () => string;
  /** Of a form's body. */
  readonly posted: ReadonlyMap<string, readonly string[]>;
  upgrade(upgrade: Upgrade<HttpServletRequest>): Handled<void>;
}

const NONE: readonly string[] = Object.freeze([]);

export class ServletRequest implements HttpServletRequest {
  /** null: it is over. */
  #facts: RequestFacts | null;
  #parameters: ReadonlyMap<string, readonly string[]> | null = null;

  constructor(facts: RequestFacts) {
    this.#facts = facts;
  }

  /** From now on its methods throw, and it keeps nothing. [TC7-1] */
  end(): void {
    this.#facts = null;
    this.#parameters = null;
  }

  getMethod(): string {
    return this.#of.offer.method;
  }

  getRequestURI(): string {
    return this.#target[0];
  }

  getContextPath(): string {
    return this.#of.contextPath;
  }

  getServletPath(): string {
    return this.#of.servletPath;
  }

  getPathInfo(): string | null {
    return this.#of.pathInfo;
  }

  getQueryString(): string | null {
    return this.#target[1];
  }

  getHeader(name: string): string | null {
    return this.getHeaders(name)[0] ?? null;
  }

  getHeaders(name: string): readonly string[] {
    const lines = this.#of.offer.headers.get(name.toLowerCase());
    return lines === undefined ? NONE : Object.freeze([...lines]);
  }

  getHeaderNames(): readonly string[] {
    return Object.freeze([...this.#of.offer.headers.keys()]);
  }

  getParameter(name: string): string | null {
    return this.getParameterMap().get(name)?.[0] ?? null;
  }

  getParameterValues(name: string): readonly string[] | null {
    return this.getParameterMap().get(name) ?? null;
  }

  getParameterMap(): ReadonlyMap<string, readonly string[]> {
    this.#parameters ??= new ReadOnlyMap(joined(queryParameters(this.getQueryString()), this.#of.posted));
    return this.#parameters;
  }

  getCookies(): readonly Cookie[] | null {
    return cookiesOf(this.getHeaders('cookie'));
  }

  getSession(create: false): object | null {
    if (create === false) return this.#of.identity.httpSession;
    throw new IllegalArgumentException(
      `getSession(create): create is ${spell(create)}; margay makes no sessions, so ask for the one there is: getSession(false)`,
    );
  }

  getUserPrincipal(): Principal | null {
    return this.#of.identity.principal;
  }

  getRemoteAddr(): string {
    return this.#of.remoteAddress();
  }

  setCharacterEncoding(encoding: string): void {
    mustBeUtf8('request', encoding);
  }

  /** @internal */
  [UPGRADE](upgrade: Upgrade<HttpServletRequest>): Handled<void> {
    return this.#of.upgrade(upgrade);
  }

  /** @throws IllegalStateException `MARGAY_STATE` */
  get #of(): RequestFacts {
    if (this.#facts !== null) return this.#facts;
    throw new IllegalStateException('the request is over: createWebSocketInbound is done; keep what you need of it in the inbound');
  }

  /** Path and query, as they stood in the request line. */
  get #target(): readonly [path: string, query: string | null] {
    const { target } = this.#of.offer;
    const mark = target.indexOf('?');
    const head = mark < 0 ? target : target.slice(0, mark);
    return [pathOf(head) ?? head, mark < 0 ? null : target.slice(mark + 1)]; // of an absolute URI, too, only the path
  }
}

type Lists = ReadonlyMap<string, readonly string[]>;

/** The query's values of a name stand before the body's. */
function joined(query: Map<string, readonly string[]>, posted: Lists): Lists {
  for (const [name, values] of posted) query.set(name, Object.freeze([...(query.get(name) ?? NONE), ...values]));
  return query;
}

/** @throws IllegalArgumentException `MARGAY_ARGUMENT` */
export function mustBeUtf8(whose: 'request' | 'response', encoding: unknown): void {
  if (typeof encoding === 'string' && /^utf-?8$/i.test(encoding)) return;
  throw new IllegalArgumentException(`setCharacterEncoding(encoding) of a ${whose}: encoding is ${spell(encoding)}; use "UTF-8"`);
}
