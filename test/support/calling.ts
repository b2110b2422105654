/** Calls for the dialer of the ws engine, made by hand, and what becomes of them. */
import { randomBytes } from 'node:crypto';
import type { Agreement, Call, DialError, Reply } from '../../src/transport/dialer.js';
import type { Channel } from '../../src/transport/spi.js';
import { WsDialer } from '../../src/transport/ws/ws-dialer.js';
import { Recorder } from './recorder.js';

export const PLAIN: Agreement = { deflate: null, transformations: [] };

/** A correct call to localhost. */
export function callTo(uri: string, more: Partial<Call> = {}): Call {
  const url = new URL(uri);
  return {
    uri: url,
    subprotocols: [],
    headers: [
      ['Host', url.host],
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
    ],
    proxy: null,
    tls: null,
    timeout: 10_000,
    maxHeaderSize: 8192,
    signal: new AbortController().signal,
    ...more,
  };
}

export const dial = (uri: string, more: Partial<Call> = {}): Promise<Reply> => new WsDialer().dial(callTo(uri, more));

/** What a dial that comes to nothing is rejected with. */
export async function failureOf(uri: string, more: Partial<Call> = {}): Promise<DialError & { readonly cause?: NodeJS.ErrnoException }> {
  let reply: Reply;
  try {
    reply = await dial(uri, more);
  } catch (error) {
    return error as DialError & { cause?: NodeJS.ErrnoException };
  }
  reply.drop();
  throw new Error(`there was a reply: ${reply.status}`);
}

export interface Accepted {
  readonly channel: Channel;
  readonly house: Recorder;
}

/** Makes the channel, and resolves as `accept` does. */
export async function accepted(reply: Reply, { agreement = PLAIN, house = new Recorder() } = {}): Promise<Accepted> {
  let channel: Channel | undefined;
  await reply.accept(agreement, (made) => {
    channel = made;
    return house;
  });
  return { channel: channel as Channel, house };
}
