/** Writes a handler's fact into the table of its class, whichever dialect the compiler speaks. */
import { type HandlerFact, type Moment, tableOf } from '../metadata/table.js';

/** What a decorator application looks like: legacy (target, key, descriptor), or standard (method, context). */
export type Application = readonly [target: unknown, keyOrContext: unknown, descriptor?: unknown];

/** True for the second argument of a standard decorator. A legacy one gets a name there. */
export function isContext(value: unknown): value is DecoratorContext {
  return typeof value === 'object' && value !== null && 'kind' in value && 'addInitializer' in value;
}

/** True if these arguments apply the decorator bare, rather than call it. */
export function isApplication(args: readonly unknown[]): boolean {
  const [target, second] = args;
  if (typeof target === 'function' && isContext(second)) return true;
  return (typeof second === 'string' || typeof second === 'symbol') && (typeof target === 'object' || typeof target === 'function');
}

export function writeHandler(moment: Moment, options: unknown, bindings: readonly unknown[] | null, application: Application): void {
  const [target, second, descriptor] = application;
  if (isContext(second)) {
    const isPrivate = 'private' in second && second.private;
    const name = second.name as PropertyKey;
    add(tableOf(metadataOf(second)).handlers, name, {
      moment,
      form: formOf(second.kind),
      isStatic: 'static' in second && second.static,
      isPrivate,
      options,
      bindings,
      dialect: 'standard',
    });
    return;
  }
  const isStatic = typeof target === 'function'; // a static method's target is the class itself
  const owner = isStatic ? target : (target as object).constructor;
  const { value, get, set } = (descriptor ?? {}) as PropertyDescriptor;
  const form = typeof value === 'function' ? 'method' : get !== undefined || set !== undefined ? 'accessor' : 'field';
  add(tableOf(owner).handlers, second as PropertyKey, { moment, form, isStatic, isPrivate: false, options, bindings, dialect: 'legacy' });
}

/** The table's holder in the standard dialect. */
export function metadataOf(context: DecoratorContext): object {
  if (typeof context.metadata !== 'object' || context.metadata === null) {
    throw new TypeError('the compiler passes no decorator metadata; load margay before the class is defined');
  }
  return context.metadata;
}

function formOf(kind: DecoratorContext['kind']): HandlerFact['form'] {
  if (kind === 'method') return 'method';
  return kind === 'field' ? 'field' : 'accessor';
}

function add(handlers: Map<PropertyKey, HandlerFact[]>, key: PropertyKey, fact: HandlerFact): void {
  const facts = handlers.get(key);
  if (facts === undefined) handlers.set(key, [fact]);
  else facts.push(fact);
}
