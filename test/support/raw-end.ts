/** The server's end of a connection, written by hand: it answers 101, sends the bytes and frames it is given, and keeps what it gets. */
import type { Socket } from 'node:net';
import { expect } from '@jest/globals';
import { eventually } from './eventually.js';
import { closing, type FrameParts, frame, OPCODES, type ParsedFrame, parseOne } from './frames.js';
import type { CloseFrame } from './raw-peer.js';
import { type RawServer, rawServer, switching } from './raw-server.js';

/** Characters that stand for bytes, bytes, or a frame: unmasked, unless it says otherwise. */
type Sendable = string | Buffer | FrameParts;

export interface RawEnds extends RawServer {
  readonly url: string;
  /** The connections so far that got their 101. */
  readonly ends: readonly RawEnd[];
  /** The next of them, once it is there. */
  next(): Promise<RawEnd>;
}

export class RawEnd {
  readonly socket: Socket;
  readonly frames: ParsedFrame[] = [];
  /** The masking key of each frame. */
  readonly keys: Buffer[] = [];
  hasEnded = false;
  isClosed = false;
  #rest: Buffer = Buffer.alloc(0);

  /** Answers every request with 101; `behind` leaves in one packet with it. */
  static async listen({ lines = [], behind = [] }: { lines?: readonly string[]; behind?: readonly Sendable[] } = {}): Promise<RawEnds> {
    const ends: RawEnd[] = [];
    const server = await rawServer((socket, head) => {
      ends.push(new RawEnd(socket));
      socket.write(Buffer.concat([Buffer.from(switching(head, ...lines)), ...behind.map(bytesOf)]));
    });
    let taken = 0;
    const next = async () => {
      const at = taken++;
      return eventually(() => ends[at] ?? Promise.reject(new Error('no client has come')));
    };
    return { ...server, url: `ws://127.0.0.1:${server.port}/raw`, ends, next };
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => {
      this.hasEnded = true;
    });
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  /** In one packet. */
  send(...all: readonly Sendable[]): void {
    this.socket.write(Buffer.concat(all.map(bytesOf)));
  }

  text(payload: string): void {
    this.send({ opcode: OPCODES.text, payload });
  }

  close(code?: number, phrase = ''): void {
    this.send({ opcode: OPCODES.close, payload: code === undefined ? '' : closing(code, phrase) });
  }

  /** Drops the connection as rudely as TCP allows. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  of(opcode: keyof typeof OPCODES): string[] {
    return this.frames.filter((each) => each.opcode === OPCODES[opcode]).map(({ payload }) => payload.toString());
  }

  /** Once so many whole texts are there: all so far. */
  received(count: number): Promise<string[]> {
    return eventually(() => {
      const texts = this.of('text');
      if (texts.length < count) throw new Error(`${texts.length} of ${count} texts`);
      return texts;
    });
  }

  closeFrame(): Promise<CloseFrame> {
    return eventually(() => {
      const payload = this.frames.find(({ opcode }) => opcode === OPCODES.close)?.payload;
      if (payload === undefined) throw new Error('no close frame');
      return payload.length < 2 ? { code: 1005, phrase: '' } : { code: payload.readUInt16BE(0), phrase: payload.subarray(2).toString() };
    });
  }

  /** The client has ended its direction, or is gone. */
  ended(): Promise<void> {
    return eventually(() => expect(this.hasEnded || this.isClosed).toBe(true));
  }

  #take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (let found = parseOne(this.#rest, at); found !== null; found = parseOne(this.#rest, at)) {
      const { parsed, next } = found;
      this.frames.push(parsed);
      if (parsed.masked) this.keys.push(this.#rest.subarray(next - parsed.payload.length - 4, next - parsed.payload.length));
      at = next;
    }
    this.#rest = this.#rest.subarray(at);
  }
}

function bytesOf(each: Sendable): Buffer {
  if (typeof each === 'string') return Buffer.from(each, 'latin1');
  return Buffer.isBuffer(each) ? each : frame({ mask: null, ...each });
}
