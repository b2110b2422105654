/** How options are checked: what a value may be, said by functions that are put together, and what is answered to a bag of odd ones. */
import { IllegalArgumentException } from '../../api/exceptions.js';
import { spell, unknownKey } from './spelling.js';

/** Says why a value will not do, or null. */
export type Check = (value: unknown) => string | null;

export const ms: Check = (value) => (typeof value === 'number' && !Number.isNaN(value) ? null : 'give a number of ms');
export const positive: Check = (value) => (typeof value === 'number' && value > 0 ? null : 'give a number of ms above 0');
export const bytes: Check = (value) => (Number.isInteger(value) && (value as number) >= 0 ? null : 'give a whole number of bytes');
export const count: Check = (value) => (Number.isInteger(value) && (value as number) > 0 ? null : 'give a whole number above 0');
export const countOrNone: Check = (value) => (value === Number.POSITIVE_INFINITY ? null : count(value));
export const hook: Check = (value) => (typeof value === 'function' ? null : 'give a function');
export const flag: Check = (value) => (typeof value === 'boolean' ? null : 'give true or false');
/** A word with at least one letter; for `listOf`. */
export const name = (value: unknown) => typeof value === 'string' && value !== '';
export const range =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? null
      : `give a whole number from ${least} to ${most}`;
/** By a function that has something against it, or several things. */
export const objecting =
  (objections: (value: unknown) => string[]): Check =>
  (value) =>
    objections(value).join('; and it ') || null;
export const object =
  (keys: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? objectionsTo(value, keys).join('; and ') || null
      : 'give an object';

/** All that is wrong with a bag of options; undefined values count as left out. */
export function objectionsTo(options: object, known: Readonly<Record<string, Check>>): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const check = Object.hasOwn(known, key) ? known[key] : undefined;
    if (check === undefined) return [unknownKey(key, Object.keys(known))];
    const why = check(value);
    if (why === null) return [];
    if (typeof value === 'object') return [`${key}: ${why}`];
    return [`${key} ${spell(value)}${/^(give|it) /.test(why) ? ';' : ''} ${why}`];
  });
}

/** @throws IllegalArgumentException `MARGAY_OPTION` */
export function refuseOddOnes(where: string, options: unknown, known: Readonly<Record<string, Check>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw optionRefused(where, `options are ${spell(options)}; give an object`);
  const objections = objectionsTo(options, known);
  if (objections.length > 0) throw optionRefused(where, objections.join('; and '));
}

/** What is thrown about the options of `where`. */
export function optionRefused(where: string, why: string): IllegalArgumentException {
  return new IllegalArgumentException(`${where}(options): ${why}`, undefined, 'MARGAY_OPTION');
}

export function listOf(fits: (each: unknown) => boolean, why: string): Check {
  return (value) => (Array.isArray(value) && value.every(fits) ? null : why);
}

/** For what is an object already. */
export function optionalMethods(value: object, ...names: string[]): string | null {
  const odd = names.find((name) => !['undefined', 'function'].includes(typeof (value as Record<string, unknown>)[name]));
  return odd === undefined ? null : `its ${odd} is no method`;
}

export function methods(...names: string[]): Check {
  return (value) => {
    const missing = names.find((name) => typeof (value as Record<string, unknown> | null)?.[name] !== 'function');
    return missing === undefined ? null : `it has no method ${missing}()`;
  };
}
