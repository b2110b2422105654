/** One message to many sessions, and who did not get it. [REM-7] */
import { errorOf } from '../api/exceptions.js';
import { ReadOnlyMap } from '../api/read-only-map.js';
import type { Session } from '../api/session.js';
import type { Bytes } from '../api/tokens.js';
import { isBytes, spell } from './bytes.js';
import { unpairedSurrogate, wrongArgument } from './failures.js';
import { SENT } from './settling.js';

/** What became of a message. */
export interface BroadcastResult {
  /** Sessions that have accepted it. */
  readonly sent: number;
  /** The others, each with what its own send failed with. */
  readonly failed: ReadonlyMap<Session, Error>;
}

/**
 * Sends a message to each of the sessions, encoded once. Settles when every session has taken it or failed, as a send of its
 * Basic remote would; a slow one holds up the promise and nobody else. Never rejects for a session.
 * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_SURROGATE`; nobody gets anything then
 */
export function broadcast(sessions: Iterable<Session>, message: string | Bytes): Promise<BroadcastResult> {
  if (typeof message !== 'string' && !isBytes(message)) {
    throw wrongArgument('broadcast(sessions, message)', `message is ${spell(message)}; give a string, or bytes`);
  }
  if (typeof message === 'string' && !message.isWellFormed()) throw unpairedSurrogate(message);
  const failed = new Map<Session, Error>();
  const unsettled: Promise<void>[] = [];
  let sent = 0;
  for (const session of receivers(sessions)) {
    const sending = sendTo(session, message);
    if (sending === SENT) sent++;
    else if (sending instanceof Error) failed.set(session, sending);
    else unsettled.push(settled(session, Promise.resolve(sending))); // a session of a test's own may return anything
  }
  return Promise.all(unsettled).then(() => Object.freeze({ sent, failed: new ReadOnlyMap(failed) }));

  function settled(session: Session, sending: Promise<void>): Promise<void> {
    return sending.then(
      () => void sent++,
      (error: Error) => void failed.set(session, error),
    );
  }
}

/** All of them are asked for before the first is sent anything: a failed argument sends nothing. */
function receivers(sessions: Iterable<Session>): readonly Session[] {
  if (typeof (sessions as Iterable<Session> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw wrongArgument('broadcast(sessions, message)', `sessions is ${spell(sessions)}; give those of getOpenSessions(), or a list`);
  }
  const all = [...sessions];
  const odd = all.findIndex((each) => typeof (each as Session | null | undefined)?.getBasicRemote !== 'function');
  if (odd < 0) return all;
  throw wrongArgument('broadcast(sessions, message)', `sessions has ${spell(all[odd])} among them; give Sessions`);
}

/** A session that is closed, or in the middle of another message, throws. */
function sendTo(session: Session, message: string | Bytes): Promise<void> | Error {
  try {
    const remote = session.getBasicRemote();
    return typeof message === 'string' ? remote.sendText(message) : remote.sendBinary(message);
  } catch (error) {
    return errorOf(error);
  }
}
