/** An Endpoint object as a plan: its three methods, and the handlers it adds itself. [ANN-19] */
import type { Endpoint } from '../../api/endpoint.js';
import { type Class, nameOf } from '../../api/tokens.js';
import type { EndpointPlan, Handler, Invoke } from '../../runtime/plan.js';
import type { Coders } from './codecs.js';
import { baseOf } from './lineage.js';
import { adapterOf } from './receivers.js';

/**
 * `type` extends Endpoint; what `endpoint`, its prototype or an instance, leaves to the base class it does not have, so that its
 * errors are logged. [LIF-10]
 */
export function programmaticPlan(type: Class, endpoint: Endpoint, { encoders, decoders }: Coders): EndpointPlan {
  const base = baseOf<typeof Endpoint>(type, 'Endpoint')?.prototype as Endpoint;
  const own = (member: 'onClose' | 'onError', invoke: Invoke): Handler | null =>
    endpoint[member] === base[member] ? null : Object.freeze({ member, reads: [], invoke });
  return Object.freeze({
    name: nameOf(type),
    open: Object.freeze({
      member: 'onOpen',
      reads: [],
      invoke: (endpoint: object, { session, config }) => (endpoint as Endpoint).onOpen(session, config),
    } satisfies Handler),
    close: own('onClose', (endpoint, { session }, reason) => (endpoint as Endpoint).onClose(session, reason as never)),
    error: own('onError', (endpoint, { session }, error) => (endpoint as Endpoint).onError(session, error as Error)),
    receivers: [],
    encoders,
    values: [],
    adapt: adapterOf(decoders),
  });
}
