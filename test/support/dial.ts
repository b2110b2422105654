/** Connects to a server by hand, and gives the connection to the channel under test. */
import { randomBytes } from 'node:crypto';
import type { ChannelListener, DeflateParameters } from '../../src/transport/spi.js';
import { WsChannel } from '../../src/transport/ws/ws-channel.js';
import { type RawAddress, RawPeer, type RawResponse } from './raw-peer.js';

export interface DialWsOptions {
  /** Instead of the line we would send under that name; none at all for an empty list. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly deflate?: DeflateParameters | null;
  readonly signal?: AbortSignal;
}

export interface DialledWs {
  readonly channel: WsChannel;
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** Rejects with the RawResponse if that is no 101. */
export async function dialWs(
  address: RawAddress,
  target: string,
  listener: ChannelListener,
  options: DialWsOptions = {},
): Promise<DialledWs> {
  const peer = await RawPeer.connect(address);
  const { socket } = peer;
  options.signal?.addEventListener('abort', () => socket.destroy());
  const response = await ask(peer, target, options.headers ?? {});
  if (response.status !== 101) {
    await peer.ended();
    socket.destroy();
    throw response;
  }
  socket.pause();
  socket.removeAllListeners('data').removeAllListeners('error');
  const channel = new WsChannel(socket, { isServer: false, deflate: options.deflate ?? null });
  setImmediate(() => {
    listener.onOpened();
    channel.begin(listener, response.rest.length > 0 ? [response.rest] : []);
  });
  return { channel, status: response.status, headers: response.headers };
}

async function ask(peer: RawPeer, target: string, given: Readonly<Record<string, string | readonly string[]>>): Promise<RawResponse> {
  const lines: [string, string][] = [
    ['Host', 'localhost'],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
  ];
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const kept = lines.filter(([name]) => !names.has(name.toLowerCase()));
  const added = Object.entries(given).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value]));
  peer.send([`GET ${target} HTTP/1.1`, ...[...kept, ...added].map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n'));
  return peer.response();
}
