/** What the examples' JSON decoders have in common: a message is an object, whose texts and numbers have bounds. */

export type Fields = Readonly<Record<string, unknown>>;

/** Of a name that somebody gives themselves, in UTF-16 code units; it may be any text. */
export const LONGEST_NAME = 64;

/** Throws when the text is no JSON object. */
export function fieldsOf(text: string): Fields {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('a message is a JSON object');
  return value as Fields;
}

/** Throws when the field is no text, is empty, or has more than `most` UTF-16 code units. */
export function textOf(fields: Fields, name: string, most: number): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '' || value.length > most || !value.isWellFormed()) {
    throw new TypeError(`"${name}" is a text of 1 to ${most} characters`);
  }
  return value;
}

/** Throws when the field is no number from `least` to `most`. */
export function numberOf(fields: Fields, name: string, least: number, most: number): number {
  const value = fields[name];
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`"${name}" is a number from ${least} to ${most}`);
  }
  return value;
}

/** Throws. */
export function unknownKind(known: readonly string[]): never {
  throw new TypeError(`"kind" is one of ${known.join(', ')}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('a message is JSON'); // in words of ours: those of the parser quote what it was given
  }
}
