/** What a server or a proxy asks before it lets us in, and what may be said to it. [CLI-11] */
import { quoteEnd, skipBlank, unquote } from '../../web/header-grammar.js';

/** The first challenge of a `WWW-Authenticate` or `Proxy-Authenticate` line. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** By name in lower case, the quotes taken off; none where the scheme has a word instead, as `Negotiate YII=`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The line as it came. */
  readonly source: string;
}

/** The value of `Authorization` or `Proxy-Authorization`, or why there is none: what is wrong, then the cure. */
export type Answer = { readonly authorization: string } | Objection;

export interface Objection {
  readonly objection: string;
  /** What was thrown, if something was. */
  readonly cause?: unknown;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
/** The one word that some schemes have instead of parameters (RFC 7235, 2.1), and nothing behind it. */
const WORD = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
/** What no quoted string has (RFC 7230, 3.2.6). */
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;
/** What a list may have between its entries. */
const GAP = /[ \t,]*/y;

/**
 * Reads a line in one pass, in time linear in its length [REL-4]. Of several challenges the first counts; what comes behind it is
 * not judged. Null for what cannot be read, and for a parameter that is there twice: which one the peer meant nobody knows.
 */
export function challengeOf(source: string): Challenge | null {
  let at = matched(GAP, source, 0).length;
  const scheme = matched(TOKEN, source, at);
  at += scheme.length;
  const first = skipBlank(source, at);
  if (scheme === '' || (first === at && at < source.length && source[at] !== ',')) return null;
  const parameters = new Map<string, string>();
  const challenge = { scheme: scheme.toLowerCase(), parameters, source };
  if (matched(WORD, source, first) !== '') return challenge;
  at = first;
  for (;;) {
    const gap = matched(GAP, source, at);
    at += gap.length;
    if (at === source.length) return challenge;
    const name = matched(TOKEN, source, at).toLowerCase();
    const equals = skipBlank(source, at + name.length);
    if (name === '') return null;
    if (source[equals] !== '=') return gap.includes(',') ? challenge : null; // the next scheme
    const value = valueAt(source, skipBlank(source, equals + 1));
    if (value === null || parameters.has(name)) return null;
    parameters.set(name, value.text);
    at = skipBlank(source, value.end);
    if (at < source.length && source[at] !== ',') return null;
  }
}

/** A token or a quoted string, and where it ends. */
function valueAt(source: string, at: number): { readonly text: string; readonly end: number } | null {
  if (source[at] !== '"') {
    const text = matched(TOKEN, source, at);
    return text === '' ? null : { text, end: at + text.length };
  }
  const end = quoteEnd(source, at);
  const text = source.slice(at + 1, Math.max(at + 1, end));
  return end < 0 || CONTROL.test(text) ? null : { text: unquote(text), end: end + 1 };
}

/** What stands there of a sticky pattern; "" for nothing. */
function matched(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}
