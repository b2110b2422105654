/** The coders of an endpoint: whether they can be used, and which takes what. [COD-4, COD-5] */
import { baseNameOf, type CoderFact, type CoderKind, coderFactOf } from '../../api/codec.js';
import { type Problem, wordsOf } from '../../api/exceptions.js';
import { kindOf } from '../../api/kind.js';
import { type Class, nameOf } from '../../api/tokens.js';
import type { EncoderPlan } from '../../runtime/plan.js';
import { badCoder, coderType, noCoderList } from './problems.js';

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
      this.#problems.push(noCoderList(this.#type, role, list));
      return [];
    }
    return list.flatMap((coder: unknown) => {
      const fact = coderFactOf(coder);
      const problem = fact === undefined ? noCoder(this.#type, role, coder) : wrongFact(this.#type, role, coder, fact);
      if (fact === undefined || problem !== null) {
        this.#problems.push(problem as Problem);
        return [];
      }
      if (this.#construct) this.#checkMaking(coder as new () => object, role);
      return [[coder as new () => object, fact] as const];
    });
  }

  #checkMaking(coder: new () => object, role: CoderFact['role']): void {
    if (coder.length > 0) {
      const needs = coder.length === 1 ? 'an argument; give it a default' : `${coder.length} arguments; give them defaults`;
      this.#problems.push(badCoder(this.#type, coder, `has a constructor that needs ${needs}, or give the container an instanceManager`));
      return;
    }
    try {
      const objection = objectionToMade(new coder(), role);
      if (objection !== null) this.#problems.push(badCoder(this.#type, coder, objection));
    } catch (error) {
      this.cause ??= error;
      const why = `cannot be made (${wordsOf(error)}); its constructor is called without arguments, once for each connection`;
      this.#problems.push(badCoder(this.#type, coder, why));
    }
  }
}

/** What stands against a coder that has been made; null: nothing. */
export function objectionToMade(coder: unknown, role: CoderFact['role']): string | null {
  const verb = role === 'encoder' ? 'encode' : 'decode';
  return typeof (coder as Record<string, unknown>)[verb] === 'function' ? null : `has no ${verb}(); write it`;
}

function noCoder(type: Class, role: CoderFact['role'], coder: unknown): Problem {
  const made = typeof coder === 'object' && coder !== null ? coder.constructor : undefined;
  const isMade = coderFactOf(made) !== undefined;
  return coderType(type, role, isMade ? made : coder, isMade ? 'is listed as an object; list the class itself, without new' : undefined);
}

function wrongFact(type: Class, role: CoderFact['role'], coder: unknown, fact: CoderFact): Problem | null {
  if (fact.role !== role)
    return coderType(type, role, coder, `is ${fact.role === 'encoder' ? 'an encoder' : 'a decoder'}; list it in ${fact.role}s`);
  if (plainNameOf(fact.type) !== undefined || isClass(fact.type)) return null;
  const cure = 'name a class, String, Int and the like (undefined comes of modules that import each other)';
  return coderType(type, role, coder, `extends ${baseNameOf(fact)}; ${cure}`);
}

const isClass = (type: unknown) => typeof type === 'function' && typeof type.prototype === 'object';

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
