/** An endpoint without decorators. */
import type { CloseReason } from './close-reason.js';
import type { EndpointConfig } from './endpoint-config.js';
import { KIND } from './kind.js';
import type { Session } from './session.js';
import type { Handled } from './tokens.js';

/**
 * Extend it, add message handlers to the session in `onOpen`, and deploy it by a ServerEndpointConfig. One instance serves one
 * connection. Method decorators have no effect here. [ANN-19, LIF-1]
 */
export abstract class Endpoint {
  static readonly [KIND]: string = 'Endpoint';

  /** The connection is open; no message is delivered before this has completed. [LIF-4] */
  abstract onOpen(session: Session, config: EndpointConfig): Handled<void>;

  /** The session has ended; called once. Does nothing unless overridden. */
  onClose(_session: Session, _reason: CloseReason): Handled<void> {}

  /** Something has failed: a callback, a decoder, the connection. Does nothing unless overridden. */
  onError(_session: Session, _error: Error): Handled<void> {}
}
