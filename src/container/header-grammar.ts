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

/** `name`, `name=value` or `name="value"`, the quotes taken off; a name may be empty here. */
export interface Pair extends ExtensionParameter {
  readonly line: number;
  readonly column: number;
}

type Lines = Iterable<string>;

/** Whether a comma list holds the token, letter case aside: `Upgrade`, `Connection`, `Sec-WebSocket-Version` [HS-1]. */
export function hasToken(lines: Lines, token: string): boolean {
  const wanted = token.toLowerCase();
  return listOf(lines).some((entry) => entry.toLowerCase() === wanted);
}

/** The entries of a comma list, trimmed, in order; empty ones skipped. That is all `Sec-WebSocket-Protocol` asks [HS-14]. */
export function listOf(lines: Lines): string[] {
  const entries: string[] = [];
  for (const line of lines) {
    for (const part of line.split(',')) {
      const entry = trim(part);
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
    const parameters = rest.filter((pair) => !isEmpty(pair));
    if (isEmpty(head) && parameters.length === 0) continue; // ", ," and "; =;;,"
    if (head.name === '') return malformed(head, 'there are parameters without an extension');
    if (head.value !== null) return malformed(head, 'an extension has a value');
    const odd = parameters.find(({ name, value }) => name === '' || (value !== null && /[,;"=]/.test(value)));
    if (odd !== undefined) return malformed(odd, odd.name === '' ? 'a value has no name' : 'a value holds a separator');
    entries.push({ name: head.name, parameters: parameters.map(({ name, value }) => ({ name, value })) });
  }
  return entries;
}

/** A list of lists, as `Sec-WebSocket-Extensions` and `Forwarded` are: "," between, ";" within. No list is empty. */
export function pairLists(lines: Lines): readonly (readonly Pair[])[] | MalformedHeader {
  const lists: Pair[][] = [];
  let line = 0;
  for (const text of lines) {
    line++;
    let list: Pair[] = [];
    lists.push(list);
    for (let at = 0; at <= text.length; at++) {
      const start = at;
      at = plainEnd(text, at);
      const name = trim(text.slice(start, at));
      let value: string | null = null;
      if (text[at] === '=') {
        const from = skipBlank(text, at + 1);
        if (text[from] === '"') {
          const end = quoteEnd(text, from);
          if (end < 0) return malformed({ line, column: from + 1 }, 'a quote is never closed');
          value = text.slice(from + 1, end).replace(/\\(.)/gs, '$1');
          at = skipBlank(text, end + 1);
        } else {
          at = plainEnd(text, from);
          value = trim(text.slice(from, at));
        }
      }
      if (at < text.length && text[at] !== ',' && text[at] !== ';')
        return malformed({ line, column: at + 1 }, `${text[at]} is out of place`);
      list.push({ name, value, line, column: start + 1 });
      if (text[at] === ',') {
        list = [];
        lists.push(list);
      }
    }
  }
  return lists;
}

/** Where text without `,` `;` `=` `"` ends. */
function plainEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== ',' && text[at] !== ';' && text[at] !== '=' && text[at] !== '"') at++;
  return at;
}

/** The closing quote, given the opening one; -1 without any. */
function quoteEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  return -1;
}

const isBlank = (char: string | undefined) => char === ' ' || char === '\t';

function skipBlank(text: string, from: number): number {
  let at = from;
  while (isBlank(text[at])) at++;
  return at;
}

/** Only space and tab are blank in a header; `String.trim` would also take a no-break space off. */
function trim(text: string): string {
  const from = skipBlank(text, 0);
  let to = text.length;
  while (to > from && isBlank(text[to - 1])) to--;
  return text.slice(from, to);
}

const isEmpty = ({ name, value }: Pair) => name === '' && !value;

function malformed({ line, column }: { line: number; column: number }, what: string): MalformedHeader {
  return { refusal: `Line ${line}, column ${column}: ${what}.`, line, column };
}

/** Whether this is one token, as names of subprotocols are (RFC 7230, 3.2.6). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}
