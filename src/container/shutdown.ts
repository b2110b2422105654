/** The end of a container: everybody is told, and nobody is waited for too long. [D-32] */

import { errorOf, wordsOf } from '../api/exceptions.js';
import type { Logger } from '../api/logger.js';
import { nameOf } from '../api/tokens.js';
import type { Transport } from '../transport/spi.js';
import type { Roster } from './roster.js';

/** ms once callbacks have had their time, for the peers and for what stood behind a callback that hung; most of it for the latter. */
const REST = 1000;
const MOST = 800;

/** How long callbacks may take, in ms; and when whoever answers plain requests is done, or has taken as long. */
interface Patience {
  readonly timeout: number;
  readonly idle: Promise<void>;
}

/** Closes every session with 1001; callbacks get `timeout` ms in all, the peers at most 1 s more. Then the sockets go. Never rejects. */
export async function shutdown(
  roster: Roster,
  transports: Iterable<Transport>,
  { timeout, idle }: Patience,
  logger: Logger,
): Promise<void> {
  const until = performance.now() + timeout;
  for (const connection of roster.live) connection.shutdown();
  await roster.until('ended', timeout);
  if (roster.running.length > 0) {
    for (const connection of roster.running) connection.abandon();
    await roster.until('ended', MOST);
    for (const connection of roster.running) connection.abandon(); // an @OnError that hung, too, stood before its @OnClose
  }
  await roster.until('closed', Math.min(REST, Math.max(0, until + REST - performance.now())));
  for (const connection of roster.live) connection.terminate();
  await idle;
  await Promise.all([...transports].map((transport) => stopped(transport, logger)));
}

/** An engine of one's own may fail at it; the others stop all the same. */
async function stopped(transport: Transport, logger: Logger): Promise<void> {
  try {
    await transport.stop();
  } catch (thrown) {
    const name = nameOf(transport.constructor);
    logger.warn({ code: 'MARGAY_DESTROY', class: name, err: errorOf(thrown) }, `${name} could not be stopped: ${wordsOf(thrown)}`);
  }
}
