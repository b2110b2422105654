/** The remote whose promises are awaited. */
import type { RemoteEndpoint } from '../api/remote-endpoint.js';
import type { OutputStream, Writer } from '../api/streams.js';
import type { Bytes } from '../api/tokens.js';
import type { Outbound } from './outbound.js';
import { LIMIT, Remote } from './remote.js';
import type { Sender } from './sender.js';

export class RemoteBasic extends Remote implements RemoteEndpoint.Basic {
  readonly #outbound: Outbound;

  constructor(outbound: Outbound, sender: Sender) {
    super(outbound, sender);
    this.#outbound = outbound;
  }

  protected get [LIMIT](): null {
    return null; // the session's blocking timeout [REM-10]
  }

  sendText(text: string, last?: boolean): Promise<void> {
    if (last === undefined) return this.#outbound.text(text, 'sendText(text)', null);
    return this.#outbound.part('text', text, last, 'sendText(part, last)', null);
  }

  sendBinary(data: Bytes, last?: boolean): Promise<void> {
    if (last === undefined) return this.#outbound.binary(data, 'sendBinary(data)', null);
    return this.#outbound.part('binary', data, last, 'sendBinary(part, last)', null);
  }

  getSendWriter(): Writer {
    return this.#outbound.writer();
  }

  getSendStream(): OutputStream {
    return this.#outbound.outputStream();
  }

  sendObject(data: unknown): Promise<void> {
    return this.#outbound.object(data, 'sendObject(data)', null);
  }
}
