/** From an object to the plan that calls its methods. [LIF-1] */
import type { Endpoint } from '../../api/endpoint.js';
import type { Class } from '../../api/tokens.js';
import type { EndpointDescription, HandlerDescription } from '../../metadata/describe.js';
import type { EndpointPlan } from '../../runtime/plan.js';
import type { Coders } from './codecs.js';
import { compile } from './compile.js';
import { descends } from './lineage.js';
import { deploymentFailed } from './problems.js';
import { programmaticPlan } from './programmatic.js';

/** A class whose handlers have been looked at. */
export interface Mapped {
  readonly type: Class;
  readonly plan: EndpointPlan;
  readonly description: EndpointDescription;
  readonly coders: Coders;
}

/**
 * An Endpoint is programmatic, whatever was deployed; anything else has the mapping of the class that was, and its own methods:
 * a subclass or a proxy may have put others in their place; a stranger's are not asked for. [LIF-1]
 */
export function planFor(instance: object, { type, plan, description, coders }: Mapped): EndpointPlan {
  const own = instance.constructor as Class;
  if (descends(own, 'Endpoint')) {
    const isSame = own === type && MEMBERS.every((member) => (instance as Endpoint)[member] === (type.prototype as Endpoint)[member]);
    return isSame ? plan : programmaticPlan(own, instance as Endpoint, coders);
  }
  const handlers = description.handlers.map((handler) => {
    const method = instance instanceof type ? (instance as Record<PropertyKey, unknown>)[handler.key] : undefined;
    return typeof method === 'function' && method !== handler.method
      ? { ...handler, method: method as HandlerDescription['method'] }
      : handler;
  });
  if (!descends(type, 'Endpoint') && handlers.every((handler, i) => handler === description.handlers[i])) return plan;
  const { plan: mapped, problems } = compile({ ...description, handlers }, coders);
  if (problems.length > 0) throw deploymentFailed(problems);
  return mapped;
}

const MEMBERS = ['onClose', 'onError'] as const;
