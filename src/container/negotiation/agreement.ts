/** Which extensions a client's connection runs with: what it offers, and what has become of it. [CLI-4, CLI-6, D-07] */
import { wordsOf } from '../../api/exceptions.js';
import type { Extension } from '../../api/extension.js';
import type { DeflateParameters, ExtensionFactory, Transformation } from '../../transport/spi.js';
import { type ExtensionEntry, extensionsOf, isToken } from '../web/header-grammar.js';
import { quoted } from '../web/quoted.js';
import { acceptedDeflate } from './deflate-response.js';
import { DEFLATE, extensionOf, headerOf, parametersOf } from './extension.js';
import { clashOf, release, run } from './transformations.js';

/** What is in force. */
export interface Agreed {
  readonly deflate: DeflateParameters | null;
  /** The one next to the application first; the engine's from here on, or to be released. */
  readonly transformations: readonly Transformation[];
  /** In the order of the response. */
  readonly extensions: readonly Extension[];
}

/** Why the connection cannot be used: a sentence. */
export interface Disagreed {
  readonly objection: string;
  /** What a factory threw, if one did. */
  readonly cause?: unknown;
}

/** What can be run here. */
export interface ClientRunnable {
  readonly deflate: boolean;
  readonly extensions: readonly ExtensionFactory[];
}

/** One extension that was accepted, at work. */
interface Built {
  readonly name: string;
  readonly extension: Extension;
  readonly rsv: readonly number[];
  readonly deflate: DeflateParameters | null;
  readonly transformation: Transformation | null;
}

/**
 * What the lines of the response's Sec-WebSocket-Extensions make of an offer. Nothing that was built is left behind where
 * there is an objection. [CLI-6, EXT-16]
 */
export function agreementOf(lines: readonly string[], offered: readonly Extension[], runnable: ClientRunnable): Agreed | Disagreed {
  const accepted = extensionsOf(lines);
  if ('refusal' in accepted) return { objection: `The server's Sec-WebSocket-Extensions cannot be read. ${accepted.refusal}` };
  const built: Built[] = [];
  for (const entry of accepted) {
    const isTwice = built.some(({ name }) => name === entry.name);
    const each = isTwice ? { objection: `The server accepted ${entry.name} twice.` } : build(entry, offered, runnable);
    if ('objection' in each) return letGo(built, each);
    built.push(each);
  }
  const objection = misplaced(built) ?? clashOf(built);
  if (objection !== null) return letGo(built, { objection });
  return {
    deflate: built.find(({ deflate }) => deflate !== null)?.deflate ?? null,
    transformations: transformationsOf(built),
    extensions: Object.freeze(built.map(({ extension }) => extension)),
  };
}

/** The value of Sec-WebSocket-Extensions: all that is configured, in order and unchanged; "" for nothing. [CLI-4, D-07] */
export function offerOf(extensions: readonly Extension[]): string {
  return extensions
    .map((each) => {
      const parameters = parametersOf(each.getParameters());
      return headerOf(
        each.getName(),
        parameters.map(({ name, value }) => ({ name, value: value === null || isToken(value) ? value : inQuotes(value) })),
      );
    })
    .join(', ');
}

/** What is wrong with an extension of a configuration, to be read behind its name: `has no method getName()`; or null. [GEN-3] */
export function extensionObjection(extension: unknown): string | null {
  const each = extension as Partial<Extension> | null | undefined;
  if (typeof each?.getName !== 'function') return 'has no method getName()';
  if (typeof each.getParameters !== 'function') return 'has no method getParameters()';
  try {
    const name: unknown = each.getName();
    if (typeof name !== 'string' || !isToken(name)) return `has the name ${quoted(name)}, which is no token`;
    const parameters: unknown = each.getParameters();
    if (!Array.isArray(parameters)) return 'has parameters that are no list';
    return parameters.map(parameterObjection).find((objection) => objection !== null) ?? null;
  } catch (thrown) {
    return `cannot be asked: ${wordsOf(thrown)}`;
  }
}

function parameterObjection(parameter: Partial<Extension.Parameter> | null): string | null {
  if (typeof parameter?.getName !== 'function' || typeof parameter.getValue !== 'function') {
    return 'has a parameter without the methods getName() and getValue()';
  }
  const [name, value]: unknown[] = [parameter.getName(), parameter.getValue()];
  if (typeof name !== 'string' || !isToken(name)) return `has the parameter ${quoted(name)}, which is no token`;
  const isSayable = value === null || (typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value));
  return isSayable ? null : `has the parameter ${name} with the value ${quoted(value)}; a header takes null or ASCII`;
}

function build({ name, parameters }: ExtensionEntry, offered: readonly Extension[], runnable: ClientRunnable): Built | Disagreed {
  const offers = offered.filter((each) => each.getName() === name);
  const own = offers[0]?.getName(); // the server's word for it would keep its whole header line [REL-14]
  if (own === undefined) return { objection: `The server accepted the extension ${quoted(name)}, which was not offered.` };
  if (own === DEFLATE && runnable.deflate) {
    const agreement = acceptedDeflate(
      offers.map((each) => parametersOf(each.getParameters())),
      parameters,
    );
    if ('objection' in agreement) return agreement;
    const extension = extensionOf({ name: own, parameters: agreement.response });
    return { name: own, extension, rsv: [1], deflate: agreement.parameters, transformation: null };
  }
  const factory = runnable.extensions.find((each) => each.name === own);
  if (factory === undefined) return { objection: `The server accepted the extension ${own}, which nobody here can run.` };
  try {
    const transformation = run(factory, [parameters], false)?.transformation;
    if (transformation === undefined) return { objection: `The server accepted the extension ${own} as its factory cannot run it.` };
    return { name: own, extension: extensionOf({ name: own, parameters }), rsv: transformation.rsv, deflate: null, transformation };
  } catch (thrown) {
    return { objection: `The server accepted the extension ${own}, which cannot be run here: ${wordsOf(thrown)}`, cause: thrown };
  }
}

/** The order is that in which messages pass (RFC 6455, 9.1), and engines compress before anything else is done. */
function misplaced(built: readonly Built[]): string | null {
  const [first, ...others] = built;
  if (first === undefined || others.every(({ deflate }) => deflate === null)) return null;
  return `The server accepted ${DEFLATE} behind ${first.name}; it can be run only before all others.`;
}

function letGo(built: readonly Built[], disagreed: Disagreed): Disagreed {
  release(transformationsOf(built));
  return disagreed;
}

const transformationsOf = (built: readonly Built[]): readonly Transformation[] =>
  built.flatMap(({ transformation }) => transformation ?? []);

const inQuotes = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
