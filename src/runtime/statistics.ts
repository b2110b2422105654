/** The counts of a session, for those who hold nothing but the session. */
import type { Session } from '../api/session.js';
import { wrongArgument } from './failures.js';
import { LiveSession } from './session.js';
import type { SessionStatistics } from './traffic.js';

/** A fresh copy. @throws IllegalArgumentException for what is no session of this installation [EXT-15] */
export function statistics(session: Session): SessionStatistics {
  const connection = LiveSession.behind(session);
  if (connection === null) throw wrongArgument('statistics(session)', `session is ${String(session)}`);
  return connection.statistics;
}
