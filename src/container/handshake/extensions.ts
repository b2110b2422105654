/** Which extensions a connection runs with. [HS-5] */
import type { PerMessageDeflateOptions } from '../../api/endpoint-settings.js';
import type { Extension } from '../../api/extension.js';
import { unheard } from '../../runtime/thenable.js';
import type { DeflateParameters, ExtensionFactory, Transformation } from '../../transport/spi.js';
import { type ExtensionEntry, type ExtensionParameter, isToken } from '../web/header-grammar.js';
import { negotiateDeflate } from './permessage-deflate.js';

const DEFLATE = 'permessage-deflate';

/** A list as hooks and sessions see it. */
export function extensionOf({ name, parameters }: ExtensionEntry): Extension {
  const list = Object.freeze(
    parameters.map((parameter) => Object.freeze({ getName: () => parameter.name, getValue: () => parameter.value })),
  );
  return Object.freeze({ getName: () => name, getParameters: () => list, toString: () => headerOf(name, parameters) });
}

/** What the container itself can run: permessage-deflate, then the option `extensions`. [CON-4, D-34, HS-4] */
export function installedExtensions({ perMessageDeflate, extensions }: Runnable): readonly Extension[] {
  if (perMessageDeflate === null && extensions.length === 0) return PLAIN.extensions;
  const names = [...(perMessageDeflate === null ? [] : [DEFLATE]), ...extensions.map(({ name }) => name)];
  return Object.freeze([...new Set(names)].map((name) => extensionOf({ name, parameters: [] })));
}

/** What there is to choose from. */
export interface Runnable {
  readonly perMessageDeflate: PerMessageDeflateOptions | null;
  readonly extensions: readonly ExtensionFactory[];
}

/** What is in force, and the header that says so. */
export interface Negotiated {
  readonly deflate: DeflateParameters | null;
  readonly transformations: readonly Transformation[];
  readonly extensions: readonly Extension[];
  /** null: no header. */
  readonly header: string | null;
}

/** Without any. */
export const PLAIN: Negotiated = Object.freeze({ deflate: null, transformations: [], extensions: Object.freeze([]), header: null });

/** Two extensions want the same bit of a frame. */
export interface Clash {
  readonly clash: string;
}

/** One extension that works, and how the response puts it. */
interface Built {
  readonly entry: ExtensionEntry;
  readonly rsv: readonly number[];
  readonly deflate: DeflateParameters | null;
  readonly transformation: Transformation | null;
}

/**
 * Builds what the configurator has chosen, by names in first-seen order; what nobody can run is dropped without a word. The
 * header tells in which order a message passes (RFC 6455, 9.1), so permessage-deflate, next to the application, comes first. [HS-5]
 */
export function negotiate(chosen: readonly Extension[], runnable: Runnable): Negotiated | Clash {
  const built: Built[] = [];
  try {
    for (const [name, offers] of grouped(chosen)) {
      const each = build(name, offers, runnable);
      if (each?.deflate != null) built.unshift(each);
      else if (each !== null) built.push(each);
    }
  } catch (error) {
    release(transformationsOf(built)); // a factory threw: the others must not be left behind
    throw error;
  }
  const clash = clashOf(built);
  if (clash !== null) {
    release(transformationsOf(built));
    return { clash };
  }
  return {
    deflate: built.find(({ deflate }) => deflate !== null)?.deflate ?? null,
    transformations: transformationsOf(built),
    extensions: Object.freeze(built.map(({ entry }) => extensionOf(entry))),
    header: built.length === 0 ? null : built.map(({ entry }) => headerOf(entry.name, entry.parameters)).join(', '),
  };
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

/** By name, in the order in which the names are first seen; each with its parameter sets. */
function grouped(chosen: readonly Extension[]): Map<string, ExtensionParameter[][]> {
  const groups = new Map<string, ExtensionParameter[][]>();
  for (const each of chosen) {
    const known = groups.get(each.getName());
    if (known === undefined) groups.set(each.getName(), [parametersOf(each.getParameters())]);
    else known.push(parametersOf(each.getParameters()));
  }
  return groups;
}

/**
 * The first acceptable parameter set, at work; null if there is none, or nobody to run it. The session keeps our own word for the
 * name: the peer's is a part of its header line, and keeps all of it in memory. [REL-14]
 */
function build(name: string, offers: readonly ExtensionParameter[][], { perMessageDeflate, extensions }: Runnable): Built | null {
  if (name === DEFLATE && perMessageDeflate !== null) {
    const agreement = negotiateDeflate(perMessageDeflate, offers);
    if (agreement === null) return null;
    return { entry: { name: DEFLATE, parameters: agreement.response }, rsv: [1], deflate: agreement.parameters, transformation: null };
  }
  const factory = extensions.find((each) => each.name === name);
  const transformation =
    factory?.build(
      offers.map((parameters) => extensionOf({ name, parameters }).getParameters()),
      true,
    ) ?? null;
  if (transformation === null) return null;
  if (unheard(transformation)) throw new TypeError(`the extension ${name} built a promise; it has to build a transformation at once`);
  const parameters = parametersOf(transformation.parameters);
  const objection = objectionTo(transformation, parameters);
  if (objection === null) return { entry: { name, parameters }, rsv: transformation.rsv, deflate: null, transformation };
  release([transformation]);
  throw new TypeError(`the extension ${name} built a transformation that cannot be run: ${objection}`);
}

function objectionTo({ rsv, inbound, outbound }: Transformation, parameters: readonly ExtensionParameter[]): string | null {
  if (!Array.isArray(rsv) || rsv.some((bit) => bit !== 1 && bit !== 2 && bit !== 3)) return 'rsv must be a list of 1, 2 and 3';
  if (typeof inbound !== 'function' || typeof outbound !== 'function') return 'it needs the methods inbound and outbound';
  const odd = parameters.find(({ name, value }) => !isToken(name) || (value !== null && !isToken(value)));
  return odd === undefined ? null : `its parameter ${odd.name} is no token, or has a value that is none`;
}

function clashOf(built: readonly Built[]): string | null {
  const users = new Map<number, string>();
  for (const { entry, rsv } of built) {
    for (const bit of new Set(rsv)) {
      const other = users.get(bit);
      if (other !== undefined) return `The extensions ${other} and ${entry.name} both use RSV${bit}.`;
      users.set(bit, entry.name);
    }
  }
  return null;
}

const transformationsOf = (built: readonly Built[]): readonly Transformation[] =>
  built.flatMap(({ transformation }) => transformation ?? []);

function parametersOf(list: readonly Extension.Parameter[]): ExtensionParameter[] {
  return list.map((each) => ({ name: each.getName(), value: each.getValue() }));
}

function headerOf(name: string, parameters: readonly ExtensionParameter[]): string {
  return [name, ...parameters.map((each) => (each.value === null ? each.name : `${each.name}=${each.value}`))].join('; ');
}
