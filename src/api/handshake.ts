/** The request and the response of an upgrade, as a Configurator sees them. */
import type { X509Certificate } from 'node:crypto';
import type { Principal } from './tokens.js';

/** The request that asks for the upgrade. [HS-7] */
export interface HandshakeRequest {
  /** Names in any case; one entry per header line. */
  getHeaders(): ReadonlyMap<string, readonly string[]>;
  /** What the option `authenticate` answered; null: nobody. [HS-15] */
  getUserPrincipal(): Principal | null;
  /** False for nobody. */
  isUserInRole(role: string): boolean;
  /** What the option `httpSession` answered: the session there is, or null; none is made. [HS-15] */
  getHttpSession(): object | null;
  /** The full ws or wss URI. */
  getRequestURI(): URL;
  /** Query and path parameters; the path wins. */
  getParameterMap(): ReadonlyMap<string, readonly string[]>;
  getQueryString(): string | null;
  getLocalAddress(): string;
  getLocalHostName(): string;
  /** -1 if the connection is not IP. */
  getLocalPort(): number;
  getRemoteAddress(): string;
  getRemoteHostName(): string;
  /** -1 if the connection is not IP. */
  getRemotePort(): number;
  getPreferredLocale(): Intl.Locale;
  /** The client's own certificate first, then those that vouch for it; null if none was shown, or TLS could not verify it. */
  getUserX509CertificateChain(): readonly X509Certificate[] | null;
}

export const HandshakeRequest = Object.freeze({
  SEC_WEBSOCKET_KEY: 'Sec-WebSocket-Key',
  SEC_WEBSOCKET_PROTOCOL: 'Sec-WebSocket-Protocol',
  SEC_WEBSOCKET_VERSION: 'Sec-WebSocket-Version',
  SEC_WEBSOCKET_EXTENSIONS: 'Sec-WebSocket-Extensions',
});

/** What the 101 is to say beyond its protocol headers. [HS-8] */
export interface HandshakeResponse {
  /** Mutable, names in any case; several values become several header lines. */
  getHeaders(): Map<string, string[]>;
}

export const HandshakeResponse = Object.freeze({
  SEC_WEBSOCKET_ACCEPT: 'Sec-WebSocket-Accept',
});
