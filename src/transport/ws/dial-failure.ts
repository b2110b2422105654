/** A dial that came to nothing: at which step, and why. */
import type { DialError, DialStep } from '../dialer.js';

export interface DialFailureOptions {
  /** node's own error, where there is one. */
  readonly cause?: unknown;
  readonly isTimeout?: boolean;
}

/** What `WsDialer.dial` rejects with. [D-21] */
export class DialFailure extends Error implements DialError {
  override readonly name = 'DialError';
  readonly step: DialStep;
  readonly isTimeout: boolean;

  constructor(step: DialStep, message: string, { cause, isTimeout = false }: DialFailureOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.step = step;
    this.isTimeout = isTimeout;
  }
}
