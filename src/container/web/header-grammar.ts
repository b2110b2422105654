/** How the list headers of a handshake are read: each in one pass, in time linear in its length [REL-4]. */
import type { Refusal } from './request-path.js';

/** One parameter of an extension; null for a bare name. */
export interface ExtensionParameter {
  readonly name: string;
  readonly value: string | null;
}

/** One entry of `Sec-WebSocket-Extensions`. */
export interface ExtensionEntry {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

/** Where a header stops making sense; both counted from 1. */
export interface MalformedHeader extends Refusal {
  readonly line: number;
  readonly column: number;
}

/** `name`, `name=value` or `name="value"`, the quotes taken off. */
export interface Pair extends ExtensionParameter {
  /** It stands at the head of its list. */
  readonly first: boolean;
  readonly line: number;
  readonly column: number;
}

type Lines = Iterable<string>;

/** Whether a comma list holds the token, letter case aside: `Upgrade`, `Connection`, `Sec-WebSocket-Version` [HS-1]. */
export function hasToken(lines: Lines, token: string): boolean {
  const wanted = token.toLowerCase();
  for (const line of lines) if (line === token || line.toLowerCase() === wanted) return true; // most lists have one entry
  return listOf(lines).some((entry) => entry.toLowerCase() === wanted);
}

/** The entries of a comma list, trimmed, in order; empty ones skipped. That is all `Sec-WebSocket-Protocol` asks [HS-14]. */
export function listOf(lines: Lines): string[] {
  const entries: string[] = [];
  for (const line of lines) {
    for (const part of line.split(',')) {
      const entry = trim(part, 0, part.length);
      if (entry !== '') entries.push(entry);
    }
  }
  return entries;
}

/** The entries of `Sec-WebSocket-Extensions`, with order, letter case and repetitions kept [HS-14; HS-1 row 8]. */
export function extensionsOf(lines: Lines): readonly ExtensionEntry[] | MalformedHeader {
  const lists = pairLists(lines);
  if ('refusal' in lists) return lists;
  const entries: ExtensionEntry[] = [];
  for (const [head, ...rest] of lists as [Pair, ...Pair[]][]) {
    if (!head.first) return malformed(head, 'there is a parameter without an extension');
    if (head.name !== '' && head.value !== null) return malformed(head, 'an extension has a value');
    const odd = [head, ...rest].find(({ name, value }) => name === '' || (value !== null && /[,;"=]/.test(value)));
    if (odd !== undefined) return malformed(odd, odd.name === '' ? 'a value has no name' : 'a value holds a separator');
    entries.push({ name: head.name, parameters: rest.map(({ name, value }) => ({ name, value })) });
  }
  return entries;
}

/**
 * A list of lists, as `Sec-WebSocket-Extensions` and `Forwarded` are: "," between, ";" within. Nothing in it is empty:
 * entries without a name and a value are skipped, as ", ," and "; =;;," are [HS-1 row 8].
 */
export function pairLists(lines: Lines): readonly (readonly Pair[])[] | MalformedHeader {
  const lists: Pair[][] = [];
  let line = 0;
  for (const text of lines) {
    line++;
    let list: Pair[] | null = null;
    let first = true;
    for (let at = 0; at <= text.length; at++) {
      const start = at;
      at = plainEnd(text, at);
      const name = trim(text, start, at);
      let value: string | null = null;
      if (text.charCodeAt(at) === EQUALS) {
        const from = skipBlank(text, at + 1);
        if (text.charCodeAt(from) === QUOTE) {
          const end = quoteEnd(text, from);
          if (end < 0) return malformed({ line, column: from + 1 }, 'a quote is never closed');
          value = unquote(text.slice(from + 1, end));
          at = skipBlank(text, end + 1);
        } else {
          at = plainEnd(text, from);
          value = trim(text, from, at);
        }
      }
      const separator = text.charCodeAt(at); // NaN at the end
      if (at < text.length && separator !== COMMA && separator !== SEMICOLON) {
        return malformed({ line, column: at + 1 }, `${text[at]} is out of place`);
      }
      if (name !== '' || value) {
        const pair = { name, value, first, line, column: start + 1 };
        if (list !== null) list.push(pair);
        else {
          list = [pair];
          lists.push(list);
        }
      }
      first = separator === COMMA;
      if (first) list = null;
    }
  }
  return lists;
}

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where text without `,` `;` `=` `"` ends. */
function plainEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === SEMICOLON || code === EQUALS || code === QUOTE) return at;
  }
  return text.length;
}

/** The closing quote, given the opening one; -1 without any. */
export function quoteEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

export function unquote(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text;
}

const isBlank = (code: number) => code === 0x20 || code === 0x09;

export function skipBlank(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** Only space and tab are blank in a header; `String.trim` would also take a no-break space off. */
function trim(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function malformed({ line, column }: { line: number; column: number }, what: string): MalformedHeader {
  return { refusal: `Line ${line}, column ${column}: ${what}.`, line, column };
}

/** Whether this is one token, as names of subprotocols are (RFC 7230, 3.2.6). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}
