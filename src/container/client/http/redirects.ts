/** Where a redirect leads, and whether it may be followed. [CLI-10] */
import type { FailedResponse } from '../../../api/exceptions.js';
import { redirectFailed, shown } from '../client-problems.js';

const REDIRECTS: ReadonlySet<number> = new Set([300, 301, 302, 303, 305, 307, 308]);

export const isRedirect = (status: number) => REDIRECTS.has(status);

/** The way of one connect from server to server. */
export class Redirects {
  readonly #most: number;
  readonly #visited: Set<string>;

  constructor(from: URL, most: number) {
    this.#most = most;
    this.#visited = new Set([from.href]);
  }

  /** @throws DeploymentException `MARGAY_REDIRECT` */
  next(from: URL, response: FailedResponse): URL {
    const { status, headers } = response;
    const refused = (why: string) => redirectFailed(from, `answered ${status}, ${why}`, response);
    if (this.#most === 0) throw refused('and the option maxRedirects is 0');
    const [octets] = headers.get('location') ?? [];
    if (octets === undefined) throw refused('without a Location');
    const location = Buffer.from(octets, 'latin1').toString(); // what is no ASCII is meant as UTF-8
    const to = URL.canParse(location, from.href) ? asWebSocket(new URL(location, from)) : null;
    if (to === null) throw refused(`which leads to ${location}; only ws, wss, http and https can be followed`);
    if (from.protocol === 'wss:' && to.protocol === 'ws:') throw refused(`which leads from wss to ws, ${shown(to)}; that is not followed`);
    if (this.#visited.has(to.href)) throw refused(`which leads round in a circle, to ${shown(to)}`);
    if (this.#visited.size > this.#most) throw refused(`which is one redirect more than the ${this.#most} of the option maxRedirects`);
    this.#visited.add(to.href);
    return to;
  }
}

/** A user name in a Location is not ours, and is not sent on; neither is a fragment. */
function asWebSocket(uri: URL): URL | null {
  const protocol = { 'ws:': 'ws:', 'http:': 'ws:', 'wss:': 'wss:', 'https:': 'wss:' }[uri.protocol];
  if (protocol === undefined || uri.host === '') return null;
  return new URL(`${protocol}//${uri.host}${uri.pathname}${uri.search}`);
}
