/** The remote whose promises are awaited. */
import type { RemoteEndpoint } from '../api/remote-endpoint.js';
import type { Bytes } from '../api/tokens.js';
import type { Outbound, Sender } from './outbound.js';
import { Remote } from './remote.js';

export class RemoteBasic extends Remote implements RemoteEndpoint.Basic {
  readonly #outbound: Outbound;

  constructor(outbound: Outbound, sender: Sender) {
    super(outbound, sender);
    this.#outbound = outbound;
  }

  sendText(text: string, last?: boolean): Promise<void> {
    if (last === undefined) return this.#outbound.text(text, 'sendText(text)');
    return this.#outbound.part('text', text, last, 'sendText(part, last)');
  }

  sendBinary(data: Bytes, last?: boolean): Promise<void> {
    if (last === undefined) return this.#outbound.binary(data, 'sendBinary(data)');
    return this.#outbound.part('binary', data, last, 'sendBinary(part, last)');
  }
}
