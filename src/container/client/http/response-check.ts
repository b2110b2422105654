/** Whether a 101 is the answer to what was asked. [CLI-6] */
import type { FailedResponse } from '../../../api/exceptions.js';
import type { ExtensionFactory } from '../../../transport/spi.js';
import { type Agreed, agreementOf, type Disagreed } from '../../negotiation/agreement.js';
import { extensionOf } from '../../negotiation/extension.js';
import { extensionsOf, hasToken, listOf } from '../../web/header-grammar.js';
import { acceptOf } from '../../web/websocket-key.js';

export interface Checked {
  /** "" for none. */
  readonly subprotocol: string;
  readonly agreed: Agreed;
}

/** `sent`: the request's headers as they left. */
export function checked(
  sent: ReadonlyMap<string, readonly string[]>,
  { headers }: FailedResponse,
  extensions: readonly ExtensionFactory[],
): Checked | Disagreed {
  const lines = (name: string) => headers.get(name) ?? [];
  if (!hasToken(lines('upgrade'), 'websocket')) return { objection: 'answered 101 without "Upgrade: websocket"' };
  if (!hasToken(lines('connection'), 'upgrade')) return { objection: 'answered 101 without "Connection: Upgrade"' };
  const accepts = lines('sec-websocket-accept');
  const [key = ''] = sent.get('Sec-WebSocket-Key') ?? [];
  if (accepts.length !== 1 || accepts[0] !== acceptOf(key)) {
    return { objection: `answered 101 with ${accepts.length === 0 ? 'no' : 'a wrong'} Sec-WebSocket-Accept; it has not read our key` };
  }
  const subprotocols = lines('sec-websocket-protocol');
  if (subprotocols.length > 1) return { objection: 'answered with two Sec-WebSocket-Protocol headers' };
  const [subprotocol = ''] = subprotocols;
  if (subprotocol !== '' && !listOf(sent.get('Sec-WebSocket-Protocol') ?? []).includes(subprotocol)) {
    return { objection: `answered with the subprotocol ${JSON.stringify(subprotocol)}, which was not offered` };
  }
  const offered = extensionsOf(sent.get('Sec-WebSocket-Extensions') ?? []);
  const offers = 'refusal' in offered ? [] : offered.map(extensionOf);
  const agreed = agreementOf(lines('sec-websocket-extensions'), offers, { deflate: true, extensions });
  return 'objection' in agreed ? agreed : { subprotocol, agreed };
}
