/** An error of a session's connection. */
import { CodedError } from './exceptions.js';
import type { Session } from './session.js';

/** Something went wrong with a session, outside the endpoint's own code. */
export class SessionException extends CodedError {
  readonly #session: Session;

  constructor(message: string, cause: unknown, session: Session, code = 'MARGAY_SESSION') {
    super(message, cause, code);
    this.#session = session;
  }

  getSession(): Session {
    return this.#session;
  }
}
