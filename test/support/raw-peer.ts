/** A client that speaks no protocol of its own: it sends the bytes and frames it is given, right or wrong, and keeps what it gets. */
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { afterEach } from '@jest/globals';
import { closing, type FrameParts, frame, OPCODES, type ParsedFrame, parseOne, sizeOf } from './frames.js';
import { cert } from './localhost-certificate.js';
import { parseResponse, type RawResponse, upgradeRequest } from './raw-http.js';

export { type RawResponse, upgradeRequest } from './raw-http.js';

export interface RawAddress {
  readonly port: number;
  readonly secure?: boolean;
  readonly host?: string;
}

/** Bytes, characters that stand for bytes, or a frame. */
export type Sendable = string | Buffer | FrameParts;

export interface RawOptions {
  /** Further header lines of the request. */
  readonly lines?: readonly string[];
  /** What leaves in the same packet as the request. */
  readonly behind?: readonly Sendable[];
  readonly secure?: boolean;
}

/** What stood in a close frame: 1005 if nothing. */
export interface CloseFrame {
  readonly code: number;
  readonly phrase: string;
}

const PATIENCE = 10_000; // ms; a test that waits longer has failed
const EVENTS = ['data', 'end', 'close', 'connect', 'secureConnect'] as const;

export class RawPeer {
  static readonly #open = new Set<RawPeer>();

  readonly socket: Socket;
  readonly #tcp: Socket;
  #chunks: Buffer[] = [];
  /** The answer to the request is there, so that what follows are frames: those, and the bytes behind the last of them. */
  #isUpgraded = false;
  readonly #frames: ParsedFrame[] = [];
  #rest: Buffer[] = [];
  /** Bytes in `#rest`, and how many there must be for another frame: a large one is put together once, not with each chunk of it. */
  #held = 0;
  #wanted = 0;
  /** The other side has ended its direction, or the connection is gone. */
  hasEnded = false;
  isClosed = false;
  /** Why it is gone, if not by an end. */
  error: NodeJS.ErrnoException | null = null;

  /** Connects, and says nothing. */
  static async connect(address: RawAddress): Promise<RawPeer> {
    const peer = new RawPeer(address);
    await peer.#until(() => peer.isClosed || peer.#isConnected(address.secure === true), 'a connection');
    if (peer.error !== null) throw peer.error;
    return peer;
  }

  /** Connects and asks for an upgrade, and does not wait for the answer. */
  static ask({ port, host = '127.0.0.1' }: RawAddress, path: string, { lines, behind = [], secure = false }: RawOptions = {}): RawPeer {
    const peer = new RawPeer({ port, host, secure });
    peer.send(upgradeRequest(path, lines), ...behind);
    return peer;
  }

  /** Connects and asks for an upgrade; resolves once the 101 is there. */
  static async open(address: RawAddress, path: string, options: RawOptions = {}): Promise<RawPeer> {
    const peer = RawPeer.ask(address, path, options);
    await peer.switched();
    return peer;
  }

  /** Drops whatever the test has left connected. */
  static dropAll(): void {
    for (const { socket } of RawPeer.#open) socket.destroy();
    RawPeer.#open.clear();
  }

  private constructor({ port, host = '127.0.0.1', secure = false }: RawAddress) {
    this.#tcp = connect({ port, host, allowHalfOpen: true, noDelay: true });
    this.#tcp.on('error', () => {}); // told by `error`
    this.socket = secure ? connectSecurely({ socket: this.#tcp, ca: cert, servername: 'localhost' }) : this.#tcp;
    this.socket.on('data', (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#rest.push(bytes);
      this.#held += bytes.length;
    });
    this.socket.on('end', () => {
      this.hasEnded = true;
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.socket.on('close', () => {
      this.hasEnded = true;
      this.isClosed = true;
      RawPeer.#open.delete(this);
    });
    RawPeer.#open.add(this);
  }

  /** In one packet. */
  send(...all: readonly Sendable[]): void {
    this.socket.write(Buffer.concat(all.map(bytesOf)));
  }

  text(payload: string): void {
    this.send({ opcode: OPCODES.text, payload });
  }

  ping(payload = ''): void {
    this.send({ opcode: OPCODES.ping, payload });
  }

  /** A close frame; an empty one without a code. */
  close(code?: number, phrase = ''): void {
    this.send({ opcode: OPCODES.close, payload: code === undefined ? '' : closing(code, phrase) });
  }

  /** Half-closes: we have said all. */
  end(): void {
    this.socket.end();
  }

  /** Half-closes below TLS, which hears no goodbye of its own. */
  endBelow(): void {
    this.#tcp.end();
  }

  /** Drops the connection as rudely as TCP allows. */
  reset(): void {
    this.#tcp.resetAndDestroy();
  }

  /** Leaves what comes to the kernel, until `read`. */
  stopReading(): void {
    this.socket.pause();
  }

  read(): void {
    this.socket.resume();
  }

  /** All that has come. */
  get bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** All whole frames behind the answer to the request. */
  get frames(): readonly ParsedFrame[] {
    if (this.#held < this.#wanted) return this.#frames;
    let rest = Buffer.concat(this.#rest);
    if (!this.#isUpgraded) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return this.#frames;
      this.#isUpgraded = true;
      rest = rest.subarray(end + 4);
    }
    for (let found = parseOne(rest, 0); found !== null; found = parseOne(rest, 0)) {
      this.#frames.push(found.parsed);
      rest = rest.subarray(found.next);
    }
    this.#rest = [rest];
    this.#held = rest.length;
    this.#wanted = sizeOf(rest, 0) ?? rest.length + 1;
    return this.#frames;
  }

  /** Text messages so far, those of one frame. */
  get texts(): string[] {
    return this.frames.filter(({ opcode }) => opcode === OPCODES.text).map(({ payload }) => payload.toString());
  }

  /** What the pongs so far carried. */
  get pongs(): string[] {
    return this.frames.filter(({ opcode }) => opcode === OPCODES.pong).map(({ payload }) => payload.toString());
  }

  /** Waits for the 101. */
  async switched(): Promise<void> {
    const { status, body } = await this.response();
    if (status !== 101) throw new Error(`${status} ${body}`);
  }

  /** What the server says, once its headers and as many bytes as they announce have come. */
  async response(): Promise<RawResponse> {
    let response: RawResponse | null = null;
    await this.#until(() => {
      response = parseResponse(this.bytes);
      return response !== null || this.hasEnded;
    }, 'a response');
    if (response === null) throw this.error ?? new Error(`no complete response, but ${this.#brief()}`);
    return response;
  }

  /** Once so many text messages are there: all so far. */
  async received(count: number): Promise<string[]> {
    await this.#until(() => this.texts.length >= count, `${count} text messages`);
    return this.texts;
  }

  /** Once so many pongs are there: all so far. */
  async ponged(count = 1): Promise<string[]> {
    await this.#until(() => this.pongs.length >= count, `${count} pongs`);
    return this.pongs;
  }

  /** The server's close frame; null when the stream ended without any. */
  async closeFrame(): Promise<CloseFrame | null> {
    const find = () => this.frames.find(({ opcode }) => opcode === OPCODES.close);
    await this.#until(() => this.hasEnded || find() !== undefined, 'a close frame');
    const payload = find()?.payload;
    if (payload === undefined) return null;
    return payload.length < 2 ? { code: 1005, phrase: '' } : { code: payload.readUInt16BE(0), phrase: payload.subarray(2).toString() };
  }

  /** The server has ended its direction. */
  ended(): Promise<void> {
    return this.#until(() => this.hasEnded, 'the end of the stream');
  }

  closed(): Promise<void> {
    return this.#until(() => this.isClosed, 'the end of the connection');
  }

  /** The server has ended its direction; ours ends too. */
  async finished(): Promise<void> {
    await this.ended();
    this.end();
    await this.closed();
  }

  #isConnected(secure: boolean): boolean {
    if (!secure) return !this.socket.connecting;
    return 'authorized' in this.socket && this.socket.authorized === true;
  }

  #brief(): string {
    return `${this.bytes.length} bytes: ${JSON.stringify(this.bytes.toString('latin1', 0, 600))}`;
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        for (const event of EVENTS) this.socket.off(event, check);
      };
      const check = (): void => {
        if (!condition()) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`waited for ${what}; so far ${this.#brief()}`));
      }, PATIENCE);
      for (const event of EVENTS) this.socket.on(event, check);
      check();
    });
  }
}

afterEach(() => RawPeer.dropAll());

function bytesOf(each: Sendable): Buffer {
  if (typeof each === 'string') return Buffer.from(each, 'latin1');
  return Buffer.isBuffer(each) ? each : frame(each);
}
