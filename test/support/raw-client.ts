/** A client whose handshake is done and whose frames are written by hand; it is gone when the test is over. */
import { afterEach } from '@jest/globals';
import { eventually } from './eventually.js';
import { type FrameParts, frame, OPCODES } from './frames.js';
import { RawPeer, upgradeRequest } from './raw-peer.js';

/** A frame of the server's. */
export interface ServerFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

const open = new Set<RawClient>();

afterEach(() => {
  for (const { peer } of open) peer.socket.destroy();
  open.clear();
});

export class RawClient {
  readonly peer: RawPeer;

  /** Connects; `behind` leaves in the same packet as the request. */
  static async open(port: number, path: string, behind: readonly FrameParts[] = []): Promise<RawClient> {
    const client = await RawClient.ask(port, path, behind);
    await client.switched();
    return client;
  }

  /** Connects and asks, and does not wait for the answer. */
  static async ask(port: number, path: string, behind: readonly FrameParts[] = []): Promise<RawClient> {
    const client = new RawClient(await RawPeer.open({ port }));
    open.add(client);
    client.peer.send(Buffer.concat([Buffer.from(upgradeRequest(path)), ...behind.map(frame)]));
    return client;
  }

  private constructor(peer: RawPeer) {
    this.peer = peer;
  }

  async switched(): Promise<void> {
    const { status } = await this.peer.response();
    if (status !== 101) throw new Error(`answered ${status}`);
  }

  /** Sends frames in one packet. */
  send(...frames: readonly FrameParts[]): void {
    this.peer.send(Buffer.concat(frames.map(frame)));
  }

  /** Every whole frame so far. */
  get frames(): ServerFrame[] {
    const bytes = this.peer.received;
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
