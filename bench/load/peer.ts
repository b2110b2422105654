/** A raw connection that reads into one buffer, which the whole process shares. */
import { connect, type Socket } from 'node:net';
import type { Dialect } from './dialect.js';
import { request } from './frames.js';

const AT_ONCE = 64;
const shared = Buffer.allocUnsafeSlow(256 * 1024);

/** What comes; the bytes are lent for the call. */
export type OnBytes = (bytes: Buffer, count: number) => void;

export interface Opening {
  readonly port: number;
  readonly path: string;
  /** Header lines, each with its end. */
  readonly extra?: string;
}

export class Peer {
  readonly #socket: Socket;
  #onBytes: OnBytes | null = null;
  /** What came with the 101 or soon after it, until somebody listens. */
  #early: Buffer;
  /** Bytes read before those of the present call. */
  position = 0;

  constructor(socket: Socket, early: Buffer) {
    this.#socket = socket;
    this.#early = early;
  }

  set onBytes(listener: OnBytes) {
    this.#onBytes = listener;
    const early = this.#early;
    this.#early = Buffer.alloc(0);
    if (early.length > 0) this.read(early, early.length);
  }

  read(bytes: Buffer, count: number): void {
    if (this.#onBytes === null) {
      this.#early = Buffer.concat([this.#early, bytes.subarray(0, count)]);
      return;
    }
    this.#onBytes(bytes, count);
    this.position += count;
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** By reset, so that no port waits for its time to be over. */
  drop(): Promise<void> {
    this.onBytes = () => {};
    return new Promise((resolve) => {
      this.#socket.removeAllListeners('close').once('close', () => resolve());
      this.#socket.resetAndDestroy();
    });
  }
}

/** Resolves once the server has switched protocols. What is lost later is thrown, and ends the process. */
export function open({ port, path, extra = '' }: Opening): Promise<Peer> {
  return new Promise((resolve, reject) => {
    let peer: Peer | null = null;
    let head = '';
    const callback = (count: number): boolean => {
      if (peer !== null) {
        peer.read(shared, count);
        return true;
      }
      const seen = head.length;
      head += shared.toString('latin1', 0, count);
      const end = head.indexOf('\r\n\r\n') + 4;
      if (end < 4) return true;
      if (!head.startsWith('HTTP/1.1 101 ')) throw new Error('the server does not switch protocols');
      peer = new Peer(socket, Buffer.from(shared.subarray(end - seen, count)));
      resolve(peer);
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: shared, callback } });
    socket.on('error', reject);
    socket.on('close', () => {
      throw new Error('the server has closed');
    });
    socket.on('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${extra}` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
    });
  });
}

/** So many, not all at once. */
export async function openAll(count: number, dialect: Dialect, opening: Opening): Promise<Peer[]> {
  const peers: Peer[] = [];
  while (peers.length < count) {
    const some = Math.min(AT_ONCE, count - peers.length);
    const made = await Promise.all(Array.from({ length: some }, () => open(opening)));
    if (dialect.greeting !== undefined) await Promise.all(made.map((peer) => greet(peer, dialect.greeting as string)));
    peers.push(...made);
  }
  return peers;
}

/** The server's packet, ours, and its answer; each is one short frame. */
async function greet(peer: Peer, greeting: string): Promise<void> {
  await nextFrame(peer);
  const answered = nextFrame(peer);
  peer.send(request(Buffer.from(greeting)));
  await answered;
  peer.position = 0;
}

/** One whole frame of less than 64 KiB, with nothing behind it. */
export function nextFrame(peer: Peer): Promise<Buffer> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    peer.onBytes = (chunk, count) => {
      bytes = Buffer.concat([bytes, chunk.subarray(0, count)]);
      if (bytes.length < 4) return;
      const length = bytes[1] === 126 ? 4 + bytes.readUInt16BE(2) : 2 + (bytes[1] as number);
      if (bytes.length > length) throw new Error('the server sends something else');
      if (bytes.length < length) return;
      peer.onBytes = () => {};
      resolve(bytes);
    };
  });
}

export async function closeAll(peers: readonly Peer[]): Promise<void> {
  await Promise.all(peers.map((peer) => peer.drop()));
}
