/** The open sessions of one deployed path, whatever its variables stand for. [SES-19] */
import type { Session } from '../api/session.js';
import type { Registry } from '../runtime/plan.js';

export class OpenSessions implements Registry {
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
