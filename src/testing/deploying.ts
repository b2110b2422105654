/** A deployment for tests, which may be awaited, or used at once. */
import type { FailedResponse } from '../api/exceptions.js';
import type { ServerEndpointConfig } from '../api/server-endpoint-config.js';
import type { Class } from '../api/tokens.js';
import type { ContainerOptions } from '../container/options/options.js';
import { ServerContainer } from '../container/server-container.js';
import { wrongArgument } from '../runtime/failures.js';
import { MemoryTransport } from '../transport/memory/memory-transport.js';
import { type App, MemoryApp } from './app.js';
import type { Peer } from './peer.js';
import type { PeerOptions } from './peer-options.js';

/** `const app = await deploy(Talk)`, or `const peer = await deploy(Talk).connect('/talk')`. */
export interface Deploying extends PromiseLike<App>, App {}

/**
 * Deploys endpoints in this process, without a port or a socket. What is wrong with them is a DeploymentException of whatever is
 * awaited next: of the deployment itself, of `connect` and `refused`, and of `close` if nobody has heard of it before.
 * @param options the container's; of `transport` only what `memoryTransport()` returns will do
 * @throws IllegalArgumentException `MARGAY_OPTION`, `MARGAY_ARGUMENT`
 */
export function deploy(
  endpoints: Class | ServerEndpointConfig | readonly (Class | ServerEndpointConfig)[],
  options: ContainerOptions = {},
): Deploying {
  const transport = options?.transport ?? new MemoryTransport();
  const container = new ServerContainer({ ...options, transport });
  if (!(transport instanceof MemoryTransport)) {
    throw wrongArgument('deploy(endpoints, options)', 'transport is another engine; give what memoryTransport() returns, or none');
  }
  const list = Array.isArray(endpoints) ? (endpoints as readonly unknown[]) : [endpoints];
  return new Deployment(container, transport, list);
}

class Deployment implements Deploying {
  readonly container: ServerContainer;
  readonly #app: MemoryApp;
  readonly #ready: Promise<App>;
  /** Somebody waits for it, and will hear of its failure. */
  #isHeard = false;

  constructor(container: ServerContainer, transport: MemoryTransport, endpoints: readonly unknown[]) {
    const listening = start(container, endpoints);
    this.container = container;
    this.#app = new MemoryApp(container, transport, listening);
    this.#ready = listening.then(() => this.#app);
    this.#ready.catch(() => {}); // told by whatever is awaited next
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited, which gives the App
  then<T = App, E = never>(
    fulfilled?: ((app: App) => T | PromiseLike<T>) | null,
    rejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    return this.#heard().then(fulfilled, rejected);
  }

  connect(path: string, options: PeerOptions = {}): Promise<Peer> {
    this.#app.check('connect', path, options);
    return this.#connect(path, options);
  }

  refused(path: string, options: PeerOptions = {}): Promise<FailedResponse> {
    this.#app.check('refused', path, options);
    return this.#refused(path, options);
  }

  async close(): Promise<void> {
    await this.#app.close();
    if (!this.#isHeard) await this.#heard();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(path: string, options: PeerOptions): Promise<Peer> {
    const app = await this.#heard();
    return await app.connect(path, options);
  }

  async #refused(path: string, options: PeerOptions): Promise<FailedResponse> {
    const app = await this.#heard();
    return await app.refused(path, options);
  }

  #heard(): Promise<App> {
    this.#isHeard = true;
    return this.#ready;
  }
}

async function start(container: ServerContainer, endpoints: readonly unknown[]): Promise<void> {
  await container.addEndpoints(endpoints);
  await container.listen();
}
