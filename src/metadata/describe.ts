/** A class's tables and those of its ancestors, read back as one frozen description. */
import { type HandlerFact, type PathParamFact, tableOn } from './table.js';

type Type = abstract new (...args: never[]) => object;

/** What a class says of itself, not yet judged. */
export interface EndpointDescription {
  readonly type: Type;
  /** The argument of @ServerEndpoint, or null when the class itself does not carry it. [ANN-4] */
  readonly server: { readonly written: unknown } | null;
  /** The argument of @ClientEndpoint, or null likewise. */
  readonly client: { readonly written: unknown } | null;
  /** Every handler in force, ancestors' included; the most derived class comes first. */
  readonly handlers: readonly HandlerDescription[];
}

/** One handler in force. */
export interface HandlerDescription extends HandlerFact {
  readonly key: PropertyKey;
  /** The key, printable. */
  readonly member: string;
  /** The class that declares it. */
  readonly declaredBy: Type;
  /** The function to call; undefined for what is no instance method. */
  readonly method: ((...args: unknown[]) => unknown) | undefined;
  /** The parameters' types as the compiler emitted them; null when it emitted none. */
  readonly types: readonly unknown[] | null;
  readonly pathParams: ReadonlyMap<number, PathParamFact>;
}

export function describe(type: Type): EndpointDescription {
  const handlers: HandlerDescription[] = [];
  const overridden = new Set<PropertyKey>();
  for (const declaredBy of lineage(type)) {
    const table = tableOn(declaredBy);
    for (const [key, facts] of table?.handlers ?? []) {
      // A more derived class that declares the same name decides, decorated or not. [ANN-17]
      for (const fact of facts) if (fact.isStatic || !overridden.has(key)) handlers.push(handlerOf(declaredBy, key, fact));
    }
    for (const key of Reflect.ownKeys(declaredBy.prototype)) overridden.add(key);
  }
  const { server = null, client = null } = tableOn(type) ?? {};
  return Object.freeze({ type, server, client, handlers: Object.freeze(handlers) });
}

function handlerOf(declaredBy: Type, key: PropertyKey, fact: HandlerFact): HandlerDescription {
  const prototype = declaredBy.prototype as object;
  const value: unknown = fact.isStatic || fact.form !== 'method' ? undefined : Object.getOwnPropertyDescriptor(prototype, key)?.value;
  const emitted: unknown = Reflect.getOwnMetadata('design:paramtypes', fact.isStatic ? declaredBy : prototype, key as string | symbol);
  return Object.freeze({
    ...fact,
    key,
    member: typeof key === 'symbol' ? (key.description ?? 'a symbol') : String(key),
    declaredBy,
    method: typeof value === 'function' ? (value as (...args: unknown[]) => unknown) : undefined,
    types: Array.isArray(emitted) ? (emitted as unknown[]) : null,
    pathParams: tableOn(declaredBy)?.pathParams.get(key) ?? new Map<number, PathParamFact>(),
  });
}

/** The class and its ancestors, the most derived first. */
function* lineage(type: Type): Generator<Type> {
  let current: unknown = type;
  while (typeof current === 'function' && current !== Function.prototype) {
    if (typeof current.prototype === 'object' && current.prototype !== null) yield current as unknown as Type;
    current = Object.getPrototypeOf(current);
  }
}
