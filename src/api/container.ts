/** What every container offers, whichever side it is on. */
import type { ClientEndpointConfig } from './client-endpoint-config.js';
import type { ConnectOptions } from './connect-options.js';
import type { Endpoint } from './endpoint.js';
import type { Extension } from './extension.js';
import type { Session } from './session.js';
import type { Class } from './tokens.js';

/** Defaults for the sessions of a container; a change holds for sessions made later. [CON-5] */
export interface WebSocketContainer {
  /** ms, -1 at first; 0 or less: none. */
  getDefaultAsyncSendTimeout(): number;
  setAsyncSendTimeout(ms: number): void;
  /** ms, 0 at first: never. */
  getDefaultMaxSessionIdleTimeout(): number;
  setDefaultMaxSessionIdleTimeout(ms: number): void;
  /** Bytes, 1048576 at first. */
  getDefaultMaxTextMessageBufferSize(): number;
  setDefaultMaxTextMessageBufferSize(bytes: number): void;
  /** Bytes, 1048576 at first. */
  getDefaultMaxBinaryMessageBufferSize(): number;
  setDefaultMaxBinaryMessageBufferSize(bytes: number): void;
  getInstalledExtensions(): ReadonlySet<Extension>;
  /**
   * Connects an Endpoint, or a new one of its class. [CON-6, CLI-1]
   * @param config null: one with nothing in it
   */
  connectToServer(
    endpoint: Endpoint | Class<Endpoint>,
    config: ClientEndpointConfig | null,
    uri: URL | string,
    options?: ConnectOptions,
  ): Promise<Session>;
  /**
   * Connects an object of a class that carries @ClientEndpoint, or a new one of the class. Resolves with the open session once
   * @OnOpen has completed; add message handlers there: what the server sends at once may come before the promise. [CLI-1, CLI-8]
   * @param uri ws or wss, with a host
   * Rejects with DeploymentException: `MARGAY_NOT_ENDPOINT`, `MARGAY_CONSTRUCTOR` and other problems of the class; `MARGAY_URI`,
   * `MARGAY_CONNECT` (the cause is node's error), `MARGAY_CONNECT_TIMEOUT`, `MARGAY_HANDSHAKE`, `MARGAY_REDIRECT`,
   * `MARGAY_AUTHENTICATION`, `MARGAY_PROXY`, `MARGAY_ON_OPEN`; with `status`, `headers` and `body` where a response came [D-21]; in a
   * browser with UnsupportedOperationException for what a page cannot do
   * @throws IllegalArgumentException `MARGAY_OPTION`; IllegalStateException `MARGAY_STATE` after the container's `close`
   */
  connectToServer(endpoint: object | Class, uri: URL | string, options?: ConnectOptions): Promise<Session>;
}
