/** A complete HTTP response that ends its connection. */
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Duplex } from 'node:stream';

/** A header line: name and value. */
export type HeaderLine = readonly [name: string, value: string];

/** What a refused peer is told. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Iterable<HeaderLine>;
  readonly body: string;
  /** The request was HEAD: everything but the body. */
  readonly bodiless?: boolean;
}

/** How long, in ms, a peer may take to read a refusal and leave. */
const LINGER = 2000;

/** Bytes that are handed over at a time: a refusal is one piece, what a servlet answers may be many. */
const PIECE = 65_536;

/** How long, in ms, the next piece may take to leave: a kernel takes them by the megabyte, and a telephone reads slowly. */
const STALL = 30_000;

/** Lines that say where the response ends and what becomes of the connection: ours, whatever was asked for. */
const OURS = new Set(['connection', 'content-length', 'date', 'transfer-encoding']);

/** Header lines as they go on the wire, or null if one of them has a character that must never get there. */
export function headerLines(headers: Iterable<HeaderLine>): string | null {
  let lines = '';
  for (const [name, value] of headers) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      return null;
    }
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/**
 * Writes the response, ends our direction and lets the socket go, when the peer has left or takes too long [REL-5]. What still arrives
 * is read and thrown away: closing a socket with unread bytes sends a reset, which may take the answer from the peer
 * before it has read it. Should a header be illegal, the answer is a 500 without any of them.
 */
export function refuse(socket: Duplex, refusal: Refusal): void {
  guard(socket);
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const bytes = response(refusal);
  if (bytes.length <= PIECE) finish(socket, bytes);
  else pour(socket, bytes);
  socket.resume();
}

function finish(socket: Duplex, last?: Buffer): void {
  socket.end(last);
  dropped(socket, LINGER);
}

/** Piece by piece: that is how it shows whether the peer takes any. */
function pour(socket: Duplex, bytes: Buffer): void {
  if (bytes.length === 0) return finish(socket);
  const spare = dropped(socket, STALL);
  socket.write(bytes.subarray(0, PIECE), (error) => {
    spare();
    if (!error) pour(socket, bytes.subarray(PIECE));
  });
}

/** After that time, unless it is spared. */
function dropped(socket: Duplex, ms: number): () => void {
  const timer = setTimeout(drop, ms, socket);
  timer.unref();
  const spare = () => {
    clearTimeout(timer);
    socket.off('close', spare);
  };
  socket.once('close', spare);
  return spare;
}

/** An error of this socket concerns nobody any more, but without a listener it would end the process [REL-1]. False: one is there. */
export function guard(socket: Duplex): boolean {
  if (socket.listeners('error').includes(ignore)) return false;
  socket.on('error', ignore);
  return true;
}

/** Takes back what `guard` did, once somebody else listens. */
export function unguard(socket: Duplex): void {
  socket.off('error', ignore);
}

function ignore(): void {}

function drop(socket: Duplex): void {
  socket.destroy();
}

function response({ status, headers = [], body, bodiless = false }: Refusal): Buffer {
  const given = [...headers].filter(([name]) => !OURS.has(name.toLowerCase()));
  const lines = headerLines(given);
  if (lines === null) {
    return response({ status: 500, body: 'The answer had an illegal header line. [MARGAY_HOOK_FAILED]', bodiless });
  }
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const content = Buffer.from(body, 'utf8');
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  head += `Date: ${new Date().toUTCString()}\r\n`;
  // who sends Upgrade (a 426 must) says so in Connection too [RFC 9110, 7.8]
  head += `Connection: close${names.has('upgrade') ? ', Upgrade' : ''}\r\n`;
  if (!names.has('content-type')) head += 'Content-Type: text/plain; charset=utf-8\r\n';
  head += `Content-Length: ${content.length}\r\n${lines}\r\n`;
  const start = Buffer.from(head, 'latin1');
  return bodiless ? start : Buffer.concat([start, content]);
}
