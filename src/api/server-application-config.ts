/** Decides what of a scanned archive is deployed. */
import type { Endpoint } from './endpoint.js';
import { KIND } from './kind.js';
import type { ServerEndpointConfig } from './server-endpoint-config.js';
import type { Class } from './tokens.js';

/**
 * Extend it in a module that is scanned; with one or several of them there, what they return is deployed and nothing else.
 * It is made without arguments. `implements` alone leaves no trace at run time. [DEP-5]
 */
export abstract class ServerApplicationConfig {
  static readonly [KIND]: string = 'ServerApplicationConfig';

  /** Configurations to deploy, given the scanned subclasses of Endpoint. None unless overridden; null is none, too. */
  getEndpointConfigs(_endpointClasses: ReadonlySet<Class<Endpoint>>): Iterable<ServerEndpointConfig> | null {
    return [];
  }

  /** Annotated classes to deploy, of those scanned or others. All that were scanned unless overridden; null is none. */
  getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): Iterable<Class> | null {
    return scanned;
  }
}
