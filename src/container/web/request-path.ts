/** The path a request asks for: decoded segments, and the query as it stood. */

/** Why something that came over the wire is not taken: a sentence. */
export interface Refusal {
  readonly refusal: string;
}

/** What a target consists of: visible ASCII without "#"; everything else has to be percent-encoded (RFC 3986). */
const LEGAL = /^[!"$-~]+$/;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

export class RequestPath {
  /** What stands after the leading slash, decoded: `/a/b/` is `['a', 'b', '']`, `/` is `['']`. Only the last may be empty. */
  readonly segments: readonly string[];
  /** All that follows the first `?`, never decoded; null without one. */
  readonly query: string | null;

  /** @internal */
  constructor(segments: readonly string[], query: string | null) {
    this.segments = segments;
    this.query = query;
  }

  /**
   * Reads a raw request target [URI-12, URI-17]. Takes time linear in its length [REL-4] and does without `new URL`, to
   * which `//h/p` is the path of a host h.
   */
  static parse(target: string): RequestPath | Refusal {
    if (!LEGAL.test(target)) return refuse('is empty, or holds a character that must be percent-encoded');
    const mark = target.indexOf('?');
    const path = pathOf(mark < 0 ? target : target.slice(0, mark));
    if (path === null) return refuse('is neither a path nor an absolute URI');

    const raw = path.split('/');
    const last = raw.length - 1;
    const segments: string[] = [];
    for (let i = 1; i <= last; i++) {
      if (raw[i] === '' && i < last) continue; // a run of slashes counts as one [URI-17]
      const segment = decodeSegment(raw[i] as string);
      if (segment === null) return refuse('holds a percent sequence that is no UTF-8 text, or NUL');
      if (segment !== '.' && segment !== '..') {
        segments.push(segment);
        continue;
      }
      if (segment === '..' && segments.pop() === undefined) return refuse('leads above the root');
      if (i === last) segments.push(''); // "/a/." is "/a/" (RFC 3986, 5.2.4)
    }
    return new RequestPath(segments, mark < 0 ? null : target.slice(mark + 1));
  }

  /** The one spelling of all requests for this path; safe to log. */
  get canonical(): string {
    return `/${this.segments.map(encodeURIComponent).join('/')}`;
  }

  toString(): string {
    return this.canonical;
  }
}

/** A segment, percent-decoded once as UTF-8 [URI-12]; null if it is malformed, holds NUL, or is no well-formed text. */
export function decodeSegment(raw: string): string | null {
  try {
    const text = raw.includes('%') ? decodeURIComponent(raw) : raw;
    return text.includes('\0') || !text.isWellFormed() ? null : text;
  } catch {
    return null;
  }
}

/** The path in what stands before the query, as it stands; null for `*` and `host:port`. */
export function pathOf(head: string): string | null {
  if (head.startsWith('/')) return head;
  const scheme = ABSOLUTE.exec(head);
  if (scheme === null) return null;
  const slash = head.indexOf('/', scheme[0].length);
  return slash < 0 ? '/' : head.slice(slash);
}

function refuse(what: string): Refusal {
  return { refusal: `The request target ${what}.` };
}
