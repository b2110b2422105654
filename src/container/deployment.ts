/** One class at one path: all that the handshake and the runtime need of it. */
import type { Problem } from '../api/exceptions.js';
import type { ServerEndpointConfig } from '../api/server-endpoint-config.js';
import type { Class } from '../api/tokens.js';
import { describe } from '../metadata/describe.js';
import type { EndpointPlan, Registry } from '../runtime/plan.js';
import { compile } from './compile.js';
import { annotated, configured, type Platform } from './configuration.js';
import { notEndpoint } from './problems.js';
import { EndpointOptions } from './settings.js';
import type { UriTemplate } from './uri-template.js';

/** An endpoint that can be served. */
export interface Deployment {
  readonly type: Class;
  readonly template: UriTemplate;
  readonly plan: EndpointPlan;
  readonly config: ServerEndpointConfig;
  readonly options: EndpointOptions;
  readonly sessions: Registry;
}

/** Everything that stands against an endpoint. */
export interface Refused {
  readonly problems: readonly Problem[];
  /** What a constructor of the user's threw, if one did. */
  readonly cause?: unknown;
}

/** The deployment of an annotated class, or of a configuration that names one; or everything that stands against it. */
export function deploymentOf(endpoint: unknown, platform: Platform): Deployment | Refused {
  const config = isConfig(endpoint) ? endpoint : null;
  const type = config === null ? endpoint : config.getEndpointClass();
  if (typeof type !== 'function' || type.prototype === undefined) return { problems: [notEndpoint(type)] };
  const description = describe(type as Class);
  if (description.server === null) return { problems: [notEndpoint(type)] };
  const { plan, problems: found } = compile(description);
  const problems: Problem[] = [];
  const made = config === null ? annotated(description, platform, problems) : configured(description.type, config, platform, problems);
  problems.push(...found);
  if (!('template' in made)) return { problems, cause: made.cause };
  if (problems.length > 0) return { problems };
  return {
    type: description.type,
    template: made.template,
    plan,
    config: made.config,
    options: new EndpointOptions(platform.options, platform.defaults, made.own),
    sessions: platform.sessions.at(made.template.source, description.type),
  };
}

/** By what it can do, so that one of another installed copy counts. */
function isConfig(endpoint: unknown): endpoint is ServerEndpointConfig {
  const config = endpoint as Partial<ServerEndpointConfig> | null;
  return (
    typeof config === 'object' && config !== null && typeof config.getEndpointClass === 'function' && typeof config.getPath === 'function'
  );
}
