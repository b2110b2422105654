/** The end of a container: everybody is told, and nobody is waited for too long. [D-32] */
import type { Transport } from '../transport/spi.js';
import type { Roster } from './roster.js';

/** Closes every session with 1001; callbacks get `timeout` ms in all, the peers at most 1 s more. Then the sockets go. */
export async function shutdown(roster: Roster, transports: Iterable<Transport>, timeout: number): Promise<void> {
  const until = performance.now() + timeout;
  for (const connection of roster.live) connection.shutdown();
  await roster.until('ended', timeout);
  for (const connection of roster.running) connection.abandon();
  await roster.until('closed', Math.min(1000, Math.max(0, until + 1000 - performance.now())));
  for (const connection of roster.live) connection.terminate();
  await Promise.all([...transports].map((transport) => transport.stop()));
}
