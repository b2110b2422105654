/** Which extensions a connection runs with. [HS-5] */
import type { PerMessageDeflateOptions } from '../api/endpoint-settings.js';
import type { Extension } from '../api/extension.js';
import type { DeflateParameters } from '../transport/spi.js';
import type { ExtensionEntry, ExtensionParameter } from './header-grammar.js';
import { negotiateDeflate } from './permessage-deflate.js';

const DEFLATE = 'permessage-deflate';

/** A list as hooks and sessions see it. */
export function extensionOf({ name, parameters }: ExtensionEntry): Extension {
  const list = Object.freeze(
    parameters.map((parameter) => Object.freeze({ getName: () => parameter.name, getValue: () => parameter.value })),
  );
  return Object.freeze({ getName: () => name, getParameters: () => list, toString: () => headerOf(name, parameters) });
}

/** What the container itself can run. [CON-4, D-34] */
export function installedExtensions(deflate: PerMessageDeflateOptions | null): readonly Extension[] {
  return deflate === null ? NONE : INSTALLED;
}

const NONE: readonly Extension[] = Object.freeze([]);
const INSTALLED: readonly Extension[] = Object.freeze([extensionOf({ name: DEFLATE, parameters: [] })]);

/** What is in force, and the header that says so. */
export interface Negotiated {
  readonly deflate: DeflateParameters | null;
  readonly extensions: readonly Extension[];
  /** null: no header. */
  readonly header: string | null;
}

/** Builds what the configurator has chosen; what nobody can run is dropped without a word. [HS-5] */
export function negotiate(chosen: readonly Extension[], deflate: PerMessageDeflateOptions | null): Negotiated {
  const offers = chosen.filter((each) => each.getName() === DEFLATE).map(parametersOf);
  const agreement = deflate === null || offers.length === 0 ? null : negotiateDeflate(deflate, offers);
  if (agreement === null) return { deflate: null, extensions: NONE, header: null };
  const { parameters, response } = agreement;
  return {
    deflate: parameters,
    extensions: Object.freeze([extensionOf({ name: DEFLATE, parameters: response })]),
    header: headerOf(DEFLATE, response),
  };
}

function parametersOf(extension: Extension): ExtensionParameter[] {
  return extension.getParameters().map((each) => ({ name: each.getName(), value: each.getValue() }));
}

function headerOf(name: string, parameters: readonly ExtensionParameter[]): string {
  return [name, ...parameters.map((each) => (each.value === null ? each.name : `${each.name}=${each.value}`))].join('; ');
}
