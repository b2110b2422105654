/** Where endpoints, coders and configurators come from, if not from `new`: a container of dependency injection. */
import type { Handled } from './tokens.js';

/**
 * Option `instanceManager`: endpoints and coders are made by `create`, once for each connection, and given back to `destroy`
 * after @OnClose, or when the handshake fails; a coder's own `destroy` comes first. Configurators are made when their endpoint is
 * deployed, so `create` gives them at once and not as a promise, and they are kept. What a Configurator's own
 * `getEndpointInstance` returns is only injected, never destroyed: it may serve other connections too. [DEP-10]
 */
export interface InstanceManager {
  /** An object of the class, or of one that extends it. Not generic, so that a function may pick by class without a cast. */
  create(type: new (...args: any[]) => object): Handled<object>;
  /** Completes an object that was made elsewhere. */
  inject?(object: object): Handled<void>;
  /** Nothing more is asked of an object that `create` made. What it throws is logged. */
  destroy?(object: object): Handled<void>;
}
