/** A server that speaks no protocol of its own: it reads the head of a request, and what it answers is the test's. */

import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls';
import { afterEach } from '@jest/globals';

/** Answers one request; the head is what stands before the blank line. */
export type RawAnswer = (socket: Socket, head: string) => void;

export interface RawServerOptions {
  /** Called at once, before there is a request. */
  readonly connected?: (socket: Socket) => void;
  readonly tls?: TlsOptions;
  /** 127.0.0.1 if left out. */
  readonly host?: string;
}

export interface RawServer {
  readonly port: number;
  /** Every connection there has been, below TLS, and the heads of the requests. */
  readonly sockets: readonly Socket[];
  readonly heads: readonly string[];
  /** Drops what is connected, and lets go of the port. */
  stop(): Promise<void>;
}

const running = new Set<RawServer>();
const END = '\r\n\r\n';

/** Listens until `stop`, or until the test has ended. */
export async function rawServer(answer: RawAnswer, { connected, tls, host = '127.0.0.1' }: RawServerOptions = {}): Promise<RawServer> {
  const sockets: Socket[] = [];
  const heads: string[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (tcp) => {
    sockets.push(tcp);
    tcp.on('error', () => {}); // what the client thinks of the answer is asked of the client
    connected?.(tcp);
    const socket = tls === undefined ? tcp : new TLSSocket(tcp, { isServer: true, secureContext: createSecureContext(tls), ...tls });
    socket.on('error', () => {});
    let bytes = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf(END);
      if (end < 0) return;
      socket.off('data', read);
      const rest = bytes.subarray(end + END.length);
      if (rest.length > 0) socket.unshift(rest);
      else socket.resume(); // or an end would not be seen
      const head = bytes.toString('latin1', 0, end);
      heads.push(head);
      answer(socket, head);
    };
    socket.on('data', read);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const started: RawServer = {
    port,
    sockets,
    heads,
    stop: async () => {
      running.delete(started);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  running.add(started);
  return started;
}

afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
});

/** The 101 to that request, with further lines. */
export function switching(head: string, ...lines: readonly string[]): string {
  const key = /^sec-websocket-key: *(.*)$/im.exec(head)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const all = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
  return [...all, ...lines, '', ''].join('\r\n');
}
