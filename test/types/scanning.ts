/** Scanning and its initializers as users write them. */
import {
  type Class,
  Endpoint,
  HandlesTypes,
  ServerApplicationConfig,
  type ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  type ServletContainerInitializer,
  type StartupContext,
} from 'margay';

@HandlesTypes(ServerEndpoint, Endpoint, ServerApplicationConfig)
export class Mine implements ServletContainerInitializer {
  async onStartup(classes: ReadonlySet<Class>, context: StartupContext): Promise<void> {
    for (const type of classes) await context.container.addEndpoint(type);
    const container: ServerContainer = context.container;
    context.attributes.set(context.contextPath, container);
  }
}

export class Config extends ServerApplicationConfig {
  override getEndpointConfigs(endpoints: ReadonlySet<Class<Endpoint>>) {
    return [...endpoints].map((type) => ServerEndpointConfig.Builder.create(type, `/${type.name}`).build());
  }
  override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>) {
    return scanned.size > 0 ? scanned : null;
  }
}

export async function scanning(container: ServerContainer): Promise<string[]> {
  await container.scan({ globs: 'endpoints' });
  const { deployed, skipped } = await container.scan({
    modules: [await import('./vocabulary.js'), './talk.js', new URL('file:///talk.js')],
    globs: ['**/*.js'],
    initializers: [Mine, new Mine(), { onStartup: () => {} }],
  });
  return [...deployed.map(({ path, kind, scanned }) => `${path} ${kind} ${scanned}`), ...skipped.map(({ why }) => why)];
}

// @ts-expect-error what has no onStartup is no initializer
export const none = (container: ServerContainer) => container.scan({ initializers: [{}] });
// @ts-expect-error a number is no module
export const number = (container: ServerContainer) => container.scan({ modules: [7] });
