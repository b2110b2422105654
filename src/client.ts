/** The client's door: everything a client endpoint needs, and nothing of a server. */
import { setBuiltInProvider } from './api/container-provider.js';
import { HttpReach } from './container/client/http/http-reach.js';
import { setReach } from './container/client/reach.js';
import { ClientContainer } from './container/client-container.js';
import { IncomingStream } from './runtime/streams/incoming.js';
import { outgoingStreams } from './runtime/streams/outgoing.js';
import { setStreams } from './runtime/streams.js';
import { WsDialer } from './transport/ws/ws-dialer.js';

setReach(new HttpReach(new WsDialer()));
setBuiltInProvider(() => new ClientContainer());
setStreams({ ...outgoingStreams, incoming: (kind, onRoom) => new IncomingStream(kind, onRoom) });

export { type Authenticator, registerAuthenticator } from './container/client/http/authenticators.js';
export * from './vocabulary.js';
