/** Stops and restarts what a session is told: functions, for the JSR's types get no members of ours. [EXT-1, SES-26] */
import type { Session } from '../api/session.js';
import { wrongArgument } from './failures.js';
import { LiveSession } from './session.js';
import type { Suspension } from './suspension.js';

/**
 * Delivers nothing more to the session's callbacks, behind the one that runs, until `resume`; what has been read is kept, and the
 * socket is not read. A session that closes is no longer suspended. A repeated call is only logged (`MARGAY_SUSPENDED`).
 * @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no session of this margay
 */
export function suspend(session: Session): void {
  suspensionOf(session, 'suspend(session)')?.begin(session);
}

/** Delivers again, first what was kept. As `suspend`. */
export function resume(session: Session): void {
  suspensionOf(session, 'resume(session)')?.end(session);
}

/** Undefined: it closes, or its socket is gone and it is about to, which ignores both. */
function suspensionOf(session: Session, call: string): Suspension | undefined {
  const connection = LiveSession.behind(session);
  if (connection === null) throw wrongArgument(call, 'session is no Session of this container');
  return connection.sending ? connection.suspension : undefined;
}
