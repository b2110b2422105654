/** How a send ended, for whom it is told by callback. [GEN-2] */
import type { Session } from './session.js';

/** Told once when a send has ended. */
export interface SendHandler {
  onResult(result: SendResult): void;
}

/** How a send ended. */
export class SendResult {
  readonly #session: Session | null;
  readonly #exception: Error | null;

  constructor(session: Session | null, exception?: Error | null) {
    this.#session = session;
    this.#exception = exception ?? null;
  }

  /** True if no exception was given. */
  isOK(): boolean {
    return this.#exception === null;
  }

  /** null when the send was good. */
  getException(): Error | null {
    return this.#exception;
  }

  /** null if the result was made without one. */
  getSession(): Session | null {
    return this.#session;
  }
}
