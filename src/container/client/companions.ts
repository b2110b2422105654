/** Which sessions a client's getOpenSessions() tells of: those of the same Endpoint object. [SES-19] */
import type { Session } from '../../api/session.js';
import type { Registry } from '../../runtime/plan.js';

class Companions implements Registry {
  readonly #open = new Set<Session>();

  add(session: Session): void {
    this.#open.add(session);
  }

  delete(session: Session): void {
    this.#open.delete(session);
  }

  sessions(): Set<Session> {
    return new Set(this.#open);
  }
}

export class CompanionsByEndpoint {
  readonly #known = new WeakMap<object, Companions>();

  /** An annotated object's sessions know nothing of each other, as in Tomcat. */
  of(endpoint: object, isProgrammatic: boolean): Registry {
    const known = this.#known.get(endpoint);
    if (known !== undefined) return known;
    const companions = new Companions();
    if (isProgrammatic) this.#known.set(endpoint, companions);
    return companions;
  }
}
