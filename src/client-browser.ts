/** The client's door, as bundlers for browsers find it: the same words, over the browser's own WebSocket. No door by itself. */
import { setBuiltInProvider } from './api/container-provider.js';
import { UnsupportedOperationException } from './api/exceptions.js';
import { BrowserReach } from './container/client/browser-reach.js';
import { setReach } from './container/client/reach.js';
import { ClientContainer } from './container/client-container.js';
import { NO_STREAMS } from './runtime/no-streams.js';
import { setStreams } from './runtime/streams.js';
import { BrowserDialer } from './transport/browser/browser-dialer.js';
import type { SocketClass } from './transport/browser/socket.js';

setReach(new BrowserReach(new BrowserDialer((globalThis as unknown as { WebSocket: SocketClass }).WebSocket)));
setBuiltInProvider(() => new ClientContainer());
setStreams(NO_STREAMS);

/** A browser answers challenges itself. @throws UnsupportedOperationException, always */
export function registerAuthenticator(): never {
  throw new UnsupportedOperationException('registerAuthenticator(scheme, authenticator): a browser answers challenges itself');
}

export * from './vocabulary.js';
