/** An attacker's socket: sends bytes, and keeps of what comes only what an outcome is told by. */
import { connect, type Socket } from 'node:net';

export interface Asking {
  readonly port: number;
  readonly path: string;
  /** Further lines of the request. */
  readonly lines?: readonly string[];
}

export function request({ path, lines = [] }: Pick<Asking, 'path' | 'lines'>): string {
  const own = ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  return [`GET ${path} HTTP/1.1`, ...own, 'Sec-WebSocket-Key: bWFyZ2F5IGlzIHNvYWtlZA==', ...lines, '', ''].join('\r\n');
}

/** Offers permessage-deflate. */
export const DEFLATE = ['Sec-WebSocket-Extensions: permessage-deflate'];

export class RawClient {
  static readonly #all = new Set<RawClient>();

  readonly socket: Socket;
  /** Of the answer to the request; 0 before. */
  status = 0;
  /** Data messages that have come whole, and their bytes on the wire; pongs. */
  messages = 0;
  bytes = 0;
  pongs = 0;
  /** Of the server's close frame; 1005 for an empty one, null without any. */
  closeCode: number | null = null;
  hasEnded = false;
  isGone = false;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a data frame that are still to come. */
  #skip = 0;
  readonly #checks = new Set<() => void>();

  /** Connects, and says nothing. */
  static async connect(port: number): Promise<RawClient> {
    const client = new RawClient(port);
    await client.until(() => !client.socket.connecting, 'a connection');
    return client;
  }

  /** Connects and upgrades. */
  static async open(asking: Asking): Promise<RawClient> {
    const client = await RawClient.connect(asking.port);
    client.send(Buffer.from(request(asking)));
    await client.answered();
    if (client.status !== 101) throw new Error(`${asking.path} answered ${client.status}`);
    return client;
  }

  static dropAll(): void {
    for (const { socket } of RawClient.#all) socket.destroy();
  }

  private constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.socket.on('error', () => {}); // told by `isGone`
    this.socket.on('connect', () => this.#check());
    this.socket.on('data', (chunk: Buffer) => {
      this.#take(chunk);
      this.#check();
    });
    this.socket.on('end', () => {
      this.hasEnded = true;
      this.#check();
    });
    this.socket.on('close', () => {
      this.hasEnded = true;
      this.isGone = true;
      RawClient.#all.delete(this);
      this.#check();
    });
    RawClient.#all.add(this);
  }

  send(...all: readonly Buffer[]): void {
    for (const bytes of all) if (this.socket.writable) this.socket.write(bytes);
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** The answer to the request has come, its headers at least, or the connection is over. */
  async answered(ms?: number): Promise<number> {
    await this.until(() => this.status !== 0 || this.hasEnded, 'an answer', ms);
    return this.status;
  }

  /** The server's close frame, or the end without one: null. */
  async closing(ms?: number): Promise<number | null> {
    await this.until(() => this.closeCode !== null || this.hasEnded, 'a close frame', ms);
    return this.closeCode;
  }

  /** Answers the end of the stream with ours; the connection is over then. */
  async over(ms?: number): Promise<void> {
    await this.until(() => this.hasEnded, 'the end', ms);
    this.socket.end();
    await this.until(() => this.isGone, 'the end of TCP', ms);
  }

  /** Rejects when it is not so within that time, or cannot become so any more. */
  until(condition: () => boolean, what: string, ms = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!condition() && !this.isGone) return;
        clearTimeout(timer);
        this.#checks.delete(check);
        if (condition()) resolve();
        else reject(new Error(`waited for ${what}, but the connection is gone`));
      };
      const timer = setTimeout(() => {
        this.#checks.delete(check);
        reject(new Error(`waited ${ms} ms for ${what}; status ${this.status}, ${this.messages} messages, close ${this.closeCode}`));
      }, ms);
      this.#checks.add(check);
      check();
    });
  }

  #check(): void {
    for (const check of this.#checks) check();
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.status === 0) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0) this.status = Number(bytes.toString('latin1', 9, 12));
      bytes = end < 0 ? bytes : bytes.subarray(end + 4);
    }
    this.#rest = this.status === 101 ? this.#frames(bytes) : this.status === 0 ? bytes : Buffer.alloc(0);
  }

  /** Goes through what has come of them; what is no whole header, or no whole control frame, is returned. */
  #frames(bytes: Buffer): Buffer {
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at + 2 > bytes.length) return bytes.subarray(at);
      const [first, second] = [bytes[at] as number, bytes[at + 1] as number];
      const head = second === 127 ? 10 : second === 126 ? 4 : 2;
      if (at + head > bytes.length) return bytes.subarray(at);
      const length = head === 2 ? second : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
      const opcode = first & 15;
      if (opcode >= 8 && at + head + length > bytes.length) return bytes.subarray(at);
      if (opcode === 8) this.closeCode = length < 2 ? 1005 : bytes.readUInt16BE(at + head);
      else if (opcode === 10) this.pongs++;
      else if (opcode < 8) {
        this.bytes += length;
        if (first >= 128) this.messages++;
      }
      at += head;
      this.#skip = length;
    }
  }
}
