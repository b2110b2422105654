/** How margay knows its own classes again, across two installed copies of itself. */
export const KIND: unique symbol = Symbol.for('margay/kind') as never;

/** The name a class carries itself; a subclass does not inherit it, for injected types are matched exactly. [ANN-8] */
export function kindOf(type: unknown): string | undefined {
  if (typeof type !== 'function' && (typeof type !== 'object' || type === null)) return undefined;
  return Object.hasOwn(type, KIND) ? (type as { [KIND]?: string })[KIND] : undefined;
}
