/** The front door: the client's door, and everything of a server; it picks the ws engine. */
import { setPlatformConfigurator } from './api/server-endpoint-config.js';
import { platformConfigurator } from './container/handshake/configurator.js';
import { setEngine } from './container/options/engine.js';
import { HandedTransport } from './transport/ws/handed-transport.js';
import { WsTransport } from './transport/ws/ws-transport.js';

setPlatformConfigurator(platformConfigurator);
setEngine({
  listening: (options, limits) => new WsTransport({ ...options, ...limits }),
  attached: (server) => new WsTransport({ server }),
  handed: (handed) => new HandedTransport(handed),
});

export type { EndpointSettings, PerMessageDeflateOptions } from './api/endpoint-settings.js';
export { HandshakeRequest } from './api/handshake.js';
export type { InstanceManager } from './api/instance-manager.js';
export { ServerApplicationConfig } from './api/server-application-config.js';
export { ServerEndpointConfig } from './api/server-endpoint-config.js';
export * from './client.js';
export type { DeployedEndpoint } from './container/deployment/deployed-endpoint.js';
export type { Listening } from './container/listening.js';
export type { ContainerOptions, ListenOptions, ServeOptions } from './container/options/options.js';
export type { ScanOptions } from './container/options/scan-options.js';
export type { ServletMapping } from './container/options/servlet-options.js';
export type { ScanResult, Skipped } from './container/scan/scan-result.js';
export { serve } from './container/serve.js';
export { ServerContainer } from './container/server-container.js';
export type { ServletContainerInitializer, StartupContext } from './container/servlet-container-initializer.js';
export { openSessions } from './container/session-query.js';
export type { ContainerStatistics } from './container/tally.js';
export { HandlesTypes } from './decorators/handles-types.js';
export { ServerEndpoint, type ServerEndpointOptions } from './decorators/server-endpoint.js';
