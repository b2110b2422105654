/** One endpoint path: a literal path, or a level-1 template such as `/chat/{room}`. */
import { type MatchFunction, match, type Token } from 'path-to-regexp';
import { ReadOnlyMap } from '../../api/read-only-map.js';
import { decodeSegment, type RequestPath } from './request-path.js';

/** What stands between two slashes. */
export type Segment = { readonly literal: string; readonly variable?: never } | { readonly variable: string; readonly literal?: never };

const NAME = /^[A-Za-z0-9_.-]+$/; // the hyphen is in the specification's own examples [URI-3]
const BRACKET = /[{}<>]/;

export class UriTemplate {
  /** As written. */
  readonly source: string;
  /** The variables, left to right. */
  readonly names: readonly string[];
  readonly segments: readonly Segment[];
  /** Equal for paths that answer the same requests: literals in one spelling, variables without their names [URI-5]. */
  readonly shape: string;
  readonly #match: MatchFunction<Record<string, string>>;

  /** Why this is no path: fragments that follow `path "…"`, each with its cure; none when it is one [URI-1 to URI-4]. */
  static objections(path: unknown): string[] {
    if (typeof path !== 'string') return ['is not a string; write one that begins with "/"'];
    const found: string[] = [];
    const rooted = path.startsWith('/') ? path : `/${path}`;
    if (rooted !== path) found.push(`does not begin with "/"; write "${rooted}"`);
    if (rooted.includes('//')) found.push(`has an empty segment; write "${rooted.replace(/\/+/g, '/')}"`);
    if (/[?#]/.test(path)) found.push('holds "?" or "#", which no path does; leave it out, or write %3F or %23');
    const names = new Set<string>();
    for (const raw of rooted.slice(1).split('/')) {
      const name = nameIn(raw);
      const objection = name === null ? literalObjection(raw) : nameObjection(name, raw, names);
      if (objection !== null) found.push(objection);
      if (name !== null) names.add(name);
    }
    return found;
  }

  /** @throws TypeError for a path that has objections: ask first. */
  constructor(path: string) {
    const objections = UriTemplate.objections(path);
    if (objections.length > 0) throw new TypeError(`path ${JSON.stringify(path)} ${objections.join('; and it ')}`);
    this.source = path;
    this.segments = path.slice(1).split('/').map(segmentOf);
    this.names = this.segments.flatMap(({ variable }) => variable ?? []);
    this.shape = this.segments.map(({ literal }) => `/${literal === undefined ? '{}' : encodeURIComponent(literal)}`).join('');
    this.#match = match(tokensOf(this.segments, path), { sensitive: true, trailing: false, decode: false });
  }

  /** The decoded value of every variable, in the order of `names`, to be read only [PP-6]; null if the path is another. */
  match(path: RequestPath): ReadonlyMap<string, string> | null {
    // Both sides are compared in one spelling, so that /%61 is /a and a decoded slash stays inside its value [URI-12].
    const hit = this.#match(path.canonical);
    return hit === false ? null : new ReadOnlyMap(this.names.map((name, i) => [name, decodeURIComponent(hit.params[i] as string)]));
  }

  toString(): string {
    return this.source;
  }
}

/** The name in `{name}` or `<name>` [D-14], fit or not; null for a segment that is no variable. */
function nameIn(raw: string): string | null {
  const paired = (raw.startsWith('{') && raw.endsWith('}')) || (raw.startsWith('<') && raw.endsWith('>'));
  const name = raw.slice(1, -1);
  return paired && !BRACKET.test(name) ? name : null;
}

function nameObjection(name: string, raw: string, taken: ReadonlySet<string>): string | null {
  if (name === '') return `has ${raw}, a variable without a name; write {name}`;
  if (!NAME.test(name)) return `has ${raw}, whose name is none; use letters, digits, "_", "." and "-" only`;
  return taken.has(name) ? `has two variables named ${name}; rename one` : null;
}

function literalObjection(raw: string): string | null {
  if (BRACKET.test(raw)) return `has "${raw}"; let a variable fill its segment, as in /{name}/, or write %7B %7D %3C %3E for the signs`;
  const text = decodeSegment(raw);
  if (text === null) return `has "${raw}", which is no percent-encoded text; write %25 for a percent sign`;
  return text === '.' || text === '..' ? `has the dot segment "${raw}", which no request keeps; write the path without it` : null;
}

function segmentOf(raw: string): Segment {
  const variable = nameIn(raw);
  return variable === null ? { literal: decodeSegment(raw) as string } : { variable };
}

/**
 * Tokens, not path-to-regexp's own syntax: so ":" and "*" in a literal are inert. A variable is called by its index, so
 * that no name becomes a key of an object [REL-4].
 */
function tokensOf(segments: readonly Segment[], originalPath: string): { tokens: Token[]; originalPath: string } {
  const tokens: Token[] = [];
  let text = '';
  let index = 0;
  for (const { literal } of segments) {
    text += '/';
    if (literal === undefined) {
      tokens.push({ type: 'text', value: text }, { type: 'param', name: String(index++) });
      text = '';
    } else text += encodeURIComponent(literal);
  }
  if (text !== '') tokens.push({ type: 'text', value: text });
  return { tokens, originalPath };
}
