/** One class at one path: all that the handshake and the runtime need of it. */
import type { Problem } from '../../api/exceptions.js';
import type { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import type { Class } from '../../api/tokens.js';
import { describe, type EndpointDescription } from '../../metadata/describe.js';
import type { EndpointPlan, Registry } from '../../runtime/plan.js';
import { EndpointOptions } from '../options/settings.js';
import type { UriTemplate } from '../web/uri-template.js';
import { CoderCheck } from './codecs.js';
import { compile } from './compile.js';
import { annotated, configured, type Platform } from './configuration.js';
import { descends } from './lineage.js';
import { planFor } from './mapping.js';
import { notEndpoint } from './problems.js';
import { programmaticPlan } from './programmatic.js';

/** An endpoint that can be served. */
export interface Deployment {
  readonly type: Class;
  readonly kind: 'annotated' | 'programmatic';
  readonly template: UriTemplate;
  readonly plan: EndpointPlan;
  readonly config: ServerEndpointConfig;
  readonly options: EndpointOptions;
  readonly sessions: Registry;
  /** The plan for an instance: what the configurator has returned decides the style. [LIF-1] */
  planFor(instance: object): EndpointPlan;
}

/** Everything that stands against an endpoint. */
export interface Refused {
  readonly problems: readonly Problem[];
  /** What a constructor of the user's threw, if one did. */
  readonly cause?: unknown;
}

/** The deployment of an annotated class, or of a configuration; or everything that stands against it. */
export function deploymentOf(endpoint: unknown, platform: Platform): Deployment | Refused {
  const config = isConfig(endpoint) ? endpoint : null;
  const named = config === null ? endpoint : config.getEndpointClass();
  if (typeof named !== 'function' || named.prototype === undefined) return { problems: [notEndpoint(named)] };
  const type = named as Class;
  const description = describe(type);
  const isProgrammatic = descends(type, 'Endpoint');
  if (description.server === null && (config === null || !isProgrammatic)) return { problems: [notEndpoint(type)] };
  const problems: Problem[] = [];
  const made = config === null ? annotated(description, platform, problems) : configured(type, config, platform, problems);
  const check = new CoderCheck(type, platform.manager === null, problems);
  const coders = check.of(...codersListed(config, description));
  const compiled = isProgrammatic ? null : compile(description, coders);
  problems.push(...(compiled?.problems ?? []));
  if (!('template' in made)) return { problems, cause: made.cause ?? check.cause };
  if (problems.length > 0) return { problems, cause: check.cause };
  const plan = compiled?.plan ?? programmaticPlan(type, type.prototype, coders);
  return {
    type,
    kind: isProgrammatic ? 'programmatic' : 'annotated',
    template: made.template,
    plan,
    config: made.config,
    options: new EndpointOptions(platform.options, platform.defaults, made.own),
    sessions: platform.sessions.at(made.template.source, type),
    planFor: (instance) => planFor(instance, { type, plan, description, coders }),
  };
}

function codersListed(config: ServerEndpointConfig | null, { server }: EndpointDescription): [encoders: unknown, decoders: unknown] {
  if (config !== null) return [config.getEncoders(), config.getDecoders()];
  const written = server?.written as { encoders?: unknown; decoders?: unknown } | string | null | undefined;
  return typeof written === 'object' && written !== null ? [written.encoders, written.decoders] : [undefined, undefined];
}

/** By what it can do, so that one of another installed copy counts. */
function isConfig(endpoint: unknown): endpoint is ServerEndpointConfig {
  const config = endpoint as Partial<ServerEndpointConfig> | null;
  return (
    typeof config === 'object' && config !== null && typeof config.getEndpointClass === 'function' && typeof config.getPath === 'function'
  );
}
