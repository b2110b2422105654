/** Connects by the engine's dialer, and gives the listener the channel under test. */
import { afterEach } from '@jest/globals';
import type { ChannelListener, DeflateParameters } from '../../src/transport/spi.js';
import type { WsChannel } from '../../src/transport/ws/ws-channel.js';
import { callTo, dial } from './calling.js';
import { cert } from './localhost-certificate.js';
import type { RawAddress } from './raw-peer.js';

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

const dialled = new Set<WsChannel>();

afterEach(() => {
  for (const channel of dialled) channel.terminate();
  dialled.clear();
});

/** Rejects with status, headers and body if that is no 101. */
export async function dialWs(
  { port, host = '127.0.0.1', secure = false }: RawAddress,
  target: string,
  listener: ChannelListener,
  { headers: given = {}, deflate = null, signal = new AbortController().signal }: DialWsOptions = {},
): Promise<DialledWs> {
  const uri = `${secure ? 'wss' : 'ws'}://${host}:${port}${target}`;
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const headers = [
    ...callTo(uri).headers.filter(([name]) => !names.has(name.toLowerCase())),
    ...Object.entries(given).flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const)),
  ];
  const reply = await dial(uri, { headers, signal, tls: secure ? { ca: cert } : null });
  const { status, headers: answered, body } = reply;
  if (status !== 101) throw { status, headers: answered, body: body.toString() };
  let channel: WsChannel | undefined;
  await reply.accept({ deflate, transformations: [] }, (made) => {
    channel = made as WsChannel;
    dialled.add(channel);
    return listener;
  });
  return { channel: channel as WsChannel, status, headers: answered };
}
