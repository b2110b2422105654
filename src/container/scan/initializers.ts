/** Initializers: which classes each is given, and the call. [DEP-11] */
import { type DeploymentException, type Problem, wordsOf } from '../../api/exceptions.js';
import { kindOf } from '../../api/kind.js';
import type { ServletContainerInitializer, StartupContext } from '../../api/servlet-container-initializer.js';
import { type Class, nameOf } from '../../api/tokens.js';
import { tableOn } from '../../metadata/table.js';
import { ancestors } from '../deployment/lineage.js';
import { badHandledType, deploymentFailed, initializerFailed } from '../deployment/problems.js';
import { isAnnotated } from './scanned-classes.js';

export type InitializerSource = ServletContainerInitializer | (new () => ServletContainerInitializer);

/**
 * Makes it where it is a class, and calls it; resolves with the classes it was given.
 * @throws DeploymentException `MARGAY_INITIALIZER`
 */
export async function startUp(source: InitializerSource, scanned: readonly Class[], context: StartupContext): Promise<ReadonlySet<Class>> {
  const type = (typeof source === 'function' ? source : (source.constructor ?? Object)) as Class;
  const handled = tableOn(type)?.handles ?? [];
  const odd = handled.filter((each) => !isHandled(each));
  if (odd.length > 0) throw deploymentFailed(odd.map((each) => badHandledType(type, each)));
  const classes = handles(handled, scanned);
  const initializer = typeof source === 'function' ? made(source) : source;
  try {
    await initializer.onStartup(classes, context);
  } catch (thrown) {
    throw failed(initializerFailed(`${nameOf(type)}.onStartup()`, `threw: ${wordsOf(thrown)}`, 'onStartup'), thrown);
  }
  return classes;
}

/** Those that extend one of the types, or carry one of the decorators. */
export function handles(types: readonly unknown[], scanned: readonly Class[]): ReadonlySet<Class> {
  return new Set(scanned.filter((type) => types.some((each) => isOf(type, each))));
}

function isOf(type: Class, handled: unknown): boolean {
  const kind = kindOf(handled);
  if (kind === 'ServerEndpoint') return isAnnotated(type);
  for (const ancestor of ancestors(type)) {
    if (ancestor === handled || (kind !== undefined && kindOf(ancestor) === kind)) return true;
  }
  return false;
}

/** A class, or the one decorator that leaves a trace. */
function isHandled(type: unknown): boolean {
  return typeof type === 'function' && (kindOf(type) !== undefined || typeof type.prototype === 'object');
}

function made(type: new () => ServletContainerInitializer): ServletContainerInitializer {
  try {
    return new type();
  } catch (thrown) {
    throw failed(initializerFailed(nameOf(type), `cannot be made: ${wordsOf(thrown)}`), thrown);
  }
}

const failed = (problem: Problem, cause: unknown): DeploymentException => deploymentFailed([problem], cause);
