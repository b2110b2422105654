/** Times that a session sets for itself, in its user properties. [EXT-2, EXT-3, EXT-4, EXT-5] */

/** Whoever may set such times. */
export interface Owning {
  /** The user properties of the session. */
  readonly properties: ReadonlyMap<string, unknown>;
}

/** ms, of a number or a numeric string; null for whatever else stands there, which a timer could not ask without throwing. */
export function ownTime(properties: ReadonlyMap<string, unknown>, name: string): number | null {
  const own = properties.get(name);
  const isOne = typeof own === 'number' || typeof own === 'bigint' || (typeof own === 'string' && own.trim() !== '');
  const ms = isOne ? Number(own) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
