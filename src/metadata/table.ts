/** What was written on a class: one mutable table per class, filled by the decorators of either dialect. */
import 'reflect-metadata';

// TypeScript emits `context.metadata` only where Symbol.metadata exists when the class is defined, and no Node has it.
(Symbol as { metadata?: symbol }).metadata ??= Symbol.for('Symbol.metadata');

/** The moments a method can be bound to. */
export type Moment = 'open' | 'message' | 'close' | 'error';

/** One decorator on one member. */
export interface HandlerFact {
  readonly moment: Moment;
  readonly form: 'method' | 'accessor' | 'field';
  readonly isStatic: boolean;
  readonly isPrivate: boolean;
  /** The decorator's options, as written; null when none were. */
  readonly options: unknown;
  /** The bindings, as written; null when none were. */
  readonly bindings: readonly unknown[] | null;
  /** Whether a compiler may have emitted the parameters' types. */
  readonly dialect: 'legacy' | 'standard';
}

/** One @PathParam on one parameter. */
export interface PathParamFact {
  readonly name: unknown;
  readonly token: unknown;
}

/** All that was written on one class. */
export interface EndpointTable {
  /** The argument of @ServerEndpoint; absent when the class does not carry it. */
  server?: { readonly written: unknown };
  /** The argument of @ClientEndpoint; absent when the class does not carry it. */
  client?: { readonly written: unknown };
  /** The arguments of @HandlesTypes; absent when the class does not carry it. */
  handles?: readonly unknown[];
  readonly handlers: Map<PropertyKey, HandlerFact[]>;
  readonly pathParams: Map<PropertyKey | undefined, Map<number, PathParamFact>>;
}

const TABLE: unique symbol = Symbol.for('margay/endpoint') as never; // two installed copies share it

/** The table that is the holder's own: a class (legacy), or a class's decorator metadata (standard). Made when missing. */
export function tableOf(holder: object): EndpointTable {
  const own = ownTable(holder);
  if (own !== undefined) return own;
  const table: EndpointTable = { handlers: new Map(), pathParams: new Map() };
  Object.defineProperty(holder, TABLE, { value: table, enumerable: false });
  return table;
}

/** What was written on exactly this class: what an ancestor carries is not inherited. [ANN-4] */
export function tableOn(type: object): EndpointTable | undefined {
  const legacy = ownTable(type);
  if (legacy !== undefined) return legacy;
  const symbol = (Symbol as unknown as { metadata: symbol }).metadata;
  if (!Object.hasOwn(type, symbol)) return undefined; // inherited statically by a bare subclass
  const metadata = (type as Record<symbol, unknown>)[symbol];
  return typeof metadata === 'object' && metadata !== null ? ownTable(metadata) : undefined;
}

function ownTable(holder: object): EndpointTable | undefined {
  return Object.hasOwn(holder, TABLE) ? (holder as { [TABLE]?: EndpointTable })[TABLE] : undefined;
}
