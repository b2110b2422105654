/** Extensions of the application's own, for one connection, on either end: built, looked at beside each other, let go. [EXT-16] */
import { unheard } from '../../runtime/thenable.js';
import type { ExtensionFactory, Transformation } from '../../transport/spi.js';
import { type ExtensionParameter, isToken } from '../web/header-grammar.js';
import { extensionOf, parametersOf } from './extension.js';

/** One that works, and what it says of itself. */
export interface Running {
  readonly transformation: Transformation;
  readonly parameters: readonly ExtensionParameter[];
}

/** Whoever claims bits of a frame. */
export interface Claim {
  readonly name: string;
  readonly rsv: readonly number[];
}

/**
 * What a factory makes of the parameter sets of the other side; null if none of them will do.
 * @throws what the factory throws, and TypeError for what cannot be run, which is let go
 */
export function run(factory: ExtensionFactory, sets: readonly (readonly ExtensionParameter[])[], isServer: boolean): Running | null {
  const { name } = factory;
  const offers = sets.map((parameters) => extensionOf({ name, parameters }).getParameters());
  const transformation = factory.build(offers, isServer) ?? null;
  if (transformation === null) return null;
  if (unheard(transformation)) throw new TypeError(`the extension ${name} built a promise; it has to build a transformation at once`);
  try {
    const parameters = parametersOf(transformation.parameters);
    const objection = objectionTo(transformation, parameters);
    if (objection === null) return { transformation, parameters };
    throw new TypeError(`the extension ${name} built a transformation that cannot be run: ${objection}`);
  } catch (error) {
    release([transformation]);
    throw error;
  }
}

/** Two that want the same bit, in a sentence; or null. */
export function clashOf(claims: Iterable<Claim>): string | null {
  const users = new Map<number, string>();
  for (const { name, rsv } of claims) {
    for (const bit of new Set(rsv)) {
      const other = users.get(bit);
      if (other !== undefined) return `The extensions ${other} and ${name} both use RSV${bit}.`;
      users.set(bit, name);
    }
  }
  return null;
}

/** No channel has come of them. */
export function release(transformations: readonly Transformation[]): void {
  for (const each of transformations) {
    try {
      unheard(each.close?.());
    } catch {
      // nothing is left that it could cost
    }
  }
}

function objectionTo({ rsv, inbound, outbound }: Transformation, parameters: readonly ExtensionParameter[]): string | null {
  if (!Array.isArray(rsv) || rsv.some((bit) => bit !== 1 && bit !== 2 && bit !== 3)) return 'rsv must be a list of 1, 2 and 3';
  if (typeof inbound !== 'function' || typeof outbound !== 'function') return 'it needs the methods inbound and outbound';
  const odd = parameters.find(({ name, value }) => !isToken(name) || (value !== null && !isToken(value)));
  return odd === undefined ? null : `its parameter ${odd.name} is no token, or has a value that is none`;
}
