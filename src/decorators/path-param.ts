/** Fills a parameter with a variable of the path; for the legacy dialect, which can decorate parameters. */
import type { KindToken, PlainToken, TypeOf } from '../api/tokens.js';
import { tableOf } from '../metadata/table.js';

/** What a path parameter may be without a token. [PP-2] */
type Plain = string | number | boolean | bigint;

/** The type of a method's parameter; never where the compiler cannot see it, as in a private method. */
type ParameterAt<T, K, I extends number> = K extends keyof T ? (T[K] extends (...args: infer A) => unknown ? A[I] : never) : never;

type Fitting<P, Allowed, I, Words> = [P] extends [Allowed | null | undefined] ? I : Words;

/** Decorates one parameter of a handler. */
export type PathParamDecorator<Allowed, Words extends string> = <T extends object, K extends string | symbol, I extends number>(
  target: T,
  key: K,
  index: Fitting<ParameterAt<T, K, I>, Allowed, I, Words>,
) => void;

/**
 * `@PathParam('uid') uid: string`: the decoded value of `{uid}`, or null if the template has no such variable. A `number` is
 * converted as a double; `@PathParam('code', Int)` says more exactly what it is. What cannot be converted is a
 * DecodeException to @OnError. [PP-1 to PP-5]
 */
export function PathParam(name: string): PathParamDecorator<Plain, 'a path parameter must be string, number, bigint or boolean'>;
export function PathParam<C extends PlainToken>(
  name: string,
  token: C,
): PathParamDecorator<C extends KindToken<infer T> ? T : TypeOf<C>, 'the parameter is not of the type its token says'>;
export function PathParam(name: string, token?: PlainToken): PathParamDecorator<any, string> {
  return (target: object, key: string | symbol | undefined, index: unknown) => {
    const owner = typeof target === 'function' ? target : target.constructor;
    const all = tableOf(owner).pathParams;
    const ofMethod = all.get(key) ?? new Map();
    ofMethod.set(index as number, { name, token });
    all.set(key, ofMethod);
  };
}
