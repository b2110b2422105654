/** A message that is sent many times: here, copied once. */
import type { Bytes, MessageKind, Prepared } from '../spi.js';
import { copyOf } from './collected-parts.js';
import { utf8Length } from './utf8-length.js';

export class PreparedMessage implements Prepared {
  readonly kind: MessageKind;
  readonly size: number;
  readonly data: string | Uint8Array;

  constructor(message: string | Bytes) {
    this.kind = typeof message === 'string' ? 'text' : 'binary';
    this.data = typeof message === 'string' ? message : copyOf(message);
    this.size = typeof this.data === 'string' ? utf8Length(this.data) : this.data.length;
  }
}
