/** The path below which a container's endpoints live: empty, or such as `/app` [URI-14]. */
import { RequestPath } from './request-path.js';
import { UriTemplate } from './uri-template.js';

export class ContextPath {
  /** As written. */
  readonly source: string;
  readonly #segments: readonly string[];

  /** Why this is no context path: fragments that follow `contextPath "…"`, each with its cure; none when it is one. */
  static objections(path: unknown): string[] {
    if (path === '') return [];
    const found = UriTemplate.objections(path);
    if (found.length > 0 || typeof path !== 'string') return found;
    if (path.endsWith('/')) found.push(`ends with "/"; write "${path.slice(0, -1)}"`);
    if (new UriTemplate(path).names.length > 0)
      found.push('has a variable; a context path is literal, put variables into the endpoint paths');
    return found;
  }

  /** @throws TypeError for a path that has objections: ask first. */
  constructor(path: string) {
    const objections = ContextPath.objections(path);
    if (objections.length > 0) throw new TypeError(`contextPath ${JSON.stringify(path)} ${objections.join('; and it ')}`);
    this.source = path;
    this.#segments = path === '' ? [] : new UriTemplate(path).segments.map(({ literal }) => literal as string);
  }

  /**
   * The rest of the path below this one; null if it lies outside and is not ours. With `/app` that goes for `/app` itself:
   * what is left of it is empty, while every endpoint path begins with a slash.
   */
  strip(path: RequestPath): RequestPath | null {
    const own = this.#segments;
    if (own.length === 0) return path;
    const inside = path.segments.length > own.length && own.every((segment, i) => segment === path.segments[i]);
    return inside ? new RequestPath(path.segments.slice(own.length), path.query) : null;
  }
}
