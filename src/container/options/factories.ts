/** The option `extensions`: what makes a list of factories. [EXT-16] */
import type { ExtensionFactory } from '../../transport/spi.js';
import { isToken } from '../web/header-grammar.js';

/** Says why it is none, or null. */
export function factories(value: unknown): string | null {
  if (!Array.isArray(value)) return 'give a list of factories';
  const names = value.map((each: Partial<ExtensionFactory> | null) => each?.name);
  const odd = value.findIndex((each: Partial<ExtensionFactory> | null) => typeof each?.build !== 'function' || !isToken(String(each.name)));
  if (odd >= 0) return `entry ${odd} needs a name that is a token, and the method build()`;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? null : `two are named ${twice}`;
}
