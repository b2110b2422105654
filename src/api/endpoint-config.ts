/** What an endpoint was configured with. */
import type { Decoder, Encoder } from './codec.js';
import { KIND } from './kind.js';

/** Injected into @OnOpen: the configuration of this connection. [HS-9] */
export abstract class EndpointConfig {
  static readonly [KIND]: string = 'EndpointConfig';

  abstract getEncoders(): readonly (new () => Encoder)[];
  abstract getDecoders(): readonly (new () => Decoder)[];
  /** Yours to change: on the server a copy per connection, whose content seeds the session's own. */
  abstract getUserProperties(): Map<string, unknown>;
}
