/** The open sessions of a container, by the path of their endpoint, whatever its variables stand for. [SES-19] */
import type { Session } from '../../api/session.js';
import type { Class } from '../../api/tokens.js';
import type { Registry } from '../../runtime/plan.js';

/** A path stands in it only while it has a session: paths given to upgradeHttpToWebSocket may be made up as they come. */
export class OpenSessions {
  readonly #byPath = new Map<string, Map<Session, Class>>();

  /** The registry of an endpoint; those of one path see each other's sessions. [DEP-8] */
  at(path: string, type: Class): Registry {
    const all = this.#byPath;
    return {
      add(session) {
        const here = all.get(path);
        if (here === undefined) all.set(path, new Map([[session, type]]));
        else here.set(session, type);
      },
      delete(session) {
        const here = all.get(path);
        if (here?.delete(session) && here.size === 0) all.delete(path);
      },
      sessions: () => new Set(all.get(path)?.keys()),
    };
  }

  /** Of a path as written, or of every endpoint of a class. [CON-10] */
  of(endpoint: Class | string): Set<Session> {
    if (typeof endpoint === 'string') return new Set(this.#byPath.get(endpoint)?.keys());
    const found = new Set<Session>();
    for (const here of this.#byPath.values()) for (const [session, type] of here) if (type === endpoint) found.add(session);
    return found;
  }
}

/** So that a container needs no public member for it. */
const known = new WeakMap<object, OpenSessions>();

/** A container says where its sessions are. */
export function publish(container: object, sessions: OpenSessions): void {
  known.set(container, sessions);
}

/** Those of a container; undefined for anything else. */
export const sessionsOf = (container: object): OpenSessions | undefined => known.get(container);
