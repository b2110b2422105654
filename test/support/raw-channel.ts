/** A WsChannel at one end of a loopback socket, with the handshake done by hand. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as net from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { DeflateParameters, Transformation } from '../../src/transport/spi.js';
import { WsChannel } from '../../src/transport/ws/ws-channel.js';
import { type Event, Recorder } from './recorder.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const closers: (() => void)[] = [];

/** Undoes all that was opened. */
export function closeAll(): void {
  for (const close of closers.splice(0)) close();
}

export function deflateParameters(rest: Partial<DeflateParameters> = {}): DeflateParameters {
  return { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 15, clientMaxWindowBits: 15, ...rest };
}

/** The header line that says the same. */
export function deflateHeader(deflate: DeflateParameters): string {
  const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = deflate;
  return [
    'permessage-deflate',
    ...(serverNoContextTakeover ? ['server_no_context_takeover'] : []),
    ...(clientNoContextTakeover ? ['client_no_context_takeover'] : []),
    ...(serverMaxWindowBits < 15 ? [`server_max_window_bits=${serverMaxWindowBits}`] : []),
    ...(clientMaxWindowBits < 15 ? [`client_max_window_bits=${clientMaxWindowBits}`] : []),
  ].join('; ');
}

export interface Side {
  readonly channel: WsChannel;
  readonly house: Recorder;
  readonly socket: net.Socket;
}

export interface SideOptions {
  readonly deflate?: DeflateParameters | null;
  readonly transformations?: readonly Transformation[];
  readonly house?: Recorder;
  /** What the house does with the channel when it opens. */
  readonly before?: (channel: WsChannel) => void;
}

/** An end of a connection that answers the closing handshake. */
function side(
  socket: net.Socket,
  isServer: boolean,
  head: Buffer[],
  { deflate = null, transformations = [], house = new Recorder(), before }: SideOptions,
): Side {
  const channel = new WsChannel(socket, { isServer, deflate, transformations });
  house.onOpened();
  before?.(channel);
  channel.begin(house, head);
  closers.push(() => channel.terminate());
  return { channel, house, socket };
}

/** Reads up to the blank line; what follows it is the head. */
async function readHeader(socket: net.Socket): Promise<{ header: string; head: Buffer }> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) continue;
    socket.pause();
    return { header: bytes.toString('latin1', 0, end), head: bytes.subarray(end + 4) };
  }
}

/** Serves one connection with a WsChannel; `connect` makes the peer. */
async function serve<Peer>(connect: (port: number) => Peer, options: SideOptions): Promise<{ server: Side; peer: Peer }> {
  const listener = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const peer = connect((listener.address() as net.AddressInfo).port);
  const [socket] = (await once(listener, 'connection')) as [net.Socket];
  listener.close();
  const { header, head } = await readHeader(socket);
  const key = /^sec-websocket-key: *(.*)$/im.exec(header)?.[1]?.trim() ?? '';
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  const extension = options.deflate ? `Sec-WebSocket-Extensions: ${deflateHeader(options.deflate)}\r\n` : '';
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${extension}\r\n`,
  );
  return { server: side(socket, true, [head], options), peer };
}

/** A WsChannel as server, ws as client. */
export async function serveWs(options: SideOptions = {}): Promise<{ server: Side; peer: WebSocket }> {
  const deflate = options.deflate ?? null;
  const { server, peer } = await serve(
    (port) =>
      new WebSocket(`ws://127.0.0.1:${port}`, {
        perMessageDeflate: deflate !== null && {
          serverNoContextTakeover: deflate.serverNoContextTakeover,
          clientMaxWindowBits: deflate.clientMaxWindowBits,
          serverMaxWindowBits: deflate.serverMaxWindowBits,
          threshold: 0,
        },
      }),
    options,
  );
  peer.on('error', () => {});
  closers.push(() => peer.terminate());
  if (peer.readyState !== WebSocket.OPEN) await once(peer, 'open');
  return { server, peer };
}

/** A WsChannel as server, a bare socket as client. */
export async function serveRaw(options: SideOptions = {}): Promise<{ server: Side; peer: net.Socket }> {
  const { server, peer } = await serve((port) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('GET / HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n');
    return socket;
  }, options);
  peer.on('error', () => {});
  closers.push(() => peer.destroy());
  const { head } = await readHeader(peer);
  if (head.length > 0) peer.unshift(head);
  peer.setNoDelay(true);
  return { server, peer };
}

/** ws as server, a WsChannel as client. */
export async function dialWs(options: SideOptions = {}): Promise<{ client: Side; peer: WebSocket }> {
  const deflate = options.deflate ?? null;
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: deflate !== null && { ...wsServerOptions(deflate), threshold: 0 },
  });
  closers.push(() => server.close());
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const extension = deflate ? `Sec-WebSocket-Extensions: ${deflateHeader(deflate)}\r\n` : '';
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${extension}\r\n`,
  );
  const [[peer], { head }] = await Promise.all([once(server, 'connection') as Promise<[WebSocket]>, readHeader(socket)]);
  peer.on('error', () => {});
  closers.push(() => peer.terminate());
  return { client: side(socket, false, [head], options), peer };
}

function wsServerOptions(deflate: DeflateParameters) {
  return { serverNoContextTakeover: deflate.serverNoContextTakeover, clientNoContextTakeover: deflate.clientNoContextTakeover };
}

/** Waits for an event of that name, also one that has come already. */
export async function event(house: Recorder, name: string, nth = 1): Promise<Event> {
  return eventually(
    () => house.events.filter((each) => each[0] === name)[nth - 1],
    `${name} (${nth}) among ${JSON.stringify(house.events).slice(0, 500)}`,
  );
}

/** Asks until the answer is neither undefined nor false. */
export async function eventually<T>(ask: () => T | undefined | false, what = String(ask)): Promise<T> {
  const until = performance.now() + 8000;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > until) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** All that a socket receives until it is looked at. */
export function receiving(socket: net.Socket): () => Buffer {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  return () => Buffer.concat(chunks);
}
