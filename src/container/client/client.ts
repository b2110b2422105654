/** What connects: an endpoint's class, how its methods are called, and its configuration. [CLI-1, CLI-2] */
import { ClientEndpointConfig } from '../../api/client-endpoint-config.js';
import type { Decoder, Encoder } from '../../api/codec.js';
import { type Problem, wordsOf } from '../../api/exceptions.js';
import type { InstanceManager } from '../../api/instance-manager.js';
import { kindOf } from '../../api/kind.js';
import type { Class } from '../../api/tokens.js';
import { describe } from '../../metadata/describe.js';
import { unheard } from '../../runtime/thenable.js';
import { CoderCheck } from '../deployment/codecs.js';
import { compile } from '../deployment/compile.js';
import { baseOf, descends } from '../deployment/lineage.js';
import type { Mapped } from '../deployment/mapping.js';
import { badSubprotocol, deploymentFailed } from '../deployment/problems.js';
import { programmaticPlan } from '../deployment/programmatic.js';
import { extensionObjection } from '../negotiation/agreement.js';
import { objectionsTo } from '../options/checks.js';
import { spell } from '../options/spelling.js';
import { isToken } from '../web/header-grammar.js';
import { badClientConfigurator, badClientOption, badConfig, needsArguments, notAnnotated, notProgrammatic } from './client-problems.js';

export interface Client {
  readonly mapped: Mapped;
  readonly config: ClientEndpointConfig;
  /** The object that was given; null: one is made of the class. */
  readonly given: object | null;
  readonly isProgrammatic: boolean;
}

/** Who makes objects of classes; null: each coder is made once as a check, and the class as it is. [ANN-3, DEP-10] */
export interface ClientPlatform {
  readonly manager: InstanceManager | null;
}

/** What was written on an annotated class, looked at once for all its connections. */
interface Annotated {
  readonly mapped: Mapped;
  readonly written: Written;
}

interface Written {
  readonly subprotocols?: readonly string[] | null;
  readonly encoders?: readonly (new () => Encoder)[] | null;
  readonly decoders?: readonly (new () => Decoder)[] | null;
  readonly configurator?: new () => ClientEndpointConfig.Configurator;
}

export class Clients {
  readonly #platform: ClientPlatform;
  readonly #annotated = new WeakMap<Class, Annotated>();

  constructor(platform: ClientPlatform) {
    this.#platform = platform;
  }

  /** A class with @ClientEndpoint, or an object of one. @throws DeploymentException with every problem of the class */
  annotated(endpoint: unknown): Client {
    const { type, given } = split(endpoint);
    const isOne = type !== null && (this.#annotated.has(type) || describe(type).client !== null);
    if (!isOne || descends(type, 'Endpoint')) throw deploymentFailed([notAnnotated(endpoint)]);
    const { mapped, written } = this.#annotated.get(type) ?? this.#read(type);
    if (given === null) this.#mustBeMakeable(type);
    const config = ClientEndpointConfig.Builder.create()
      .preferredSubprotocols(written.subprotocols ?? null)
      .encoders(written.encoders ?? null)
      .decoders(written.decoders ?? null)
      .configurator(written.configurator === undefined ? null : configuratorOf(type, written.configurator, this.#platform))
      .build();
    return { mapped, config, given, isProgrammatic: false };
  }

  /** An Endpoint, or its class. @throws DeploymentException with every problem of the class and its configuration */
  programmatic(endpoint: unknown, configured: unknown): Client {
    const { type, given } = split(endpoint);
    if (type === null || !descends(type, 'Endpoint')) throw deploymentFailed([notProgrammatic(endpoint)]);
    if (configured !== null && !isConfig(configured)) throw deploymentFailed([badConfig(type, configured)]);
    if (given === null) this.#mustBeMakeable(type);
    const config = configured ?? ClientEndpointConfig.Builder.create().build();
    const problems: Problem[] = [...configProblems(type, config)];
    const check = new CoderCheck(type, this.#platform.manager === null, problems);
    const coders = check.of(config.getEncoders(), config.getDecoders());
    if (problems.length > 0) throw deploymentFailed(problems, check.cause);
    const mapped = { type, plan: programmaticPlan(type, type.prototype, coders), description: describe(type), coders };
    return { mapped, config, given, isProgrammatic: true };
  }

  #read(type: Class): Annotated {
    const description = describe(type);
    const problems: Problem[] = [];
    const written = writtenOn(type, description.client?.written, problems);
    const check = new CoderCheck(type, this.#platform.manager === null, problems);
    const coders = check.of(written.encoders, written.decoders);
    const { plan, problems: found } = compile(description, coders);
    problems.push(...found);
    if (problems.length > 0) throw deploymentFailed(problems, check.cause);
    const known = { mapped: { type, plan, description, coders }, written };
    this.#annotated.set(type, known);
    return known;
  }

  #mustBeMakeable(type: Class): void {
    if (this.#platform.manager === null && type.length > 0) throw deploymentFailed([needsArguments(type)]);
  }
}

/** Or its class: what the programmatic forms take. */
export function isEndpoint(endpoint: unknown): boolean {
  const { type } = split(endpoint);
  return type !== null && descends(type, 'Endpoint');
}

function split(endpoint: unknown): { readonly type: Class | null; readonly given: object | null } {
  if (typeof endpoint === 'function' && endpoint.prototype !== undefined) return { type: endpoint as unknown as Class, given: null };
  if (typeof endpoint !== 'object' || endpoint === null || typeof endpoint.constructor !== 'function') return { type: null, given: null };
  return { type: endpoint.constructor as unknown as Class, given: endpoint };
}

const any = () => null;

/** What @ClientEndpoint was given. */
function writtenOn(type: Class, written: unknown, problems: Problem[]): Written {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    problems.push(badClientOption(type, `@ClientEndpoint takes options, such as { subprotocols: ['v2'] }`));
    return {};
  }
  const objections = objectionsTo(written, { subprotocols: any, encoders: any, decoders: any, configurator: any });
  for (const objection of objections) problems.push(badClientOption(type, objection));
  const { subprotocols, configurator } = written as Written;
  problems.push(...subprotocolProblems(type, subprotocols ?? []));
  if (configurator !== undefined && !isConfigurator(configurator)) {
    problems.push(badClientConfigurator(type, configurator, 'is none; name a class that extends ClientEndpointConfig.Configurator'));
  }
  return written;
}

const isConfigurator = (type: unknown) => kindOf(type) === 'ClientConfigurator' || baseOf(type, 'ClientConfigurator') !== null;

/** One for each connect. [ANN-3] @throws DeploymentException `MARGAY_CONSTRUCTOR` */
function configuratorOf(
  type: Class,
  written: new () => ClientEndpointConfig.Configurator,
  { manager }: ClientPlatform,
): ClientEndpointConfig.Configurator {
  const refused = (why: string, cause?: unknown) => deploymentFailed([badClientConfigurator(type, written, why)], cause);
  let made: unknown;
  try {
    made = manager === null ? new written() : manager.create(written);
  } catch (cause) {
    throw refused(`cannot be made (${wordsOf(cause)}); it is made without arguments`, cause);
  }
  if (unheard(made)) throw refused('is made by an instanceManager that returned a promise; return the object itself');
  if (isConfigurator((made as object | null | undefined)?.constructor)) return made as ClientEndpointConfig.Configurator;
  throw refused(`is made by an instanceManager that returned ${spell(made)}; return an object of the class`);
}

function* subprotocolProblems(type: Class, list: unknown): Generator<Problem> {
  if (!Array.isArray(list)) yield badSubprotocol(type, list);
  else for (const [i, each] of list.entries()) if (!isToken(String(each)) || list.indexOf(each) !== i) yield badSubprotocol(type, each);
}

function* configProblems(type: Class, config: ClientEndpointConfig): Generator<Problem> {
  yield* subprotocolProblems(type, config.getPreferredSubprotocols());
  const configurator: unknown = config.getConfigurator();
  if (!isConfigurator((configurator as object | null | undefined)?.constructor)) {
    const why = isConfigurator(configurator) ? 'is a class; give an object of it' : 'is none; extend ClientEndpointConfig.Configurator';
    yield badClientConfigurator(type, configurator, why);
  }
  const extensions: unknown = config.getExtensions();
  if (!Array.isArray(extensions)) yield badClientOption(type, `its extensions are ${spell(extensions)}; give a list`);
  else {
    for (const extension of extensions) {
      const objection = extensionObjection(extension);
      if (objection !== null) yield badClientOption(type, `one of its extensions ${objection}`);
    }
  }
}

const CONFIG_METHODS = [
  ...(['getPreferredSubprotocols', 'getExtensions', 'getEncoders', 'getDecoders'] as const),
  ...(['getConfigurator', 'getSSLContext'] as const),
];

/** By what it can do, so that one of another installed copy counts. */
function isConfig(config: unknown): config is ClientEndpointConfig {
  if (typeof config !== 'object' || config === null) return false;
  const asked = config as ClientEndpointConfig;
  if (!CONFIG_METHODS.every((method) => typeof asked[method] === 'function')) return false;
  return typeof asked.getUserProperties === 'function' && typeof asked.getUserProperties()?.entries === 'function';
}
