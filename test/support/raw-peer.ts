/** A client that speaks no protocol of its own: it sends the bytes it is given and keeps the bytes it gets. */
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { cert } from './localhost-certificate.js';

/** An HTTP response, and what came behind it. */
export interface RawResponse {
  readonly status: number;
  /** Lower-case name to its lines. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly rest: Buffer;
}

export interface RawAddress {
  readonly port: number;
  readonly secure?: boolean;
  readonly host?: string;
}

export class RawPeer {
  readonly socket: Socket;
  readonly #tcp: Socket;
  readonly #chunks: Buffer[] = [];
  /** The other side has ended its direction, or the connection is gone. */
  hasEnded = false;
  isClosed = false;
  /** Why it is gone, if not by an end. */
  error: NodeJS.ErrnoException | null = null;

  private constructor(socket: Socket, tcp: Socket) {
    this.socket = socket;
    this.#tcp = tcp;
    tcp.on('error', () => {});
    socket.on('data', (bytes: Buffer) => this.#chunks.push(bytes));
    socket.on('end', () => {
      this.hasEnded = true;
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.hasEnded = true;
      this.isClosed = true;
    });
  }

  static async open({ port, secure = false, host = '127.0.0.1' }: RawAddress): Promise<RawPeer> {
    const tcp = connect({ port, host, allowHalfOpen: true, noDelay: true });
    const socket = secure ? connectSecurely({ socket: tcp, ca: cert, servername: 'localhost' }) : tcp;
    const peer = new RawPeer(socket, tcp);
    await peer.#until(() => peer.isClosed || (secure ? isSecure(socket) : !socket.connecting));
    if (peer.error !== null) throw peer.error;
    return peer;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes, 'latin1');
  }

  /** Half-closes: we have said all. */
  end(): void {
    this.socket.end();
  }

  /** Drops the connection as rudely as TCP allows. */
  reset(): void {
    this.#tcp.resetAndDestroy();
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** What the server says, once its headers and as many bytes as they announce have come. */
  async response(): Promise<RawResponse> {
    let response: RawResponse | null = null;
    await this.#until(() => {
      response = parse(this.received);
      return response !== null || this.hasEnded;
    });
    if (response === null) throw new Error(`no complete response, but ${JSON.stringify(this.received.toString('latin1'))}`);
    return response;
  }

  /** The server has ended its direction. */
  ended(): Promise<void> {
    return this.#until(() => this.hasEnded);
  }

  closed(): Promise<void> {
    return this.#until(() => this.isClosed);
  }

  async #until(condition: () => boolean): Promise<void> {
    const { socket } = this;
    const events = ['data', 'end', 'close', 'connect', 'secureConnect'];
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        for (const event of events) socket.off(event, check);
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`nothing came but ${JSON.stringify(this.received.toString('latin1'))}`)), 5000);
      for (const event of events) socket.on(event, check);
      check();
    });
  }
}

/** The lines of a correct upgrade; further ones behind it, or instead of it. */
export function upgradeRequest(target = '/', lines: readonly string[] = []): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==',
    ...lines,
    '',
    '',
  ].join('\r\n');
}

function isSecure(socket: Socket): boolean {
  return 'getProtocol' in socket && (socket as { authorized?: boolean }).authorized === true;
}

function parse(bytes: Buffer): RawResponse | null {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const length = Number(headers.get('content-length')?.[0] ?? 0);
  const body = bytes.subarray(end + 4, end + 4 + length);
  if (body.length < length) return null;
  return { status, headers, body: body.toString('utf8'), rest: bytes.subarray(end + 4 + length) };
}
