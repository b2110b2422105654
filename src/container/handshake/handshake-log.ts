/** What one handshake has to say to the log. */
import { errorOf, wordsOf } from '../../api/exceptions.js';
import type { Logger } from '../../api/logger.js';
import { asksOrigin } from './configurator.js';
import type { Route } from './route.js';

export class HandshakeLog {
  readonly #logger: Logger;
  readonly #route: Route;

  constructor(logger: Logger, route: Route) {
    this.#logger = logger;
    this.#route = route;
  }

  /** With the cure. [D-06] */
  origin(origin: string | null): void {
    const { deployment, caller, path } = this.#route;
    const host = caller.host ?? '';
    const who = origin === null ? 'a client that names no origin' : `a page of ${origin}`;
    const { originHook = asksOrigin(deployment.config.getConfigurator()) ? 'configurator decides that in checkOrigin' : null } = deployment;
    const cure = originHook === null ? 'list its origin in allowedOrigins' : `${deployment.plan.name}'s ${originHook}`;
    this.#logger.warn(
      { code: 'MARGAY_ORIGIN', origin, host, path: path.canonical },
      `${who} was refused at ${host}; if it may connect, ${cure}`,
    );
  }

  clash(sentence: string): void {
    const fields = { code: 'MARGAY_RSV_CLASH', ...this.#where };
    this.#logger.error(fields, `${sentence} Let getNegotiatedExtensions choose one of them`);
  }

  /** A header that modifyHandshake may not set. [HS-8] */
  ignored(name: string): void {
    const endpoint = this.#route.deployment.plan.name;
    this.#logger.warn(
      { code: 'MARGAY_HEADER_IGNORED', endpoint, name },
      `${endpoint}: modifyHandshake set ${name}, which is the container's to write; it is ignored`,
    );
  }

  failure(thrown: unknown): void {
    const err = errorOf(thrown);
    const where = this.#where;
    this.#logger.error(
      { code: 'MARGAY_HOOK_FAILED', ...where, err },
      `${where.endpoint} could not be prepared for a connection: ${wordsOf(err)}`,
    );
  }

  /** By itself, for whoever outlives the handshake: it keeps neither the route nor the request. [EXT-11] */
  get identity(): (thrown: unknown) => void {
    const logger = this.#logger;
    const where = this.#where;
    return (thrown) => {
      const err = errorOf(thrown);
      logger.error(
        { code: 'MARGAY_HOOK_FAILED', ...where, err },
        `${where.endpoint} could not follow the identity of a connection: ${wordsOf(err)}`,
      );
    };
  }

  get #where(): { readonly endpoint: string; readonly path: string } {
    const { deployment, path } = this.#route;
    return { endpoint: deployment.plan.name, path: path.canonical };
  }
}
