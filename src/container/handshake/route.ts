/** A request, once its endpoint is known and there is room for one more. */
import type { Deployment } from '../deployment/deployment.js';
import type { Caller } from '../web/proxy.js';
import type { RequestPath } from '../web/request-path.js';
import type { Place } from './capacity.js';

export interface Route {
  readonly deployment: Deployment;
  readonly path: RequestPath;
  readonly pathParameters: ReadonlyMap<string, string>;
  readonly caller: Caller;
  /** The handshake gives it back, or the connection that comes of it. */
  readonly place: Place;
}
