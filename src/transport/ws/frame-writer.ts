/** Writes frames: header and payload together, straight into the memory they leave from. */
import { Sender } from 'ws';
import type { Bytes, Done } from '../spi.js';
import { CLOSE, FIN, MASKED, PONG, plainHeaderSize, RSV1, writeHeader } from './frame-header.js';
import { freshKey, mask } from './mask.js';
import { ownFrame, type RecentFrame, recentBytes, recentText, rememberFrame, rememberRange } from './recent-frame.js';
import type { WriteQueue } from './write-queue.js';

/** Payloads up to this size are copied while they are accepted. */
export const COPIED = 16 * 1024;
const LONGEST_HEADER = 14;
/** Above this what peers who do not read have in common is held once; below, remembering that costs more. [REL-10] */
const HELD_ONCE = 512;

export const viewOf = (bytes: Bytes): Uint8Array => {
  if (bytes instanceof Uint8Array) return bytes;
  return ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
};

/** A large frame of a client's, made by ws: the caller's bytes are not ours to mask. [D-24] */
function maskedFrame(first: number, data: Uint8Array): Buffer {
  const options = { fin: (first & FIN) !== 0, rsv1: (first & RSV1) !== 0, opcode: first & 0x0f, mask: true, readOnly: true };
  const [frame, rest] = Sender.frame(data, options) as [Buffer, Buffer?];
  frame[0] = first; // ws knows RSV1 alone
  return rest === undefined ? frame : Buffer.concat([frame, rest]);
}

/** Where a channel's frames go, one behind the other. `first` is a frame's first byte. */
export interface FrameSink {
  readonly framesSent: number;
  readonly messagesSent: number;
  /** Bytes that are not in the queue yet. */
  readonly waiting: number;
  text(first: number, text: string): void;
  /** Copies up to 16 KiB; more must not be touched before it is gone. */
  bytes(first: number, data: Uint8Array): void;
  /** A frame as a server sends it, made elsewhere and perhaps sent to others too. */
  frame(frame: Buffer): void;
  /** An answer to a ping. */
  pong(payload: Buffer): void;
  /** A close frame, behind everything. */
  close(payload: Buffer): void;
  /** Does it once all frames so far are in the queue. */
  behind(action: () => void): void;
  /** Has `done` called once all frames so far have gone; never from within. */
  whenGone(done: Done): void;
  /** Forgets the frames that are not in the queue yet. */
  discard(error: Error): void;
  /** The connection is gone. */
  abort(error: Error): void;
}

export class FrameWriter implements FrameSink {
  framesSent = 0;
  messagesSent = 0;
  readonly #queue: WriteQueue;
  readonly #masks: boolean;
  /** Bytes of a key. */
  readonly #keySize: number;

  constructor(queue: WriteQueue, isServer: boolean) {
    this.#queue = queue;
    this.#masks = !isServer;
    this.#keySize = isServer ? 0 : 4;
  }

  get waiting(): number {
    return 0;
  }

  text(first: number, text: string): void {
    const known = this.#masks ? null : recentText(first, text);
    if (known !== null) {
      this.#repeat(known);
      return;
    }
    let most = text.length * 3;
    let guess = text.length;
    if (most > COPIED || this.#queue.congested) {
      most = Buffer.byteLength(text);
      guess = most;
    }
    if (most > COPIED && this.#masks) {
      this.#large(first, Buffer.from(text));
      return;
    }
    if (most > COPIED || (most >= HELD_ONCE && !this.#masks && this.#queue.congested)) {
      this.#whole(first, text, most);
      return;
    }
    const block = this.#queue.room(LONGEST_HEADER + most);
    const at = block.used;
    // Most text is ASCII: the header has its place before the length is known, and the rare mistake is moved.
    const guessed = at + plainHeaderSize(guess) + this.#keySize;
    const length = block.bytes.write(text, guessed);
    const from = at + plainHeaderSize(length) + this.#keySize;
    if (from !== guessed) block.bytes.copyWithin(from, guessed, guessed + length);
    this.#complete(block.bytes, at, first, length);
    if (block.shared && !this.#masks) rememberRange(first, text, block, at, from + length);
    this.#commit(first, from + length - at);
  }

  bytes(first: number, data: Uint8Array): void {
    const { length } = data;
    if (length > COPIED) {
      this.#large(first, data);
      return;
    }
    const known = this.#masks ? null : recentBytes(first, data);
    if (known !== null) {
      this.#repeat(known);
      return;
    }
    if (length >= HELD_ONCE && !this.#masks && this.#queue.congested) {
      this.#wholeBytes(first, data);
      return;
    }
    const block = this.#queue.room(LONGEST_HEADER + length);
    const at = block.used;
    const from = at + plainHeaderSize(length) + this.#keySize;
    block.bytes.set(data, from);
    this.#complete(block.bytes, at, first, length);
    if (block.shared && !this.#masks) rememberRange(first, data, block, at, from + length);
    this.#commit(first, from + length - at);
  }

  frame(frame: Buffer): void {
    this.#queue.push(frame);
    this.#count(frame[0] as number);
  }

  /** [REL-10] While the peer does not read, it gets an answer to its latest ping only. */
  pong(payload: Buffer): void {
    if (!this.#queue.congested) {
      this.bytes(FIN | PONG, payload);
      return;
    }
    const at = plainHeaderSize(payload.length) + this.#keySize;
    const frame = Buffer.allocUnsafe(at + payload.length);
    payload.copy(frame, at);
    this.#complete(frame, 0, FIN | PONG, payload.length);
    if (!this.#queue.interject(frame)) this.framesSent++;
  }

  close(payload: Buffer): void {
    this.#queue.lineUp();
    this.bytes(FIN | CLOSE, payload);
  }

  behind(action: () => void): void {
    action();
  }

  whenGone(done: Done): void {
    this.#queue.whenGone(done);
  }

  discard(): void {} // as below

  abort(): void {} // what it was given is the queue's

  /** What has just been sent to somebody else. */
  #repeat(known: RecentFrame): void {
    const { block, start, end } = known;
    if (block === null || this.#queue.congested) this.#queue.push(ownFrame(known));
    else known.start = this.#queue.repeat(block, start, end);
    known.end = known.start + end - start;
    this.#count(known.first);
  }

  /** Long text, which many may hold together. */
  #whole(first: number, text: string, length: number): void {
    const at = plainHeaderSize(length);
    const frame = Buffer.allocUnsafeSlow(at + length);
    frame.write(text, at);
    this.#share(first, text, frame, length);
  }

  /** The same for bytes. */
  #wholeBytes(first: number, data: Uint8Array): void {
    const at = plainHeaderSize(data.length);
    const frame = Buffer.allocUnsafeSlow(at + data.length);
    frame.set(data, at);
    this.#share(first, data, frame, data.length);
  }

  #share(first: number, message: string | Uint8Array, frame: Buffer, length: number): void {
    writeHeader(frame, 0, first, length, 0);
    rememberFrame(first, message, frame);
    this.#queue.push(frame);
    this.#count(first);
  }

  #large(first: number, data: Uint8Array): void {
    if (this.#masks) {
      this.#queue.push(maskedFrame(first, data));
    } else {
      const at = plainHeaderSize(data.length);
      const block = this.#queue.room(at);
      writeHeader(block.bytes, block.used, first, data.length, 0);
      this.#queue.commit(at, true);
      this.#queue.push(Buffer.from(data.buffer, data.byteOffset, data.length));
    }
    this.#count(first);
  }

  /** Puts header and key in front of the payload, and masks it. */
  #complete(bytes: Buffer, at: number, first: number, length: number): void {
    const end = writeHeader(bytes, at, first, length, this.#masks ? MASKED : 0);
    if (!this.#masks) return;
    const key = freshKey();
    bytes.writeInt32LE(key, end);
    mask(bytes, end + 4, end + 4 + length, key);
  }

  #commit(first: number, size: number): void {
    this.#queue.commit(size);
    this.#count(first);
  }

  #count(first: number): void {
    this.framesSent++;
    if ((first & FIN) !== 0 && (first & 0x0f) < CLOSE) this.messagesSent++;
  }
}
