/** How a container comes to servers: the door registers the way, so that no room above the transport names an engine. */
import type { ClientEndpointConfig } from '../../api/client-endpoint-config.js';
import type { ConnectOptions } from '../../api/connect-options.js';
import { IllegalStateException } from '../../api/exceptions.js';
import type { Extension } from '../../api/extension.js';
import type { Logger } from '../../api/logger.js';
import type { Channel, ChannelListener, ExtensionFactory } from '../../transport/spi.js';

/** What a connection is to be made for. */
export interface Errand {
  /** ws or wss, with a host, without a fragment. */
  readonly uri: URL;
  /** Its subprotocols, extensions and hooks. */
  readonly config: ClientEndpointConfig;
  /** As the caller gave them, or as the configuration's user properties say. [CLI-9] */
  readonly options: ConnectOptions;
  /** The extensions that can be run beside permessage-deflate. */
  readonly extensions: readonly ExtensionFactory[];
  readonly logger: Logger;
  /** The container closes. */
  readonly signal: AbortSignal;
}

/** A server that has answered 101 as it should. */
export interface Reached {
  /** That of the request which got the 101. [SES-9] */
  readonly uri: URL;
  /** "" for none. */
  readonly subprotocol: string;
  /** Those in force, with the parameters of the response. */
  readonly extensions: readonly Extension[];
  /** As the reply's. */
  accept(open: (channel: Channel) => ChannelListener): Promise<void>;
  /** Nothing comes of it. */
  drop(): void;
}

export interface Reach {
  /** Rejects with DeploymentException as `connectToServer` says; with UnsupportedOperationException for what cannot be had here. */
  reach(errand: Errand): Promise<Reached>;
}

let registered: Reach | null = null;

export function setReach(reach: Reach): void {
  registered = reach;
}

export function reach(): Reach {
  if (registered === null) throw new IllegalStateException('no engine is loaded; import margay or margay/client');
  return registered;
}
