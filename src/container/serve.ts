/** From classes to a server in one call. */
import { checkServeOptions, type ListenOptions, type ServeOptions } from './options.js';
import { ServerContainer } from './server-container.js';

/**
 * Deploys the endpoints and listens (or attaches to `server`); resolves with the container.
 * Rejects with DeploymentException: every problem of every class; IOException `MARGAY_LISTEN`.
 * @throws IllegalArgumentException `MARGAY_OPTION` (as a rejection)
 */
export async function serve(options: ServeOptions): Promise<ServerContainer> {
  checkServeOptions(options);
  const { endpoints = [], port, host, tls, server, ...rest } = options;
  const container = new ServerContainer(rest);
  await container.addEndpoints(endpoints);
  try {
    if (server === undefined) await container.listen({ port, host, tls } satisfies ListenOptions);
    else await container.attach(server);
  } catch (error) {
    await container.close();
    throw error;
  }
  return container;
}
