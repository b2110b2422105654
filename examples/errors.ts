/** What the examples' @OnError do with an error. */
import { debuglog } from 'node:util';
import { IOException, SessionException } from 'margay';

/** Silent, unless the process runs with NODE_DEBUG=examples. */
const debug = debuglog('examples');

/** A person who closes a laptop is no fault of anybody's, and an error line for it would only hide the real ones. [D-20] */
export function report(endpoint: string, error: Error): void {
  if (isDisconnect(error)) debug('%s: %s', endpoint, error.message);
  else console.error(`${endpoint}:`, error);
}

/** True when all that happened is that the peer has gone. */
export function isDisconnect(error: Error): boolean {
  return error instanceof IOException || (error instanceof SessionException && error.code === 'MARGAY_CONNECTION_LOST');
}
