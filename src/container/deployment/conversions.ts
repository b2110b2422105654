/** How text becomes a plain value: path parameters, and whole messages for plain parameters [PP-4, ANN-9]. */

/** What a conversion yields for text that does not fit. */
export const NOT_CONVERTIBLE: unique symbol = Symbol('margay/not-convertible');

/** A value of a plain type. */
export type Plain = string | boolean | number | bigint;

/** Never throws. */
export type Conversion = (text: string) => Plain | typeof NOT_CONVERTIBLE;

const INTEGER = /^[+-]?[0-9]+$/;
/** What Java's Double reads, but for hexadecimal digits and the suffixes f and d. */
const DECIMAL = /^[+-]?(?:NaN|Infinity|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)$/;

/** By the name of the token. */
export const conversions: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ['String', (text) => text],
  ['Boolean', (text) => text.toLowerCase() === 'true'],
  ['Byte', integer(8)],
  ['Short', integer(16)],
  ['Int', integer(32)],
  ['Long', long],
  ['BigInt', bigint],
  ['Float', float],
  ['Double', decimal],
  ['Number', decimal],
  ['Char', (text) => (text.length === 1 ? text : NOT_CONVERTIBLE)],
]);

/** Signed, of so many bits. */
function integer(bits: number): Conversion {
  const limit = 2 ** (bits - 1);
  return (text) => {
    if (!INTEGER.test(text)) return NOT_CONVERTIBLE;
    const value = Number(text) + 0; // no -0
    return value >= -limit && value < limit ? value : NOT_CONVERTIBLE;
  };
}

function long(text: string): bigint | typeof NOT_CONVERTIBLE {
  if (!INTEGER.test(text) || text.replace(/^[+-]?0*/, '').length > 19) return NOT_CONVERTIBLE; // computes nothing that is too long
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : NOT_CONVERTIBLE;
}

function bigint(text: string): bigint | typeof NOT_CONVERTIBLE {
  try {
    return INTEGER.test(text) ? BigInt(text) : NOT_CONVERTIBLE;
  } catch {
    return NOT_CONVERTIBLE; // untested: beyond what the engine can hold, some 300 million digits
  }
}

function decimal(text: string): number | typeof NOT_CONVERTIBLE {
  const bare = trim(text);
  return DECIMAL.test(bare) ? Number(bare) : NOT_CONVERTIBLE;
}

function float(text: string): number | typeof NOT_CONVERTIBLE {
  const value = decimal(text);
  return value === NOT_CONVERTIBLE ? value : Math.fround(value);
}

/** Takes off what Java's String.trim does: everything up to the space. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 0x20) from++;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to--;
  return text.slice(from, to);
}
