/** Which template answers a path: a trie of segments, literal before variable, left to right, with backtracking. */
import type { RequestPath } from './request-path.js';
import type { Segment, UriTemplate } from './uri-template.js';

/** What a path led to. */
export interface Found<T> {
  readonly value: T;
  /** The decoded value of every variable of the template, in its order. */
  readonly parameters: ReadonlyMap<string, string>;
}

interface Entry<T> {
  readonly template: UriTemplate;
  readonly value: T;
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  variable: Node<T> | null;
  entry: Entry<T> | null;
}

export class Router<T> {
  readonly #root: Node<T> = node();

  /** @throws TypeError if an equal template is there: ask `taken` first. */
  add(template: UriTemplate, value: T): void {
    let at = this.#root;
    for (const segment of template.segments) at = grow(at, segment);
    if (at.entry !== null) throw new TypeError(`${template} is taken by ${at.entry.template}`);
    at.entry = { template, value };
  }

  /** What an equal template leads to: the same once variables are renamed [URI-5]. */
  taken(template: UriTemplate): T | undefined {
    let at: Node<T> | null | undefined = this.#root;
    for (const { literal } of template.segments) at = literal === undefined ? at?.variable : at?.literals.get(literal);
    return at?.entry?.value;
  }

  /** Forgets an equal template; false if there was none. */
  remove(template: UriTemplate): boolean {
    return prune(this.#root, template, 0);
  }

  /** The endpoint for a path; null if there is none [URI-9]. */
  find(path: RequestPath): Found<T> | null {
    const entry = search(this.#root, path.segments, 0);
    const parameters = entry?.template.match(path);
    return entry && parameters ? { value: entry.value, parameters } : null;
  }
}

/**
 * Tries the literal first and comes back for the variable [URI-6, URI-7]. Every node of the trie has one parent and so is
 * looked at once at most: the cost is bounded by the number of deployed segments, and the depth by the longest template,
 * whatever the request [REL-4].
 */
function search<T>(at: Node<T>, segments: readonly string[], depth: number): Entry<T> | null {
  const segment = segments[depth];
  if (segment === undefined) return at.entry;
  const literal = at.literals.get(segment);
  const found = literal === undefined ? null : search(literal, segments, depth + 1);
  if (found !== null || at.variable === null) return found;
  return segment === '' ? null : search(at.variable, segments, depth + 1); // nothing is no value [URI-11]
}

/** Takes the entry out, and on the way back every node that leads nowhere now. */
function prune<T>(at: Node<T>, template: UriTemplate, depth: number): boolean {
  const segment = template.segments[depth];
  if (segment === undefined) {
    const was = at.entry;
    at.entry = null;
    return was !== null;
  }
  const next = segment.literal === undefined ? at.variable : at.literals.get(segment.literal);
  if (!next || !prune(next, template, depth + 1)) return false;
  if (next.entry === null && next.variable === null && next.literals.size === 0) {
    if (segment.literal === undefined) at.variable = null;
    else at.literals.delete(segment.literal);
  }
  return true;
}

/** The node below for a segment, made if it is not there. */
function grow<T>(at: Node<T>, { literal }: Segment): Node<T> {
  const next = (literal === undefined ? at.variable : at.literals.get(literal)) ?? node<T>();
  if (literal === undefined) at.variable = next;
  else at.literals.set(literal, next);
  return next;
}

function node<T>(): Node<T> {
  return { literals: new Map(), variable: null, entry: null };
}
