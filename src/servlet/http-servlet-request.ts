/** A request, as a servlet sees it. [TC7-1, TC7-8] */
import type { Handled, Principal } from '../api/tokens.js';
import type { UPGRADE, Upgrade } from './upgrade.js';

/** A name and what the browser sends with it. */
export interface Cookie {
  getName(): string;
  getValue(): string;
}

/** What is absent is null. The request that `createWebSocketInbound` is given works until that method is done. */
export interface HttpServletRequest {
  getMethod(): string;
  /** The path as it stood in the request line: not decoded, without the query. */
  getRequestURI(): string;
  getContextPath(): string;
  /** Of the path what the mapping has matched; decoded. */
  getServletPath(): string;
  /** What follows it; decoded. */
  getPathInfo(): string | null;
  /** Not decoded. */
  getQueryString(): string | null;
  /** The first line of that name, in any letter case. */
  getHeader(name: string): string | null;
  getHeaders(name: string): readonly string[];
  /** In lower case. */
  getHeaderNames(): readonly string[];
  /** The first value of that name: of the query, then of a form's body. */
  getParameter(name: string): string | null;
  getParameterValues(name: string): readonly string[] | null;
  getParameterMap(): ReadonlyMap<string, readonly string[]>;
  /** null when the request has none. */
  getCookies(): readonly Cookie[] | null;
  /** What the container's option `httpSession` has found: margay makes none. */
  getSession(create: false): object | null;
  /** Whom the container's option `authenticate` has found. */
  getUserPrincipal(): Principal | null;
  /** The client's, as far as trusted proxies tell. */
  getRemoteAddr(): string;
  /** Parameters are UTF-8: nothing else is taken. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
  setCharacterEncoding(encoding: string): void;
  /** @internal Makes a connection of it, or answers that none can be made. */
  [UPGRADE](upgrade: Upgrade<HttpServletRequest>): Handled<void>;
}
