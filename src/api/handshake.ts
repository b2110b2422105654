/** The request and the response of an upgrade, as a Configurator sees them. */

/** The request that asks for the upgrade. [HS-7] */
export interface HandshakeRequest {
  /** Names in any case; one entry per header line. */
  getHeaders(): ReadonlyMap<string, readonly string[]>;
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
