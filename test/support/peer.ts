/** A client as others have it: the ws package, with what it got put in order. */
import WebSocket, { type ClientOptions } from 'ws';

/** How a connection ended, as the client saw it. */
export interface Closed {
  readonly code: number;
  readonly phrase: string;
}

const PATIENCE = 10_000; // ms; a test that waits longer has failed

export class Peer {
  readonly socket: WebSocket;
  /** Settles when the connection has ended. */
  readonly closed: Promise<Closed>;
  /** Every message so far: text as string, binary as Buffer. */
  readonly received: (string | Buffer)[] = [];
  readonly pongs: Buffer[] = [];
  #taken = 0;
  #wake: (() => void)[] = [];
  #isClosed = false;

  /** Resolves once it is open; rejects with the status of a refusal. */
  static open(url: string, options: ClientOptions & { subprotocols?: string[] } = {}): Promise<Peer> {
    const { subprotocols = [], ...rest } = options;
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, subprotocols, { perMessageDeflate: false, ...rest });
      const peer = new Peer(socket);
      socket.once('open', () => resolve(peer));
      socket.once('unexpected-response', (_request, response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () =>
          reject(Object.assign(new Error(`${response.statusCode} ${body}`), { response, status: response.statusCode, body })),
        );
      });
      socket.once('error', reject);
    });
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      this.received.push(isBinary ? Buffer.from(data) : data.toString('utf8'));
      this.#tell();
    });
    socket.on('pong', (data) => {
      this.pongs.push(Buffer.from(data));
      this.#tell();
    });
    socket.on('error', () => {}); // told by `closed`
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, phrase) => {
        this.#isClosed = true;
        this.#tell();
        resolve({ code, phrase: phrase.toString('utf8') });
      });
    });
  }

  send(message: string | Uint8Array): void {
    this.socket.send(message);
  }

  /** A part of a message. */
  part(data: string | Uint8Array, last: boolean): void {
    this.socket.send(data, { fin: last });
  }

  close(code?: number, phrase?: string): Promise<Closed> {
    this.socket.close(code, phrase);
    return this.closed;
  }

  /** The next message nobody has asked for yet. */
  async next(): Promise<string | Buffer> {
    await this.#until(() => this.received.length > this.#taken, 'a message');
    return this.received[this.#taken++] as string | Buffer;
  }

  /** The next so many. */
  async take(count: number): Promise<(string | Buffer)[]> {
    const taken: (string | Buffer)[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  async pong(): Promise<Buffer> {
    await this.#until(() => this.pongs.length > 0, 'a pong');
    return this.pongs.shift() as Buffer;
  }

  async #until(there: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!there()) {
      if (this.#isClosed || Date.now() > deadline) {
        const why = this.#isClosed ? 'the connection closed' : 'none came';
        throw new Error(`waited for ${what}; ${why}; so far ${brief(this.received)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }
}

function brief(messages: readonly (string | Buffer)[]): string {
  return messages
    .map((message) => (typeof message === 'string' ? message.slice(0, 40) : `${message.length} bytes`))
    .join(' | ')
    .slice(-400);
}
