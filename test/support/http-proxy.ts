/** An HTTP proxy that gives tunnels, over TCP or TLS, and refuses them as the test likes. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach } from '@jest/globals';
import { cert, key } from './localhost-certificate.js';

/** Instead of a tunnel. */
export interface ProxyRefusal {
  readonly status: number;
  /** Whole lines. */
  readonly lines?: readonly string[];
  readonly body?: string;
}

export interface HttpProxyOptions {
  /** TLS to the proxy, with the certificate of localhost. */
  readonly secure?: boolean;
  /** What Proxy-Authorization must be for a tunnel; anything else gets a 407 with the challenge. */
  readonly authorization?: string | ((given: string | undefined) => boolean);
  /** The value of Proxy-Authenticate; that of a Basic realm named `proxy` if left out. */
  readonly challenge?: string;
  /** Nobody gets a tunnel. */
  readonly refuse?: ProxyRefusal;
  /** The 200 waits for the first bytes of the tunnel, and leaves in one packet with them. */
  readonly early?: boolean;
}

/** A CONNECT as it came. */
export interface ConnectRequest {
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
}

const running = new Set<HttpProxy>();

export class HttpProxy {
  readonly port: number;
  readonly secure: boolean;
  /** All that were asked, the refused ones too. */
  readonly connects: ConnectRequest[] = [];
  /** How many of them have a tunnel, or had one. */
  tunnels = 0;
  readonly #options: HttpProxyOptions;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Duplex>();

  /** Listens until `stop`, or until the test has ended. */
  static async start(options: HttpProxyOptions = {}): Promise<HttpProxy> {
    const server = options.secure === true ? createSecureServer({ key, cert }) : createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new HttpProxy(server, options);
    running.add(proxy);
    return proxy;
  }

  private constructor(server: ReturnType<typeof createServer>, options: HttpProxyOptions) {
    this.port = (server.address() as AddressInfo).port;
    this.secure = options.secure === true;
    this.#options = options;
    this.#server = server;
    server.on('connection', (socket: Socket) => this.#keep(socket));
    server.on('clientError', (_, socket: Duplex) => socket.destroy());
    server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#answer(request, socket, head));
  }

  async stop(): Promise<void> {
    running.delete(this);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #answer(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const { url: target = '', rawHeaders, headers } = request;
    this.connects.push({ target, rawHeaders, headers });
    this.#keep(client);
    const { challenge = 'Basic realm="proxy"', refuse } = this.#options;
    if (refuse !== undefined) this.#refuse(client, refuse);
    else if (this.#isWelcome(headers['proxy-authorization'])) this.#dig(target, client, head);
    else this.#refuse(client, { status: 407, lines: [`Proxy-Authenticate: ${challenge}`], body: 'Who are you?' });
  }

  #isWelcome(given: string | undefined): boolean {
    const { authorization } = this.#options;
    return typeof authorization === 'function' ? authorization(given) : authorization === undefined || authorization === given;
  }

  #refuse(client: Duplex, { status, lines = [], body = '' }: ProxyRefusal): void {
    const all = lines.some((line) => /^transfer-encoding:/i.test(line)) ? lines : [...lines, `Content-Length: ${Buffer.byteLength(body)}`];
    client.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'No'}`, ...all, '', body].join('\r\n'));
    client.resume();
  }

  #dig(target: string, client: Duplex, head: Buffer): void {
    const [, host = '', port] = /^\[?([^\]]*)\]?:(\d+)$/.exec(target) ?? [];
    const server = connect({ host, port: Number(port), noDelay: true });
    this.#keep(server);
    const open = (first: Buffer): void => {
      this.tunnels++;
      client.write(Buffer.concat([Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n'), first]));
      if (head.length > 0) server.write(head);
      client.pipe(server);
      server.pipe(client);
    };
    server.once('error', () => client.destroy());
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
    if (this.#options.early === true) server.once('data', open);
    else server.once('connect', () => open(Buffer.alloc(0)));
  }

  #keep(socket: Duplex): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.on('error', () => {}); // a tunnel ends as its ends do
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

afterEach(async () => {
  await Promise.all([...running].map((proxy) => proxy.stop()));
});
