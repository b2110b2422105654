/** From classes to a server in one call. */

import type { Listening } from './listening.js';
import { consoleLogger, quiet } from './options/console-logger.js';
import { containerLimits } from './options/container-limits.js';
import { type ContainerOptions, checkServeOptions, type ListenOptions, type ServeOptions } from './options/options.js';
import { ServerContainer } from './server-container.js';
import { callOf } from './workers/calls.js';
import type { Share } from './workers/share.js';

/**
 * Deploys the endpoints and what is scanned, and listens (or attaches to `server`); resolves with the container.
 * With `workers` above 1 that is done in as many processes, which run the same module again: there it resolves with the container that
 * serves, and in the process that was started, once all of them listen, with one that has no endpoints and whose `close` drains all.
 * Rejects with DeploymentException: every problem of every class; IOException `MARGAY_LISTEN`; IllegalStateException where no workers
 * can be started.
 * @throws IllegalArgumentException `MARGAY_OPTION` (as a rejection)
 */
export async function serve(options: ServeOptions): Promise<ServerContainer> {
  checkServeOptions(options);
  const { workers = 1, endpoints = [], scan, initializers = [], port, host, tls, server, ...rest } = options;
  const container = new ServerContainer(rest);
  const deploy = async (): Promise<void> => {
    if (scan === undefined && initializers.length === 0) await container.addEndpoints(endpoints);
    else await container.scanWith(endpoints, { ...scan, initializers: [...(scan?.initializers ?? []), ...initializers] });
  };
  const listen = (at: number | undefined): Promise<Listening> => container.listen({ port: at, host, tls } satisfies ListenOptions);
  const share = workers === 1 ? null : await shareOf(workers, rest);
  if (share?.isPrimary === false) {
    // untested: by this process; test/spec/workers runs it in workers
    await share.serve(container, port ?? 8080, async (at) => {
      await deploy();
      return listen(at);
    });
    return container;
  }
  if (share === null) await deploy();
  try {
    if (share !== null) await container.through(share.site);
    else if (server === undefined) await listen(port);
    else await container.attach(server);
  } catch (error) {
    await container.close();
    throw error;
  }
  return container;
}

/** @internal This call's part among workers. What it takes is loaded by those alone who ask for it. */
export async function shareOf(workers: number, options: ContainerOptions): Promise<Share> {
  // untested: by this process; test/spec/workers runs it in others
  const number = callOf(workers); // before anything is awaited, so that the order is that of the calls
  const logger = quiet(options.logger ?? consoleLogger);
  const { shutdownTimeout } = containerLimits(options);
  const room = await import('./workers/share.js');
  return room.shareOf({ number, workers, logger, shutdownTimeout });
}
