/** From classes to a server in one call. */
import { checkServeOptions, type ListenOptions, type ServeOptions } from './options/options.js';
import { ServerContainer } from './server-container.js';

/**
 * Deploys the endpoints and what is scanned, and listens (or attaches to `server`); resolves with the container.
 * Rejects with DeploymentException: every problem of every class; IOException `MARGAY_LISTEN`.
 * @throws IllegalArgumentException `MARGAY_OPTION` (as a rejection)
 */
export async function serve(options: ServeOptions): Promise<ServerContainer> {
  checkServeOptions(options);
  const { endpoints = [], scan, initializers = [], port, host, tls, server, ...rest } = options;
  const container = new ServerContainer(rest);
  if (scan === undefined && initializers.length === 0) await container.addEndpoints(endpoints);
  else await container.scanWith(endpoints, { ...scan, initializers: [...(scan?.initializers ?? []), ...initializers] });
  try {
    if (server === undefined) await container.listen({ port, host, tls } satisfies ListenOptions);
    else await container.attach(server);
  } catch (error) {
    await container.close();
    throw error;
  }
  return container;
}
