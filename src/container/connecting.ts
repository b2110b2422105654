/** What every container can do as a client. [CON-6, CON-8] */
import type { ClientEndpointConfig } from '../api/client-endpoint-config.js';
import type { ConnectOptions } from '../api/connect-options.js';
import type { WebSocketContainer } from '../api/container.js';
import type { Endpoint } from '../api/endpoint.js';
import type { Extension } from '../api/extension.js';
import type { Session } from '../api/session.js';
import type { Class } from '../api/tokens.js';
import { ChangeableDefaults } from './options/changeable-defaults.js';

export abstract class Connecting extends ChangeableDefaults implements WebSocketContainer {
  connectToServer(
    endpoint: Endpoint | Class<Endpoint>,
    config: ClientEndpointConfig | null,
    uri: URL | string,
    options?: ConnectOptions,
  ): Promise<Session>;
  connectToServer(endpoint: object | Class, uri: URL | string, options?: ConnectOptions): Promise<Session>;
  connectToServer(endpoint: object, second: unknown, third?: unknown, fourth?: unknown): Promise<Session> {
    return this.connecting([endpoint, second, third, fourth]);
  }

  abstract getInstalledExtensions(): ReadonlySet<Extension>;

  /** @internal */
  abstract connecting(args: readonly unknown[]): Promise<Session>;
}
