/** A request, once its endpoint is known. */
import type { Deployment } from '../deployment/deployment.js';
import type { Caller } from '../web/proxy.js';
import type { RequestPath } from '../web/request-path.js';

export interface Route {
  readonly deployment: Deployment;
  readonly path: RequestPath;
  readonly pathParameters: ReadonlyMap<string, string>;
  readonly caller: Caller;
}
