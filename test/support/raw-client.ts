/** A client whose frames are written by hand, and whose socket is a plain one; it is gone when the test is over. */
import { connect, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { eventually } from './eventually.js';
import { type FrameParts, frame, OPCODES } from './frames.js';

/** A frame of the server's. */
export interface ServerFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

const open = new Set<RawClient>();

afterEach(() => {
  for (const { socket } of open) socket.destroy();
  open.clear();
});

export class RawClient {
  readonly socket: Socket;
  /** The server has ended its direction, or the connection is gone. */
  hasEnded = false;
  readonly #chunks: Buffer[] = [];

  /** Connects; `behind` leaves in the same packet as the request. */
  static async open(port: number, path: string, behind: readonly FrameParts[] = []): Promise<RawClient> {
    const client = RawClient.ask(port, path, behind);
    await client.switched();
    return client;
  }

  /** Connects and asks, and does not wait for the answer. */
  static ask(port: number, path: string, behind: readonly FrameParts[] = []): RawClient {
    const client = new RawClient(connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }));
    open.add(client);
    const request = [
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: bWFyZ2F5IHRlc3RzIGl0IQ==',
    ];
    client.socket.write(Buffer.concat([Buffer.from(`${request.join('\r\n')}\r\n\r\n`), ...behind.map(frame)]));
    return client;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    const ended = () => {
      this.hasEnded = true;
    };
    socket.on('data', (bytes) => this.#chunks.push(bytes));
    socket.on('end', ended).on('close', ended);
    socket.on('error', () => {}); // told by `hasEnded`
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Waits for the 101. */
  async switched(): Promise<void> {
    await eventually(() => {
      if (!this.received.includes('\r\n\r\n')) throw new Error('no answer to the handshake');
    });
    const [status] = this.received.toString('latin1').split('\r\n');
    if (!status?.startsWith('HTTP/1.1 101 ')) throw new Error(`answered ${status}`);
  }

  /** Half-closes: we have said all. */
  end(): void {
    this.socket.end();
  }

  /** Drops the connection as rudely as TCP allows. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  ended(): Promise<void> {
    return eventually(() => {
      if (!this.hasEnded) throw new Error('the server has not ended the connection');
    });
  }

  /** Sends frames in one packet. */
  send(...frames: readonly FrameParts[]): void {
    this.socket.write(Buffer.concat(frames.map(frame)));
  }

  /** Every whole frame so far. */
  get frames(): ServerFrame[] {
    const bytes = this.received;
    const frames: ServerFrame[] = [];
    let at = bytes.indexOf('\r\n\r\n') + 4;
    while (at + 2 <= bytes.length) {
      const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
      const wide = second === 126 ? 2 : second === 127 ? 8 : 0;
      const begin = at + 2 + wide;
      if (begin > bytes.length) break;
      const size = wide === 0 ? second : wide === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
      if (begin + size > bytes.length) break;
      frames.push({ opcode: first & 15, fin: first > 127, payload: bytes.subarray(begin, begin + size) });
      at = begin + size;
    }
    return frames;
  }

  /** The payloads of the text frames so far. */
  get texts(): string[] {
    return this.frames.filter(({ opcode }) => opcode === OPCODES.text).map(({ payload }) => payload.toString('utf8'));
  }

  /** Waits for the server's close frame; the code is null if it carries none. */
  async closeFrame(): Promise<{ code: number | null; phrase: string }> {
    const found = await eventually(() => {
      const close = this.frames.find(({ opcode }) => opcode === OPCODES.close);
      if (close === undefined) throw new Error(`no close frame yet; so far ${JSON.stringify(this.frames.slice(0, 20))}`);
      return close;
    });
    const { payload } = found;
    return { code: payload.length < 2 ? null : payload.readUInt16BE(0), phrase: payload.subarray(2).toString('utf8') };
  }
}
