/** The path parameters of one connection, converted once as its handlers take them. [PP-5] */
import type { DecodeException } from '../api/exceptions.js';
import type { Handler, PathValue } from './plan.js';

/** What could not be converted, by index; null when everything could. */
export type Failures = ReadonlyMap<number, DecodeException> | null;

const NONE: readonly unknown[] = Object.freeze([]);

export function valuesOf(
  wanted: readonly PathValue[],
  parameters: ReadonlyMap<string, string>,
): { readonly values: readonly unknown[]; readonly failures: Failures } {
  if (wanted.length === 0) return { values: NONE, failures: null };
  let failures: Map<number, DecodeException> | null = null;
  const values = wanted.map((each, index) => {
    const text = parameters.get(each.name);
    if (text === undefined) return null; // not in the template [PP-3]
    const outcome = each.convert(text);
    if ('value' in outcome) return outcome.value;
    failures ??= new Map();
    failures.set(index, outcome.failure);
    return null;
  });
  return { values, failures };
}

/** The handler, or, when a value it takes could not be converted, one that throws instead of calling the method. */
export function guarded<H extends Handler>(handler: H | null, failures: Failures): H | null {
  if (handler === null || failures === null) return handler;
  const index = handler.reads.find((each) => failures.has(each));
  if (index === undefined) return handler;
  const failure = failures.get(index);
  return {
    ...handler,
    invoke: () => {
      throw failure;
    },
  };
}
