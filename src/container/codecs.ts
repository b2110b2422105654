/** The coders of an endpoint: whether they can be used, and which takes what. [COD-4, COD-5] */
import { type CoderFact, type CoderKind, coderFactOf } from '../api/codec.js';
import type { Problem } from '../api/exceptions.js';
import { kindOf } from '../api/kind.js';
import { type Class, nameOf } from '../api/tokens.js';
import type { EncoderPlan } from '../runtime/plan.js';
import { badCoder, coderType } from './problems.js';

/** A decoder class, as the deployment knows it. */
export interface DecoderPlan {
  readonly name: string;
  readonly kind: CoderKind;
  /** What it yields. */
  readonly type: unknown;
  /** Where its instance stands among a connection's decoders. */
  readonly index: number;
}

/** Both lists of an endpoint. */
export interface Coders {
  readonly encoders: readonly EncoderPlan[];
  readonly decoders: readonly DecoderPlan[];
}

/** What the lists of a configuration or a decorator are worth; what stands against them goes to `problems`. */
export class CoderCheck {
  readonly #type: Class;
  readonly #construct: boolean;
  readonly #problems: Problem[];
  /** What the first constructor that threw has thrown. */
  cause: unknown;

  /** `construct`: whether each is made once, as a check, and thrown away. [ANN-3] */
  constructor(type: Class, construct: boolean, problems: Problem[]) {
    this.#type = type;
    this.#construct = construct;
    this.#problems = problems;
  }

  of(encoders: unknown, decoders: unknown): Coders {
    const writers = this.#listed('encoder', encoders).map(([coder, { kind, type }]) =>
      Object.freeze({ name: nameOf(coder), kind, takes: takerOf(type) }),
    );
    const readers = this.#listed('decoder', decoders).map(([coder, { kind, type }], index) =>
      Object.freeze({ name: nameOf(coder), kind, type, index }),
    );
    return { encoders: Object.freeze(writers), decoders: Object.freeze(readers) };
  }

  #listed(role: CoderFact['role'], list: unknown): readonly (readonly [new () => object, CoderFact])[] {
    if (list === undefined || list === null) return [];
    if (!Array.isArray(list)) {
      this.#problems.push(coderType(this.#type, role, list));
      return [];
    }
    return list.flatMap((coder: unknown) => {
      const fact = coderFactOf(coder);
      if (fact?.role !== role || typeof fact.type === 'undefined') {
        this.#problems.push(coderType(this.#type, role, coder));
        return [];
      }
      this.#checkMaking(coder as new () => object, role);
      return [[coder as new () => object, fact] as const];
    });
  }

  #checkMaking(coder: new () => object, role: CoderFact['role']): void {
    const verb = role === 'encoder' ? 'encode' : 'decode';
    if (typeof (coder.prototype as Record<string, unknown>)[verb] !== 'function') {
      this.#problems.push(badCoder(this.#type, coder, `has no ${verb}()`));
    } else if (this.#construct && coder.length > 0) {
      this.#problems.push(badCoder(this.#type, coder, 'has a constructor that needs arguments'));
    } else if (this.#construct) {
      try {
        new coder();
      } catch (error) {
        this.cause ??= error;
        this.#problems.push(badCoder(this.#type, coder, `cannot be made (${String(error)})`));
      }
    }
  }
}

const within = (bits: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= -(2 ** (bits - 1)) && (value as number) < 2 ** (bits - 1);
const isNumber = (value: unknown) => typeof value === 'number';

/** Plain types, by the name of their token. [COD-5] */
const TAKERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === 'string',
  Number: isNumber,
  Double: isNumber,
  Float: isNumber,
  Boolean: (value) => typeof value === 'boolean',
  BigInt: (value) => typeof value === 'bigint',
  Long: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  Byte: within(8),
  Short: within(16),
  Int: within(32),
  Char: (value) => typeof value === 'string' && value.length === 1,
};

function takerOf(type: unknown): (value: unknown) => boolean {
  const plain = plainNameOf(type);
  if (plain !== undefined) return TAKERS[plain] as (value: unknown) => boolean;
  return (value) => value instanceof (type as Class);
}

/** The name of a plain type's token; undefined for a class of objects. */
export function plainNameOf(type: unknown): string | undefined {
  if (type === String || type === Number || type === Boolean || type === BigInt) return (type as { name: string }).name;
  const kind = kindOf(type);
  return kind !== undefined && typeof type === 'object' && Object.hasOwn(TAKERS, kind) ? kind : undefined;
}
