/** A configurator's hooks, asked about one handshake: in which order is the handshake's, what they may answer is here. [HS-2] */
import type { Extension } from '../../api/extension.js';
import type { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import { unheard } from '../../runtime/thenable.js';
import type { Handled } from '../../transport/spi.js';
import { makesInstances } from '../deployment/configuration.js';
import { spell } from '../options/spelling.js';
import { isToken } from '../web/header-grammar.js';
import type { HeaderMap } from '../web/header-map.js';
import { during, platformConfigurator } from './configurator.js';
import type { ConnectionConfig } from './connection-config.js';
import type { UpgradeRequest } from './upgrade-request.js';

export class Hooks {
  readonly #configurator: ServerEndpointConfig.Configurator;
  readonly #request: UpgradeRequest;

  constructor(configurator: ServerEndpointConfig.Configurator, request: UpgradeRequest) {
    this.#configurator = configurator;
    this.#request = request;
    if (!this.arePlatforms) request.getRemoteAddress(); // of a peer that has left nobody knows it any more
  }

  /** Nobody has put others in their place. */
  get arePlatforms(): boolean {
    return this.#configurator === platformConfigurator;
  }

  /** Whether it brings a factory of its own. */
  get makeInstances(): boolean {
    return makesInstances(this.#configurator, { configurator: platformConfigurator });
  }

  isAllowed(origin: string | null): Handled<boolean> {
    return during(this.#request, () => this.#configurator.checkOrigin(origin, this.#request));
  }

  /** @throws Error that says what else was returned, for the log; a promise, too: this one is asked at once */
  subprotocol(supported: readonly string[], requested: readonly string[]): string {
    const answer: unknown = during(this.#request, () => this.#configurator.getNegotiatedSubprotocol(supported, requested));
    const isText = typeof answer === 'string';
    const isListed = isText && (answer === '' || (isToken(answer) && requested.includes(answer)));
    if (isListed) return supported.find((each) => each === answer) ?? answer; // the peer's word would keep its whole header line [REL-14]
    unheard(answer);
    const why = isText ? ', which the client did not list; return one it listed, or ""' : '; return text at once';
    throw new Error(`getNegotiatedSubprotocol returned ${spell(answer)}${why}`);
  }

  /** @throws Error that says what else was returned, for the log; a promise, too: this one is asked at once */
  extensions(installed: readonly Extension[], requested: readonly Extension[]): readonly Extension[] {
    const answer: unknown = during(this.#request, () => this.#configurator.getNegotiatedExtensions(installed, requested));
    if (Array.isArray(answer)) return answer;
    unheard(answer);
    throw new Error(`getNegotiatedExtensions returned ${spell(answer)}; return a list at once`);
  }

  modify(config: ConnectionConfig, added: HeaderMap): Handled<void> {
    return during(this.#request, () => this.#configurator.modifyHandshake(config, this.#request, { getHeaders: () => added }));
  }

  instance(type: new () => object): Handled<object> {
    return during(this.#request, () => this.#configurator.getEndpointInstance(type));
  }
}
