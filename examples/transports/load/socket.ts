/** The client of a WebSocket, as small as one can be: a server's frames are not masked, and its messages fit in one each. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { LoadClient, type Opening } from './client.js';
import type { Counter, Delivered } from './counter.js';

const TEXT = 0x81;
const PING = 0x89;
const MASKED_PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]); // the server's heartbeat sends empty pings
const OURS = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
] as const;

export class SocketClient extends LoadClient {
  #socket: Socket | null = null;
  #rest: Buffer = Buffer.alloc(0);

  constructor(opening: Opening, counter: Counter) {
    const key = ['Sec-WebSocket-Key', randomBytes(16).toString('base64')] as const;
    super({ ...opening, lines: opening.lines.length > 0 ? opening.lines : [...OURS, key] }, counter);
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.send('/socket', (request) => {
        request.on('error', reject);
        request.once('response', ({ statusCode }: IncomingMessage) => reject(new Error(`the upgrade was answered with ${statusCode}`)));
        request.once('upgrade', (_response, socket: Socket, head: Buffer) => {
          this.#socket = socket;
          socket.on('error', () => {});
          socket.on('data', (bytes: Buffer) => this.#came(bytes));
          if (head.length > 0) this.#came(head);
          resolve();
        });
      });
    });
  }

  override close(): void {
    super.close();
    this.#socket?.destroy();
  }

  #came(bytes: Buffer): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let size = sizeOf(rest); size !== null && size <= rest.length; size = sizeOf(rest)) {
      const [first, length] = [rest[0], (rest[1] as number) & 0x7f];
      if (first === TEXT) this.got(JSON.parse(rest.toString('utf8', length === 126 ? 4 : 2, size)) as Delivered);
      if (first === PING) this.#socket?.write(MASKED_PONG);
      rest = rest.subarray(size);
    }
    this.#rest = rest;
  }
}

/** Of the frame at the beginning, with its header; null while that is not complete. */
function sizeOf(bytes: Buffer): number | null {
  if (bytes.length < 2) return null;
  const length = (bytes[1] as number) & 0x7f;
  if (length < 126) return 2 + length;
  return bytes.length < 4 ? null : 4 + bytes.readUInt16BE(2);
}
