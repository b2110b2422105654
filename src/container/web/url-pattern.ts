/** Which paths a servlet answers: `/exact`, `/prefix/*`, `*.ext`, or `/` for what is left. [TC7-9] */
import type { RequestPath } from './request-path.js';

/** Where a path was cut; both decoded. */
export interface Cut {
  readonly servletPath: string;
  readonly pathInfo: string | null;
}

export type PatternKind = 'exact' | 'prefix' | 'extension' | 'default';

export class UrlPattern {
  /** As written. */
  readonly source: string;
  readonly kind: PatternKind;
  /** What is compared: the path, the prefix without `/*`, or the extension with its dot. */
  readonly #text: string;

  /** Why this is no pattern: fragments that follow `urlPattern "…"`, each with its cure; none when it is one. */
  static objections(pattern: unknown): string[] {
    if (typeof pattern !== 'string') return ['is not a string; write "/path", "/path/*", "*.ext" or "/"'];
    if (pattern.startsWith('*.')) return /^\*\.[^/*]+$/.test(pattern) ? [] : ['has more than an extension behind "*."; write "*.ext"'];
    const found: string[] = [];
    if (!pattern.startsWith('/')) found.push(`does not begin with "/"; write "/${pattern}"`);
    if (pattern.replace(/\/\*$/, '').includes('*')) found.push('has a "*" that is neither in "/*" at its end nor in "*.ext"');
    if (/[?#]/.test(pattern)) found.push('holds "?" or "#", which no path does');
    return found;
  }

  /** @throws TypeError for a pattern that has objections: ask first. */
  constructor(pattern: string) {
    const objections = UrlPattern.objections(pattern);
    if (objections.length > 0) throw new TypeError(`urlPattern ${JSON.stringify(pattern)} ${objections.join('; and it ')}`);
    this.source = pattern;
    if (pattern === '/') [this.kind, this.#text] = ['default', ''];
    else if (pattern.startsWith('*')) [this.kind, this.#text] = ['extension', pattern.slice(1)];
    else if (pattern.endsWith('/*')) [this.kind, this.#text] = ['prefix', pattern.slice(0, -2)];
    else [this.kind, this.#text] = ['exact', pattern];
  }

  /** The longer prefix goes first. */
  get weight(): number {
    return this.#text.length;
  }

  /** null if it is another's. */
  match(path: string): Cut | null {
    const text = this.#text;
    if (this.kind === 'exact') return path === text ? { servletPath: path, pathInfo: null } : null;
    if (this.kind === 'extension') return path.endsWith(text) ? { servletPath: path, pathInfo: null } : null;
    if (this.kind === 'default') return { servletPath: path, pathInfo: null };
    if (path === text) return { servletPath: text, pathInfo: null };
    return path.startsWith(`${text}/`) ? { servletPath: text, pathInfo: path.slice(text.length) } : null;
  }
}

/** As patterns have it; a slash that was percent-encoded separates nothing. */
export const pathText = ({ segments }: RequestPath): string => `/${segments.map((each) => each.replaceAll('/', '%2F')).join('/')}`;
