/** The receiving half of a connection whose messages come whole. [TC7-3] */
import { IOException } from '../api/exceptions.js';
import type { InputStream, Reader } from '../api/streams.js';
import { type Handled, nameOf } from '../api/tokens.js';
import { StreamInbound, sizeOf } from './stream-inbound.js';

const MAX_SIZE = 2_097_152;
/** Pieces of text that are put together at once. */
const MANY = 1024;

/** A message above its limit closes the connection with 1002. [TC7-4] */
export abstract class MessageInbound extends StreamInbound {
  #byteBufferMaxSize = MAX_SIZE;
  #charBufferMaxSize = MAX_SIZE;

  /** The buffer is yours to keep. */
  protected abstract onBinaryMessage(message: Buffer): Handled<void>;

  protected abstract onTextMessage(message: string): Handled<void>;

  protected override async onBinaryData(stream: InputStream): Promise<void> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of stream) {
      size += piece.length;
      if (size > this.#byteBufferMaxSize) throw this.#tooLarge(`${this.#byteBufferMaxSize} bytes`, 'setByteBufferMaxSize');
      pieces.push(piece);
    }
    await this.onBinaryMessage(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
  }

  protected override async onTextData(reader: Reader): Promise<void> {
    let text = '';
    let pieces: string[] = [];
    let length = 0;
    for await (const piece of reader) {
      length += piece.length;
      if (length > this.#charBufferMaxSize) throw this.#tooLarge(`${this.#charBufferMaxSize} chars`, 'setCharBufferMaxSize');
      pieces.push(piece);
      if (pieces.length < MANY) continue;
      text += pieces.join(''); // a sum of characters is a list of them, each with 32 bytes of its own
      pieces = [];
    }
    await this.onTextMessage(text + pieces.join(''));
  }

  getByteBufferMaxSize(): number {
    return this.#byteBufferMaxSize;
  }

  /** Bytes of a binary message. Default 2097152. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
  setByteBufferMaxSize(size: number): void {
    this.#byteBufferMaxSize = sizeOf('setByteBufferMaxSize(size)', size);
  }

  getCharBufferMaxSize(): number {
    return this.#charBufferMaxSize;
  }

  /** UTF-16 units of a text message. Default 2097152. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
  setCharBufferMaxSize(size: number): void {
    this.#charBufferMaxSize = sizeOf('setCharBufferMaxSize(size)', size);
  }

  #tooLarge(limit: string, cure: string): IOException {
    return new IOException(`a message to ${nameOf(this.constructor)} is larger than ${limit}; raise it with ${cure}`);
  }
}
