/** What of the web application is deployed: every annotated class, and the programmatic ones at the paths they have in Tomcat. */
import { type Class, type Endpoint, ServerApplicationConfig, ServerEndpointConfig } from 'margay';
import { DrawboardEndpoint } from '../drawboard/drawboard.js';

export class ExamplesConfig extends ServerApplicationConfig {
  override getEndpointConfigs(scanned: ReadonlySet<Class<Endpoint>>): ServerEndpointConfig[] {
    const configs: ServerEndpointConfig[] = [];
    if (scanned.has(DrawboardEndpoint)) {
      configs.push(ServerEndpointConfig.Builder.create(DrawboardEndpoint, '/websocket/drawboard').build());
    }
    return configs;
  }

  override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): ReadonlySet<Class> {
    return scanned;
  }
}
