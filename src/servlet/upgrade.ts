/** What a servlet and its container say to each other when a request is to become a connection. [TC7-1] */
import type { Handled } from '../api/tokens.js';
import type { EndpointPlan, Opening } from '../runtime/plan.js';
import type { Channel, ChannelListener } from '../transport/spi.js';

/** The request's method for it: a symbol, since users see what a request has. */
export const UPGRADE: unique symbol = Symbol.for('margay/upgrade') as never;

/** A servlet's part in the handshake, and in the connection that comes of it. `R`: requests. */
export interface Upgrade<R> {
  /** `byDefault` is the container's rule on origins. */
  allows(origin: string | null, byDefault: (origin: string | null) => boolean): Handled<boolean>;
  /** It has a rule of its own on origins. */
  readonly hasOriginRule: boolean;
  /** Asked when the client offers some; null: none. */
  subprotocol(offered: readonly string[]): string | null;
  /** Makes the object that serves the connection. */
  inbound(subprotocol: string | null, request: R): Handled<object>;
  /** How that object is called. @throws Error for what cannot serve a connection */
  planFor(inbound: object): EndpointPlan;
  connect(channel: Channel, opening: Opening): ChannelListener;
}
