/** Joins a method and what its parameters are filled with into one function. */
import type { Invoke, View } from '../../runtime/plan.js';

/** Where one argument comes from. */
export type Pick = (view: View, event: unknown, last: boolean) => unknown;

type Method = (...args: unknown[]) => unknown;

/** Spells out the common arities, so that a call builds no argument array. */
export function bind(method: Method, picks: readonly Pick[]): Invoke {
  const [a, b, c, d] = picks;
  if (a === undefined) return (endpoint) => method.call(endpoint);
  if (b === undefined) return (endpoint, view, event, last) => method.call(endpoint, a(view, event, last));
  if (c === undefined) return (endpoint, view, event, last) => method.call(endpoint, a(view, event, last), b(view, event, last));
  if (d === undefined) {
    return (endpoint, view, event, last) => method.call(endpoint, a(view, event, last), b(view, event, last), c(view, event, last));
  }
  return (endpoint, view, event, last) =>
    method.apply(
      endpoint,
      picks.map((pick) => pick(view, event, last)),
    );
}
