/** The servlets of a container: made and initialised when it starts, asked for each request, let go at its end. [TC7-8, TC7-9] */
import { errorOf, wordsOf } from '../../api/exceptions.js';
import { type Class, nameOf } from '../../api/tokens.js';
import { CONFIGURE, type HttpServlet, isServlet } from '../../servlet/http-servlet.js';
import type { Offer } from '../../transport/spi.js';
import type { Platform } from '../deployment/configuration.js';
import { deploymentFailed, initializerFailed } from '../deployment/problems.js';
import type { Host } from '../handshake/handshake.js';
import type { Entrance, Others } from '../handshake/reception.js';
import { draining } from '../handshake/refusals.js';
import { containerLimits } from '../options/container-limits.js';
import type { ServletMapping } from '../options/servlet-options.js';
import { EndpointOptions } from '../options/settings.js';
import { spell } from '../options/spelling.js';
import type { ContextPath } from '../web/context-path.js';
import { DirectCaller, type TrustedProxies } from '../web/proxy.js';
import type { RequestPath } from '../web/request-path.js';
import { pathText, UrlPattern } from '../web/url-pattern.js';
import { Mapping } from './mapping.js';
import { type Mapped, ServletCall } from './servlet-call.js';
import { ServletConfiguration, SharedContext } from './servlet-configuration.js';

/** Whose they are. */
export interface ServletsHost {
  readonly host: Host;
  readonly contextPath: ContextPath;
  readonly proxies: TrustedProxies;
  readonly platform: Platform;
  /** Has the attributes that hold at the moment. */
  readonly context: { readonly attributes: Map<string, unknown> };
}

/** One that has been made. */
interface Made {
  readonly servlet: HttpServlet;
  readonly isManaged: boolean;
}

export class Servlets implements Others {
  readonly #list: readonly ServletMapping[];
  readonly #of: ServletsHost;
  /** Those of the container: a servlet sets none of its own. */
  readonly #options: EndpointOptions;
  readonly #context: SharedContext;
  /** ms for a form to arrive. */
  readonly #patience: number;
  #mapping: Mapping<Mapped> = new Mapping([]);
  /** Those to destroy, in the order in which they were initialised. */
  readonly #made: Made[] = [];
  #begun: Promise<void> | null = null;
  #hasEnded = false;
  readonly #running = new Set<Promise<void>>();

  constructor(list: readonly ServletMapping[], of: ServletsHost) {
    this.#list = list;
    this.#of = of;
    this.#options = new EndpointOptions(of.platform.options, of.platform.defaults, {});
    this.#patience = containerLimits(of.platform.options).handshakeTimeout;
    this.#context = new SharedContext(of.contextPath.source, () => of.context.attributes);
  }

  /** There is nothing to begin, or it has been done. */
  get areNone(): boolean {
    return this.#list.length === 0;
  }

  /** Makes and initialises them, one after the other, once. Rejects with DeploymentException `MARGAY_INITIALIZER`. */
  begin(): Promise<void> {
    this.#begun ??= this.#begin();
    return this.#begun;
  }

  take(offer: Offer, path: RequestPath, entrance: Entrance): boolean {
    if (this.areNone) return false;
    const cut = this.#mapping.find(pathText(path));
    if (cut === null) return false;
    const { host, proxies } = this.#of;
    if (host.isDraining) {
      offer.decline(draining.status, draining.headers, draining.body);
      return true;
    }
    const caller = proxies.areNone ? new DirectCaller(offer) : proxies.callerOf(offer.peer.address, offer.secure, offer.headers);
    const call = new ServletCall(
      { offer, caller, cut, entrance },
      { contextPath: this.#context.getContextPath(), host, patience: this.#patience },
    );
    const running: Promise<void> = call.run().finally(() => this.#running.delete(running));
    this.#running.add(running);
    return true;
  }

  /** Those that answer just now are done, or `ms` are over. */
  async idle(ms: number): Promise<void> {
    if (this.#running.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all(this.#running), late]);
    clearTimeout(timer);
  }

  /** Destroys them, the last first. Never rejects. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#mapping = new Mapping([]);
    for (const { servlet, isManaged } of this.#made.splice(0).reverse()) {
      await this.#safely(servlet, () => servlet.destroy());
      if (isManaged) await this.#safely(servlet, () => this.#of.host.manager?.destroy?.(servlet));
    }
  }

  async #begin(): Promise<void> {
    const known = new Set<HttpServlet>();
    const entries: { pattern: UrlPattern; value: Mapped }[] = [];
    for (const { urlPattern, servlet: given, initParams = {} } of this.#list) {
      const { servlet, isManaged } = await this.#make(given);
      const name = nameOf(servlet.constructor);
      if (!known.has(servlet)) {
        known.add(servlet);
        this.#made.push({ servlet, isManaged });
        await this.#attempt(`${name}.init()`, 'threw', () => servlet[CONFIGURE](new ServletConfiguration(name, initParams, this.#context)));
        this.#of.host.logger.info(
          { code: 'MARGAY_DEPLOYED', endpoint: name, path: urlPattern },
          `${name} at ${this.#context.getContextPath()}${urlPattern}`,
        );
      }
      entries.push({ pattern: new UrlPattern(urlPattern), value: this.#mapped(servlet, name, urlPattern) });
    }
    if (this.#hasEnded) await this.end();
    else this.#mapping = new Mapping(entries);
  }

  #mapped(servlet: HttpServlet, name: string, pattern: string): Mapped {
    const type = servlet.constructor as Class;
    const sessions = this.#of.platform.sessions.at(pattern, type);
    return { servlet, name, type, pattern, plan: planNamed(name), sessions, options: this.#options };
  }

  async #make(given: ServletMapping['servlet']): Promise<Made> {
    if (typeof given !== 'function') return { servlet: given, isManaged: false };
    const { manager } = this.#of.host;
    const servlet = await this.#attempt(nameOf(given), 'cannot be made', async () => {
      const made: unknown = manager === null ? new given() : await manager.create(given);
      if (typeof made === 'object' && isServlet(made)) return made as HttpServlet;
      throw new Error(`instanceManager.create returned ${spell(made)}; return an object of ${nameOf(given)}`);
    });
    return { servlet, isManaged: manager !== null };
  }

  async #attempt<T>(what: string, why: string, action: () => T): Promise<Awaited<T>> {
    try {
      return await action();
    } catch (thrown) {
      throw deploymentFailed([initializerFailed(what, `${why}: ${wordsOf(thrown)}`, 'init')], thrown);
    }
  }

  async #safely(servlet: HttpServlet, action: () => unknown): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      const name = nameOf(servlet.constructor);
      const fields = { code: 'MARGAY_DESTROY', class: name, path: this.#context.getContextPath(), err: errorOf(thrown) };
      this.#of.host.logger.warn(fields, `${name} could not be destroyed: ${wordsOf(thrown)}`);
    }
  }
}

/** For the log of a handshake: the inbound brings the plan that is called. */
function planNamed(name: string): Mapped['plan'] {
  const adapt = () => {
    // untested: no connection has this plan
    throw new Error(`${name} takes no handlers`);
  };
  return { name, open: null, receivers: [], close: null, error: null, encoders: [], values: [], adapt };
}
