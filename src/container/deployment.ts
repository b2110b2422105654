/** One class at one path: all that the handshake and the runtime need of it. */
import type { EndpointSettings } from '../api/endpoint-settings.js';
import type { Problem } from '../api/exceptions.js';
import type { Extension } from '../api/extension.js';
import { kindOf } from '../api/kind.js';
import { ServerEndpointConfig } from '../api/server-endpoint-config.js';
import type { Class } from '../api/tokens.js';
import { describe, type EndpointDescription } from '../metadata/describe.js';
import type { EndpointPlan } from '../runtime/plan.js';
import { compile } from './compile.js';
import { isToken } from './header-grammar.js';
import { OpenSessions } from './open-sessions.js';
import { type ContainerOptions, ENDPOINT_OPTIONS, objectionsTo } from './options.js';
import { badConfigurator, badOption, badPath, badSubprotocol, constructorNeeds, notEndpoint } from './problems.js';
import { type Defaults, EndpointOptions } from './settings.js';
import { UriTemplate } from './uri-template.js';

/** What a deployment is made with. */
export interface Platform {
  readonly options: ContainerOptions;
  readonly defaults: Defaults;
  readonly configurator: ServerEndpointConfig.Configurator;
}

/** An endpoint that can be served. */
export interface Deployment {
  readonly type: Class;
  readonly template: UriTemplate;
  readonly plan: EndpointPlan;
  readonly config: ServerEndpointConfig;
  readonly options: EndpointOptions;
  readonly sessions: OpenSessions;
}

/** Everything that stands against a class. */
export interface Refused {
  readonly problems: readonly Problem[];
  /** What a constructor of the user's threw, if one did. */
  readonly cause?: unknown;
}

/** The deployment of an annotated class, or everything that stands against it. */
export function deploymentOf(type: unknown, platform: Platform): Deployment | Refused {
  if (typeof type !== 'function' || type.prototype === undefined) return { problems: [notEndpoint(type)] };
  const description = describe(type as unknown as Class);
  if (description.server === null) return { problems: [notEndpoint(type)] };
  const problems: Problem[] = [];
  const written = optionsOf(description, problems);
  const { plan, problems: found } = compile(description);
  problems.push(...found);
  const { configurator, cause } = configuratorOf(description.type, written.configurator, platform, problems);
  const template = templateOf(description.type, written.value, problems);
  if (template === null || problems.length > 0) return { problems, cause };
  const { value, subprotocols, configurator: _, ...own } = written;
  return {
    type: description.type,
    template,
    plan,
    config: new AnnotatedConfig(description.type, value as string, (subprotocols ?? []) as readonly string[], configurator),
    options: new EndpointOptions(platform.options, platform.defaults, own as EndpointSettings),
    sessions: new OpenSessions(),
  };
}

interface Written {
  readonly value?: unknown;
  readonly subprotocols?: unknown;
  readonly configurator?: unknown;
  readonly [option: string]: unknown;
}

/** What @ServerEndpoint was given, checked but for its path. */
function optionsOf({ type, server }: EndpointDescription, problems: Problem[]): Written {
  const written = server?.written;
  if (typeof written !== 'object' || written === null) return { value: written };
  const { value, subprotocols, configurator, ...own } = written as Written;
  const objections = objectionsTo(own, { ...ENDPOINT_OPTIONS, value: ok, subprotocols: ok, configurator: ok });
  for (const objection of objections) problems.push(badOption(type, objection));
  if (subprotocols !== undefined) checkSubprotocols(type, subprotocols, problems);
  return { value, subprotocols, configurator, ...own };
}

const ok = () => null;

function checkSubprotocols(type: Class, list: unknown, problems: Problem[]): void {
  if (!Array.isArray(list)) {
    problems.push(badSubprotocol(type, list));
    return;
  }
  const odd = list.filter((each, i) => typeof each !== 'string' || !isToken(each) || list.indexOf(each) !== i);
  for (const each of odd) problems.push(badSubprotocol(type, each));
}

function templateOf(type: Class, path: unknown, problems: Problem[]): UriTemplate | null {
  const objections = UriTemplate.objections(path);
  for (const objection of objections) problems.push(badPath(type, path, objection));
  return objections.length === 0 ? new UriTemplate(path as string) : null;
}

/** One instance per deployed class. [ANN-3] Where it leaves the factory alone, the class must be constructible as it is. [ANN-1] */
function configuratorOf(
  type: Class,
  written: unknown,
  platform: Platform,
  problems: Problem[],
): { readonly configurator: ServerEndpointConfig.Configurator; readonly cause?: unknown } {
  const checkConstructor = () => {
    if (type.length > 0) problems.push(constructorNeeds(type, type.length));
  };
  if (written === undefined) {
    checkConstructor();
    return platform;
  }
  const base = baseOf(written);
  if (base === null) {
    problems.push(badConfigurator(type, written, 'is none'));
    return platform;
  }
  try {
    const configurator = new (written as typeof base)();
    if (configurator.getEndpointInstance === base.prototype.getEndpointInstance) checkConstructor();
    return { configurator };
  } catch (cause) {
    problems.push(badConfigurator(type, written, `cannot be made (${String(cause)})`));
    return { ...platform, cause };
  }
}

/** The Configurator that a class extends, or is; by its brand, so that one of another installed copy counts. */
function baseOf(type: unknown): typeof ServerEndpointConfig.Configurator | null {
  for (let current = type; typeof current === 'function'; current = Object.getPrototypeOf(current)) {
    if (kindOf(current) === 'Configurator') return current as typeof ServerEndpointConfig.Configurator;
  }
  return null;
}

/** The configuration that an annotated class amounts to. [DEP-6] */
class AnnotatedConfig extends ServerEndpointConfig {
  readonly #type: Class;
  readonly #path: string;
  readonly #subprotocols: readonly string[];
  readonly #configurator: ServerEndpointConfig.Configurator;
  readonly #properties = new Map<string, unknown>();

  constructor(type: Class, path: string, subprotocols: readonly string[], configurator: ServerEndpointConfig.Configurator) {
    super();
    this.#type = type;
    this.#path = path;
    this.#subprotocols = Object.freeze([...subprotocols]);
    this.#configurator = configurator;
  }

  getEndpointClass(): Class {
    return this.#type;
  }

  getPath(): string {
    return this.#path;
  }

  getSubprotocols(): readonly string[] {
    return this.#subprotocols;
  }

  getExtensions(): readonly Extension[] {
    return NO_EXTENSIONS;
  }

  getConfigurator(): ServerEndpointConfig.Configurator {
    return this.#configurator;
  }

  getUserProperties(): Map<string, unknown> {
    return this.#properties;
  }
}

const NO_EXTENSIONS: readonly Extension[] = Object.freeze([]);

/** A connection's own view of its endpoint's configuration: the user properties are a copy. [HS-9] */
export class ConnectionConfig extends ServerEndpointConfig {
  readonly #of: ServerEndpointConfig;
  readonly #properties: Map<string, unknown>;

  constructor(of: ServerEndpointConfig) {
    super();
    this.#of = of;
    this.#properties = new Map(of.getUserProperties());
  }

  getEndpointClass(): Class {
    return this.#of.getEndpointClass();
  }

  getPath(): string {
    return this.#of.getPath();
  }

  getSubprotocols(): readonly string[] {
    return this.#of.getSubprotocols();
  }

  getExtensions(): readonly Extension[] {
    return this.#of.getExtensions();
  }

  getConfigurator(): ServerEndpointConfig.Configurator {
    return this.#of.getConfigurator();
  }

  getUserProperties(): Map<string, unknown> {
    return this.#properties;
  }
}
