/** A configurator's hooks, asked about one handshake: in which order is the handshake's, what they may answer is here. [HS-2] */
import type { Extension } from '../api/extension.js';
import type { ServerEndpointConfig } from '../api/server-endpoint-config.js';
import { unheard } from '../runtime/thenable.js';
import type { Handled } from '../transport/spi.js';
import { makesInstances } from './configuration.js';
import { during, platformConfigurator } from './configurator.js';
import type { ConnectionConfig } from './connection-config.js';
import { isToken } from './header-grammar.js';
import type { HeaderMap } from './header-map.js';
import { spell } from './problems.js';
import type { UpgradeRequest } from './upgrade-request.js';

export class Hooks {
  readonly #configurator: ServerEndpointConfig.Configurator;
  readonly #request: UpgradeRequest;

  constructor(configurator: ServerEndpointConfig.Configurator, request: UpgradeRequest) {
    this.#configurator = configurator;
    this.#request = request;
  }

  /** Whether it brings a factory of its own. */
  get makeInstances(): boolean {
    return makesInstances(this.#configurator, { configurator: platformConfigurator });
  }

  isAllowed(origin: string | null): Handled<boolean> {
    return during(this.#request, () => this.#configurator.checkOrigin(origin, this.#request));
  }

  /** @throws Error for what the client did not list, or a promise: this one is asked at once */
  subprotocol(supported: readonly string[], requested: readonly string[]): string {
    const answer: unknown = during(this.#request, () => this.#configurator.getNegotiatedSubprotocol(supported, requested));
    if (answer === '' || (isToken(answer as string) && requested.includes(answer as string))) return answer as string;
    unheard(answer);
    throw new Error(`getNegotiatedSubprotocol returned ${spell(answer)}, which the client did not list`);
  }

  /** @throws Error for what is no list, or a promise of one: this one is asked at once */
  extensions(installed: readonly Extension[], requested: readonly Extension[]): readonly Extension[] {
    const answer: unknown = during(this.#request, () => this.#configurator.getNegotiatedExtensions(installed, requested));
    if (typeof (answer as Partial<Iterable<Extension>> | null | undefined)?.[Symbol.iterator] === 'function') return answer as Extension[];
    unheard(answer);
    throw new Error(`getNegotiatedExtensions returned ${spell(answer)}; return a list`);
  }

  modify(config: ConnectionConfig, added: HeaderMap): Handled<void> {
    return during(this.#request, () => this.#configurator.modifyHandshake(config, this.#request, { getHeaders: () => added }));
  }

  instance(type: new () => object): Handled<object> {
    return during(this.#request, () => this.#configurator.getEndpointInstance(type));
  }
}
