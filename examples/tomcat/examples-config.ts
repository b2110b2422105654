/** What of the web application is deployed: every annotated class, and the programmatic ones at the paths they have in Tomcat. */
import { type Class, type Endpoint, ServerApplicationConfig, ServerEndpointConfig } from 'margay';
import { DrawboardEndpoint } from '../drawboard/drawboard.js';
import { EchoProgrammatic } from '../echo/echo-programmatic.js';

/** Where a class without annotations goes, if it was scanned. */
const PROGRAMMATIC: readonly (readonly [Class<Endpoint>, string])[] = [
  [DrawboardEndpoint, '/websocket/drawboard'],
  [EchoProgrammatic, '/websocket/echoProgrammatic'],
];

export class ExamplesConfig extends ServerApplicationConfig {
  override getEndpointConfigs(scanned: ReadonlySet<Class<Endpoint>>): ServerEndpointConfig[] {
    return PROGRAMMATIC.filter(([endpoint]) => scanned.has(endpoint)).map(([endpoint, path]) =>
      ServerEndpointConfig.Builder.create(endpoint, path).build(),
    );
  }

  override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): ReadonlySet<Class> {
    return scanned;
  }
}
