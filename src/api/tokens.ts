/** The types that exist at run time, and what a value of each is. */
import { BINDING, type Binding } from './binding.js';
import { KIND } from './kind.js';

/** Any class, abstract ones and ones with a constructor of their own included. */
export type Class<T = object> = abstract new (...args: never[]) => T;

/** What may be sent as binary: Buffer, every typed array, DataView, ArrayBuffer. Received bytes are always `Buffer`. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** `T`, or a promise of it: every hook and every handler may be async. [GEN-4] */
export type Handled<T> = T | Promise<T>;

/** Who was authenticated on the handshake. */
export interface Principal {
  readonly name: string;
  /** Which roles it has, unless the option `isUserInRole` decides. */
  readonly roles?: readonly string[];
  /** From then on it is nobody; a session of a protected endpoint is closed with 1008 at that moment. [HS-11] */
  readonly expires?: Date;
}

/** One of Java's primitive kinds, for which JavaScript has no type of its own. [D-03] */
export interface KindToken<T> extends Binding<T> {
  readonly [KIND]: string;
}

function kind<T>(name: string): KindToken<T> {
  const token = { [KIND]: name, [BINDING]: 'value', toString: () => name } as KindToken<T>;
  return Object.freeze(Object.assign(token, { token }));
}

/** A whole number from -128 to 127. */
export const Byte: KindToken<number> = kind('Byte');
/** A whole number from -32768 to 32767. */
export const Short: KindToken<number> = kind('Short');
/** A whole number from -2147483648 to 2147483647. */
export const Int: KindToken<number> = kind('Int');
/** A 64-bit signed whole number, as `bigint`. */
export const Long: KindToken<bigint> = kind('Long');
/** A number rounded to single precision. */
export const Float: KindToken<number> = kind('Float');
/** A number; what a bare `number` means, too. */
export const Double: KindToken<number> = kind('Double');
/** One UTF-16 unit, as a string of length one. */
export const Char: KindToken<string> = kind('Char');

/** What a plain value may be declared as: the types a path parameter takes. [PP-2] */
export type PlainToken = StringConstructor | NumberConstructor | BooleanConstructor | BigIntConstructor | KindToken<any>;

/** What a handler's payload may be declared as. */
export type TypeToken = PlainToken | Class;

/** The value type of a token. */
export type TypeOf<C> =
  C extends KindToken<infer T>
    ? T
    : C extends StringConstructor
      ? string
      : C extends NumberConstructor
        ? number
        : C extends BooleanConstructor
          ? boolean
          : C extends BigIntConstructor
            ? bigint
            : C extends abstract new (
                  ...args: any
                ) => infer I
              ? I
              : never;

/** The printable name of a type or token, for messages. */
export function nameOf(type: unknown): string {
  if (type === undefined) return 'undefined';
  if (typeof type === 'function') return type.name || 'an anonymous class';
  return String(type);
}
