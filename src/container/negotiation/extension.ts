/** An extension as the API has it, as a header says it, and as entries of one. [GEN-3] */
import type { Extension } from '../../api/extension.js';
import type { ExtensionEntry, ExtensionParameter } from '../web/header-grammar.js';

/** The one that engines run themselves. */
export const DEFLATE = 'permessage-deflate';

/** A list as hooks and sessions see it. */
export function extensionOf({ name, parameters }: ExtensionEntry): Extension {
  const list = Object.freeze(
    parameters.map((parameter) => Object.freeze({ getName: () => parameter.name, getValue: () => parameter.value })),
  );
  return Object.freeze({ getName: () => name, getParameters: () => list, toString: () => headerOf(name, parameters) });
}

/** As one entry of `Sec-WebSocket-Extensions`. */
export function headerOf(name: string, parameters: readonly ExtensionParameter[]): string {
  return [name, ...parameters.map((each) => (each.value === null ? each.name : `${each.name}=${each.value}`))].join('; ');
}

/** What the methods of parameters say, asked once. */
export function parametersOf(list: readonly Extension.Parameter[]): ExtensionParameter[] {
  return list.map((each) => ({ name: each.getName(), value: each.getValue() }));
}
