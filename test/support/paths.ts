/** Random endpoint paths, and requests for them. */
import fc from 'fast-check';
import { RequestPath } from '../../src/container/web/request-path.js';

/** One character, and how it is spelled. */
interface Unit {
  readonly character: string;
  readonly isEscaped: boolean;
  readonly isLower: boolean;
}

/** A segment as text, and as it may be written. */
export interface Spelled {
  readonly text: string;
  readonly inTemplate: string;
  readonly inRequest: string;
}

/** A segment of a template, as the ledger's rules see it. */
export type Piece = { readonly literal: Spelled } | { readonly name: string; readonly isAngled: boolean };

export interface Written {
  readonly pieces: readonly Piece[];
  readonly source: string;
  /** As many as there are names. */
  readonly values: readonly Spelled[];
}

/** Names that a plain object would know. */
export const HOSTILE = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__'];

const characters = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'abAZ09-._~:*|!$&+,;=@()\'"\\^`[]') },
  { weight: 2, arbitrary: fc.constantFrom(...'/?#%{}<> \u007f\u0001é€ß😀\ufeff\u{10ffff}') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((each) => each !== '\0') },
);

const escaped = (character: string, isLower: boolean) => {
  const hex = [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return isLower ? hex : hex.toUpperCase();
};

function spelled(units: readonly Unit[]): Spelled {
  const write = (needed: RegExp) =>
    units
      .map(({ character, isEscaped, isLower }) => (isEscaped || needed.test(character) ? escaped(character, isLower) : character))
      .join('');
  return {
    text: units.map(({ character }) => character).join(''),
    inTemplate: write(/[/?#%{}<>]/),
    inRequest: write(/[/?#%]|[^!-~]/),
  };
}

const isDots = ({ text }: Spelled) => text === '.' || text === '..';

/** What may stand between two slashes: anything but nothing, NUL and dot segments. */
export const segment: fc.Arbitrary<Spelled> = fc.oneof(
  fc
    .array(fc.record({ character: characters, isEscaped: fc.boolean(), isLower: fc.boolean() }), { minLength: 1, maxLength: 8 })
    .map(spelled)
    .filter((each) => !isDots(each)),
  fc.constantFrom(...HOSTILE, 'a', 'b').map((text) => ({ text, inTemplate: text, inRequest: text })),
);

const name = fc.oneof(fc.constantFrom(...HOSTILE, 'a', 'a-b', '.', '..'), fc.stringMatching(/^[A-Za-z0-9_.-]{1,6}$/));

const NOTHING: Spelled = { text: '', inTemplate: '', inRequest: '' };

export const sourceOf = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) => {
      if ('literal' in piece) return `/${piece.literal.inTemplate}`;
      return piece.isAngled ? `/<${piece.name}>` : `/{${piece.name}}`;
    })
    .join('');

/** Any legal template, with values for its variables. */
export const template: fc.Arbitrary<Written> = fc
  .record({
    pieces: fc.array(
      fc.oneof(
        segment.map((literal): Piece => ({ literal })),
        fc.record({ name, isAngled: fc.boolean() }),
      ),
      { maxLength: 5 },
    ),
    isOpen: fc.boolean(),
    values: fc.array(segment, { minLength: 5, maxLength: 5 }),
  })
  .map(({ pieces: drawn, isOpen, values }) => {
    const named = new Set<string>();
    const once = drawn.filter((piece) => 'literal' in piece || (!named.has(piece.name) && named.add(piece.name)));
    const pieces: Piece[] = isOpen || once.length === 0 ? [...once, { literal: NOTHING }] : once;
    return { pieces, source: sourceOf(pieces), values: values.slice(0, named.size) };
  });

/** The request target that a template and values make. */
export function expanded({ pieces }: Pick<Written, 'pieces'>, values: readonly Spelled[]): string {
  const left = values.values();
  return pieces.map((piece) => `/${'literal' in piece ? piece.literal.inRequest : (left.next().value as Spelled).inRequest}`).join('');
}

/** The ledger's rule, segment by segment: literals are equal, a variable has something. [URI-6, URI-11] */
export function answers(pieces: readonly Piece[], segments: readonly string[]): boolean {
  return (
    pieces.length === segments.length &&
    pieces.every((piece, i) => ('literal' in piece ? piece.literal.text === segments[i] : segments[i] !== ''))
  );
}

/** Strings that are nearly paths. */
export const nearMiss = (...also: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .array(
        fc.constantFrom('/', '/', 'a', '{', '}', '<', '>', '{x}', '<y>', '%', '%2', '%41', '%00', '%c3', '.', '..', '?', '#', ...also),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ maxLength: 20 }).map((text) => `/${text}`),
  );

export const pathOf = (target: string): RequestPath => {
  const path = RequestPath.parse(target);
  if (!(path instanceof RequestPath)) throw new Error(`${target} is refused: ${path.refusal}`);
  return path;
};
