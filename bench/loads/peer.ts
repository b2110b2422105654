/** A raw connection that reads into one buffer, which the whole process shares. */
import { connect, type Socket } from 'node:net';

const shared = Buffer.allocUnsafeSlow(256 * 1024);

/** What comes; the bytes are lent for the call. */
export type OnBytes = (bytes: Buffer, count: number) => void;

export class Peer {
  readonly socket: Socket;
  onBytes: OnBytes = () => {};

  constructor(socket: Socket, adopt: (peer: Peer) => void) {
    this.socket = socket;
    adopt(this);
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }
}

/** Resolves once the server has switched protocols. */
export function open(port: number, path = '/bench/one'): Promise<Peer> {
  return new Promise((resolve, reject) => {
    let peer: Peer | null = null;
    let head = '';
    const onread = {
      buffer: shared,
      callback: (count: number): boolean => {
        if (peer !== null) {
          peer.onBytes(shared, count);
          return true;
        }
        head += shared.toString('latin1', 0, count);
        if (!head.startsWith('HTTP/1.1 101')) reject(new Error(head.slice(0, 200)));
        else if (head.endsWith('\r\n\r\n'))
          resolve(
            new Peer(socket, (made) => {
              peer = made;
            }),
          );
        return true;
      },
    };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    socket.on('error', reject);
    socket.on('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
    });
  });
}

/** So many, not all at once. */
export async function openAll(port: number, count: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  while (peers.length < count) {
    const some = Math.min(100, count - peers.length);
    peers.push(...(await Promise.all(Array.from({ length: some }, () => open(port)))));
  }
  return peers;
}

export async function closeAll(peers: readonly Peer[]): Promise<void> {
  await Promise.all(
    peers.map(
      (peer) =>
        new Promise((resolve) => {
          peer.onBytes = () => {};
          peer.socket.once('close', resolve).destroy();
        }),
    ),
  );
}
