/** What an endpoint was configured with: by its decorator, or by a ServerEndpointConfig. */
import type { Decoder, Encoder } from '../../api/codec.js';
import type { EndpointSettings } from '../../api/endpoint-settings.js';
import { type Problem, wordsOf } from '../../api/exceptions.js';
import type { InstanceManager } from '../../api/instance-manager.js';
import { kindOf } from '../../api/kind.js';
import { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import type { Class } from '../../api/tokens.js';
import type { EndpointDescription } from '../../metadata/describe.js';
import { unheard } from '../../runtime/thenable.js';
import { objectionsTo } from '../options/checks.js';
import { type ContainerOptions, ENDPOINT_OPTIONS } from '../options/options.js';
import type { Defaults } from '../options/session-settings.js';
import { spell } from '../options/spelling.js';
import { isToken } from '../web/header-grammar.js';
import { UriTemplate } from '../web/uri-template.js';
import { baseOf } from './lineage.js';
import type { OpenSessions } from './open-sessions.js';
import { badConfigurator, badOption, badPath, badSubprotocol, constructorNeeds } from './problems.js';

/** What a deployment is made with. */
export interface Platform {
  readonly options: ContainerOptions;
  readonly defaults: Defaults;
  readonly configurator: ServerEndpointConfig.Configurator;
  readonly manager: InstanceManager | null;
  readonly sessions: OpenSessions;
}

/** Where an endpoint answers, and how. */
export interface Configuration {
  readonly template: UriTemplate;
  readonly config: ServerEndpointConfig;
  /** What it sets for itself. [D-36] */
  readonly own: EndpointSettings;
}

/** Nothing can be deployed; the problems say why. */
export interface Unusable {
  /** What a constructor of the user's threw, if one did. */
  readonly cause?: unknown;
}

type Configurator = ServerEndpointConfig.Configurator;

/** As the class's decorator says. [DEP-6] */
export function annotated(description: EndpointDescription, platform: Platform, problems: Problem[]): Configuration | Unusable {
  const { type } = description;
  const before = problems.length;
  const { value, subprotocols, encoders, decoders, configurator: written, ...own } = optionsOf(description, problems);
  const { configurator, cause } = configuratorOf(type, written, platform, problems);
  const template = templateOf(type, value, problems);
  if (template === null || problems.length > before || !isList(encoders) || !isList(decoders)) return { cause };
  const config = ServerEndpointConfig.Builder.create(type, template.source)
    .encoders((encoders ?? null) as readonly (new () => Encoder)[] | null)
    .decoders((decoders ?? null) as readonly (new () => Decoder)[] | null)
    .subprotocols((subprotocols ?? null) as readonly string[] | null)
    .configurator(configurator)
    .build();
  return { template, config, own: own as EndpointSettings };
}

/** User properties whose names begin so are options of the endpoint. [D-36] */
const PREFIX = 'margay.';

/** As a configuration says; what the class's decorator says beside its handlers is ignored. [DEP-1] */
export function configured(type: Class, config: ServerEndpointConfig, platform: Platform, problems: Problem[]): Configuration | Unusable {
  const before = problems.length;
  const properties = [...config.getUserProperties()].filter(([name]) => name.startsWith(PREFIX));
  const own = Object.fromEntries(properties.map(([name, value]) => [name.slice(PREFIX.length), value]));
  for (const objection of objectionsTo(own, ENDPOINT_OPTIONS)) problems.push(badOption(type, objection));
  checkSubprotocols(type, config.getSubprotocols(), problems);
  const configurator: unknown = config.getConfigurator();
  if (configuratorBaseOf((configurator as object | null | undefined)?.constructor) !== null) {
    if (!makesInstances(configurator as Configurator, platform)) checkConstructor(type, platform, problems);
  } else {
    problems.push(
      badConfigurator(type, configurator, configuratorBaseOf(configurator) === null ? NO_CONFIGURATOR : 'is a class; give an object of it'),
    );
  }
  const template = templateOf(type, config.getPath(), problems);
  return template === null || problems.length > before ? {} : { template, config, own };
}

interface Written {
  readonly value?: unknown;
  readonly subprotocols?: unknown;
  /** Judged by `CoderCheck`, as those of a configuration are. */
  readonly encoders?: unknown;
  readonly decoders?: unknown;
  readonly configurator?: unknown;
  readonly [option: string]: unknown;
}

/** What @ServerEndpoint was given, checked but for its path. */
function optionsOf({ type, server }: EndpointDescription, problems: Problem[]): Written {
  const written = server?.written;
  if (typeof written !== 'object' || written === null) return { value: written };
  const { value, subprotocols, encoders, decoders, configurator, ...own } = written as Written;
  const known = { value: ok, subprotocols: ok, encoders: ok, decoders: ok, configurator: ok, ...ENDPOINT_OPTIONS };
  const objections = objectionsTo(own, known);
  for (const objection of objections) problems.push(badOption(type, objection));
  if (subprotocols !== undefined) checkSubprotocols(type, subprotocols, problems);
  return { value, subprotocols, encoders, decoders, configurator, ...own };
}

const NO_CONFIGURATOR = 'is none; name a class that extends ServerEndpointConfig.Configurator';
const ok = () => null;
const isList = (list: unknown) => list === undefined || list === null || Array.isArray(list);

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
): { readonly configurator: Configurator; readonly cause?: unknown } {
  if (written === undefined) {
    checkConstructor(type, platform, problems);
    return platform;
  }
  if (configuratorBaseOf(written) === null) {
    const isMade = configuratorBaseOf((written as object | null)?.constructor) !== null;
    problems.push(
      badConfigurator(type, written, isMade ? 'is no class; name the class, which is made without arguments' : NO_CONFIGURATOR),
    );
    return platform;
  }
  try {
    const configurator = make(written as new () => Configurator, platform);
    if (configurator === null) {
      problems.push(badConfigurator(type, written, 'comes as a promise from the instanceManager; it is needed at once'));
      return platform;
    }
    if (configuratorBaseOf((configurator as object | undefined)?.constructor) === null) {
      problems.push(
        badConfigurator(type, written, `was made as ${spell(configurator)} by the instanceManager; return an object of the class`),
      );
      return platform;
    }
    if (!makesInstances(configurator, platform)) checkConstructor(type, platform, problems);
    return { configurator };
  } catch (cause) {
    problems.push(
      badConfigurator(type, written, `cannot be made (${wordsOf(cause)}); it is made without arguments, once for the endpoint`),
    );
    return { ...platform, cause };
  }
}

/** By the instance manager, if there is one; null: it gives a promise. [DEP-10] */
function make(type: new () => Configurator, { manager }: Platform): Configurator | null {
  if (manager === null) return new type();
  const made = manager.create(type);
  return unheard(made) ? null : (made as Configurator);
}

/** Without a factory of its own, or of the application's, an endpoint must be constructible as it is. [ANN-1] */
function checkConstructor(type: Class, { manager }: Platform, problems: Problem[]): void {
  if (manager === null && type.length > 0) problems.push(constructorNeeds(type, type.length));
}

/** Whether it brings a factory of its own. */
export function makesInstances(configurator: Configurator, platform: Pick<Platform, 'configurator'>): boolean {
  const base = configuratorBaseOf(configurator.constructor);
  return configurator !== platform.configurator && configurator.getEndpointInstance !== base?.prototype.getEndpointInstance;
}

/** The Configurator that a class extends, or is. */
function configuratorBaseOf(type: unknown): typeof ServerEndpointConfig.Configurator | null {
  if (kindOf(type) === 'Configurator') return type as typeof ServerEndpointConfig.Configurator;
  return baseOf(type, 'Configurator');
}
