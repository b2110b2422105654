/** What a parameter of a handler is filled with, written as a value in the decorator. [D-28] */

/** Marks a binding, across two installed copies of margay; its value says what is bound. */
export const BINDING: unique symbol = Symbol.for('margay/binding') as never;

/** Everything that can be bound. `value`: a whole text message, converted to the token's kind; `decoded`: what decoders make of one. */
export type Bound =
  | 'session'
  | 'config'
  | 'closeReason'
  | 'error'
  | 'path'
  | 'text'
  | 'binary'
  | 'pong'
  | 'reader'
  | 'inputStream'
  | 'last'
  | 'value'
  | 'decoded';

/** A binding for a parameter of type `T`. */
export interface Binding<T> {
  readonly [BINDING]: Bound;
  /** The path parameter's name; only for `path`. */
  readonly name?: string;
  /** What the message is turned into; only for `path`, `value` and `decoded`. */
  readonly token?: unknown;
  /** Never there: carries `T` for the compiler, both ways. */
  readonly type?: (value: T) => T;
}

export function isBinding(value: unknown): value is Binding<unknown> {
  return typeof value === 'object' && value !== null && BINDING in value;
}
