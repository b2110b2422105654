/** A client that has shaken hands and then writes its frames by hand: what it sends may be wrong, what it got is there to be looked at. */
import { eventually } from './eventually.js';
import { closing, type FrameParts, frame, OPCODES } from './frames.js';
import { RawPeer, upgradeRequest } from './raw-peer.js';
import { beforeClosing } from './start.js';

/** A frame of the server's. */
export interface ServerFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** What stood in a close frame: 1005 if nothing. */
export interface CloseFrame {
  readonly code: number;
  readonly phrase: string;
}

export interface WireOptions {
  /** Further header lines. */
  readonly lines?: readonly string[];
  /** Bytes behind the request, in the same packet. */
  readonly behind?: Buffer;
  readonly secure?: boolean;
}

const open = new Set<WirePeer>();

beforeClosing(() => {
  for (const peer of open) peer.raw.socket.destroy();
  open.clear();
});

export class WirePeer {
  readonly raw: RawPeer;
  readonly #start: number;

  /** Resolves once the 101 is there. */
  static async open({ port }: { readonly port: number }, path: string, options: WireOptions = {}): Promise<WirePeer> {
    const raw = await RawPeer.open({ port, secure: options.secure ?? false });
    raw.send(Buffer.concat([Buffer.from(upgradeRequest(path, options.lines ?? [])), options.behind ?? Buffer.alloc(0)]));
    const { status, body } = await raw.response();
    if (status !== 101) throw new Error(`${status} ${body}`);
    const peer = new WirePeer(raw);
    open.add(peer);
    return peer;
  }

  private constructor(raw: RawPeer) {
    this.raw = raw;
    this.#start = raw.received.indexOf('\r\n\r\n') + 4;
  }

  /** Frames, right or wrong, in one packet. */
  send(...frames: readonly (FrameParts | Buffer)[]): void {
    this.raw.send(Buffer.concat(frames.map((each) => (Buffer.isBuffer(each) ? each : frame(each)))));
  }

  text(payload: string): void {
    this.send({ opcode: OPCODES.text, payload });
  }

  /** A close frame; an empty one without a code. */
  close(code?: number, phrase = ''): void {
    this.send({ opcode: OPCODES.close, payload: code === undefined ? '' : closing(code, phrase) });
  }

  /** All whole frames so far. */
  get frames(): ServerFrame[] {
    const bytes = this.raw.received.subarray(this.#start);
    const frames: ServerFrame[] = [];
    for (let at = 0; at + 2 <= bytes.length; ) {
      const [first, second] = [bytes[at] as number, bytes[at + 1] as number];
      const short = second & 0x7f;
      const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
      if (at + 2 + wide > bytes.length) break;
      const size = wide === 0 ? short : wide === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
      const from = at + 2 + wide;
      if (from + size > bytes.length) break;
      frames.push({
        fin: first >= 0x80,
        rsv: (first >> 4) & 7,
        opcode: first & 15,
        masked: second >= 0x80,
        payload: bytes.subarray(from, from + size),
      });
      at = from + size;
    }
    return frames;
  }

  /** Text messages so far, those of one frame. */
  get texts(): string[] {
    return this.frames.filter(({ opcode }) => opcode === OPCODES.text).map(({ payload }) => payload.toString());
  }

  /** Once so many text messages are there. */
  async received(count: number): Promise<string[]> {
    return eventually(() => {
      if (this.texts.length < count) throw new Error(`${this.texts.length} of ${count} messages: ${JSON.stringify(this.texts)}`);
      return this.texts;
    });
  }

  /** The server's close frame; null when the stream ended without any. */
  async closeFrame(): Promise<CloseFrame | null> {
    return eventually(() => {
      const found = this.frames.find(({ opcode }) => opcode === OPCODES.close);
      if (found === undefined && !this.raw.hasEnded) throw new Error('no close frame, and the stream has not ended');
      if (found === undefined) return null;
      const { payload } = found;
      return payload.length < 2 ? { code: 1005, phrase: '' } : { code: payload.readUInt16BE(0), phrase: payload.subarray(2).toString() };
    });
  }

  /** The server has ended its direction; ours ends too. */
  async finished(): Promise<void> {
    await this.raw.ended();
    this.raw.end();
    await this.raw.closed();
  }
}
