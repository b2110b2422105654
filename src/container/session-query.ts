/** The open sessions of an endpoint, for code that holds none of them. [CON-10] */
import { IllegalArgumentException } from '../api/exceptions.js';
import type { Session } from '../api/session.js';
import type { Class } from '../api/tokens.js';
import { sessionsOf } from './deployment/open-sessions.js';
import { spell } from './options/spelling.js';
import type { ServerContainer } from './server-container.js';

/**
 * What `getOpenSessions()` answers to the sessions of that endpoint: a class, or the path it is deployed at as written, without
 * the context path. A fresh set; empty when there are none, or nobody is deployed there.
 * @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no container, no class and no path
 */
export function openSessions(container: ServerContainer, endpoint: Class | string): Set<Session> {
  const sessions = sessionsOf(container);
  if (sessions === undefined) throw wrong(`container is ${spell(container)}; pass the ServerContainer`);
  if (typeof endpoint !== 'string' && typeof endpoint !== 'function') throw wrong(`endpoint is ${spell(endpoint)}; pass a class or a path`);
  return sessions.of(endpoint);
}

const wrong = (why: string) => new IllegalArgumentException(`openSessions(container, endpoint): ${why}`);
