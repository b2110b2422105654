/** The open sessions of a container, by the path of their endpoint, whatever its variables stand for. [SES-19] */
import type { Session } from '../../api/session.js';
import type { Class } from '../../api/tokens.js';
import type { Registry } from '../../runtime/plan.js';
import { SessionSnapshot } from './session-snapshot.js';

/** The sessions of one path, each with the class of its endpoint. */
class Here {
  readonly all = new Map<Session, Class>();
  /** Those of the moment, until somebody comes or goes. */
  #list: readonly Session[] | null = null;

  add(session: Session, type: Class): void {
    this.all.set(session, type);
    this.#list = null;
  }

  delete(session: Session): boolean {
    this.#list = null;
    return this.all.delete(session);
  }

  get list(): readonly Session[] {
    this.#list ??= [...this.all.keys()];
    return this.#list;
  }
}

/** A path stands in it only while it has a session: paths given to upgradeHttpToWebSocket may be made up as they come. */
export class OpenSessions {
  readonly #byPath = new Map<string, Here>();

  /** The registry of an endpoint; those of one path see each other's sessions. [DEP-8] */
  at(path: string, type: Class): Registry {
    const all = this.#byPath;
    return {
      add(session) {
        const here = all.get(path) ?? new Here();
        all.set(path, here);
        here.add(session, type);
      },
      delete(session) {
        const here = all.get(path);
        if (here?.delete(session) && here.all.size === 0) all.delete(path);
      },
      sessions: () => new SessionSnapshot(all.get(path)?.list ?? []),
    };
  }

  /** Of a path as written, or of every endpoint of a class. [CON-10] */
  of(endpoint: Class | string): Set<Session> {
    if (typeof endpoint === 'string') return new SessionSnapshot(this.#byPath.get(endpoint)?.list ?? []);
    const found = new Set<Session>();
    for (const { all } of this.#byPath.values()) for (const [session, type] of all) if (type === endpoint) found.add(session);
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
