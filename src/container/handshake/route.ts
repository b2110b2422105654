/** A request, once it is known what it leads to, and there is room for one more. */
import type { Opening } from '../../runtime/plan.js';
import type { Channel, ChannelListener } from '../../transport/spi.js';
import type { Deployment } from '../deployment/deployment.js';
import type { Caller } from '../web/proxy.js';
import type { RequestPath } from '../web/request-path.js';
import type { Place } from './capacity.js';
import type { Identity } from './identity.js';

/** What a handshake leads to: an endpoint; or a servlet, which brings some manners of its own. [TC7-1] */
export interface Target extends Pick<Deployment, 'type' | 'plan' | 'config' | 'options' | 'sessions' | 'planFor'> {
  readonly template: { readonly source: string };
  /** Sec-WebSocket-Key need not be the base64 of 16 bytes. Default false. */
  readonly takesAnyKey?: boolean;
  /** Which hook decides about origins, for the log; null: none but the option. Default: the configurator's, if it has one. */
  readonly originHook?: string | null;
  /** Default: a Connection. */
  connect?(channel: Channel, opening: Opening): ChannelListener;
}

export interface Route {
  readonly deployment: Target;
  readonly path: RequestPath;
  readonly pathParameters: ReadonlyMap<string, string>;
  readonly caller: Caller;
  /** The handshake gives it back, or the connection that comes of it. */
  readonly place: Place;
  /** Who asks, where that has been looked at before. */
  readonly identity?: Identity | undefined;
}
