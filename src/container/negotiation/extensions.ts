/** Which extensions a connection of the server's runs with. [HS-5] */
import type { PerMessageDeflateOptions } from '../../api/endpoint-settings.js';
import type { Extension } from '../../api/extension.js';
import type { DeflateParameters, ExtensionFactory, Transformation } from '../../transport/spi.js';
import type { ExtensionEntry, ExtensionParameter } from '../web/header-grammar.js';
import { DEFLATE, extensionOf, headerOf, parametersOf } from './extension.js';
import { negotiateDeflate } from './permessage-deflate.js';
import { clashOf, release, run } from './transformations.js';

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
  const clash = clashOf(built.map(({ entry, rsv }) => ({ name: entry.name, rsv })));
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
  if (factory === undefined) return null;
  const running = run(factory, offers, true);
  if (running === null) return null;
  const { transformation, parameters } = running;
  return { entry: { name: factory.name, parameters }, rsv: transformation.rsv, deflate: null, transformation };
}

const transformationsOf = (built: readonly Built[]): readonly Transformation[] =>
  built.flatMap(({ transformation }) => transformation ?? []);
