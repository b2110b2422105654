/** What a peer sent back in answer to a ping, or unasked. */
import { KIND } from './kind.js';

/** The payload of an `@OnMessage` method that takes pongs. [ANN-9] */
export abstract class PongMessage {
  static readonly [KIND]: string = 'PongMessage';

  /** At most 125 bytes; yours to keep. */
  abstract getApplicationData(): Buffer;
}
