/** What can only be measured while nothing else happens: the price of a handshake, and of compression. [REL-4, REL-15] */
import { once } from 'node:events';
import WebSocket from 'ws';
import { goodHandshake } from './attacks/handshakes.js';
import { BOUND } from './good/good-client.js';
import { heldBy } from './memory.js';
import { median } from './numbers.js';
import type { ServerProcess } from './server-process.js';

export interface Figures {
  /** ms of a handshake of 1 KiB and of the most hostile one of nearly 16 KiB. */
  readonly smallHandshake: number;
  readonly largeHandshake: number;
  /** KiB that a connection costs more with permessage-deflate. */
  readonly deflateCost: number;
  /** ms that compression has held the event loop, at most. */
  readonly deflateHold: number;
}

const ROUNDS = 25;
const CONNECTIONS = 100;
const LARGE = 15_500;
/** Header values that slow parsers are slow at. */
const HOSTILE = [
  `Sec-WebSocket-Extensions: ${'a; b="\\c'.repeat(LARGE / 8)}`,
  `Sec-WebSocket-Protocol: b${' '.repeat(LARGE)}x`,
  `Sec-WebSocket-Extensions: ${'permessage-deflate, '.repeat(LARGE / 20)}`,
  `Origin: http://${'a.'.repeat(LARGE / 2)}`,
];

export async function measure(server: ServerProcess): Promise<Figures> {
  const { ports } = server;
  const timesOf = async (lines: readonly string[]): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) times.push(await goodHandshake(ports.arena, lines));
    return median(times);
  };
  await timesOf([]); // warm
  const smallHandshake = await timesOf([`X-Filler: ${'x'.repeat(700)}`]);
  const hostile: number[] = [];
  for (const line of HOSTILE) hostile.push(await timesOf([line]));
  const url = `ws://127.0.0.1:${ports.examples}/echo`;
  for (const deflate of [true, false]) await costOf(server, url, deflate); // warm
  const plain = await costOf(server, url, false);
  const deflated = await costOf(server, url, true);
  return {
    smallHandshake,
    largeHandshake: Math.max(...hostile),
    deflateCost: (deflated - plain) / 1024,
    deflateHold: await longestHold(server, url),
  };
}

/** Bytes that a connection costs which has said and heard something. */
async function costOf(server: ServerProcess, url: string, deflate: boolean): Promise<number> {
  const before = heldBy(await server.sample(true));
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(url, deflate)));
  for (let i = 0; i < 5; i++) await Promise.all(sockets.map((socket) => echoed(socket, `margay ${i} `.repeat(300))));
  const after = heldBy(await server.sample(true));
  for (const socket of sockets) socket.terminate();
  return (after - before) / CONNECTIONS;
}

/** ms, while messages near the limit are inflated and compressed again. */
async function longestHold(server: ServerProcess, url: string): Promise<number> {
  const socket = await open(url, true);
  const large = Array.from({ length: 60_000 }, (_, i) => `${i * 7919} `)
    .join('')
    .slice(0, 1_000_000);
  await echoed(socket, large);
  await server.sample(true);
  for (let i = 0; i < 10; i++) await echoed(socket, large);
  const { held } = await server.sample();
  socket.terminate();
  return held;
}

function open(url: string, deflate: boolean): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: deflate, handshakeTimeout: BOUND });
  return new Promise((resolve, reject) => socket.once('open', () => resolve(socket)).once('error', reject));
}

async function echoed(socket: WebSocket, message: string): Promise<void> {
  const heard = once(socket, 'message', { signal: AbortSignal.timeout(BOUND) });
  socket.send(message);
  const [data] = await heard.catch(() => {
    throw new Error('an echo has not come');
  });
  if (String(data) !== message) throw new Error('an echo that is another');
}
