/** How long a session's sends may block, as the session itself says. [EXT-2] */
import type { Session } from '../api/session.js';

const PROPERTY = 'org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT';

/** ms; null: it says nothing. */
export function blockingTimeoutOf(session: Session): number | null {
  const own = session.getUserProperties().get(PROPERTY);
  const ms = typeof own === 'number' || (typeof own === 'string' && own.trim() !== '') ? Number(own) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
