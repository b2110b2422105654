/** For tests of endpoints: they are deployed in memory, without a port or a socket, and talked to. */
export type { App } from './testing/app.js';
export { type Deploying, deploy } from './testing/deploying.js';
export { memoryTransport } from './testing/engine.js';
export type { Peer } from './testing/peer.js';
export type { PeerOptions } from './testing/peer-options.js';
