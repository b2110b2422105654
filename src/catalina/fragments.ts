/** A message that is written a little at a time: what has come waits until there is enough for a fragment. [TC7-6] */
import { COPIED } from '../runtime/outlet.js';
import type { MessageKind } from '../transport/spi.js';
import type { InboundConnection } from './inbound-connection.js';

/** UTF-8 never needs more for a character. */
const LONGEST = 4;

export class Fragments {
  readonly #connection: InboundConnection;
  readonly #byteSize: number;
  readonly #charSize: number;
  /** Of the message that is being written; null: none is. */
  #kind: MessageKind | null = null;
  #text = '';
  #bytes: Buffer | null = null;
  #length = 0;

  constructor(connection: InboundConnection, byteSize: number, charSize: number) {
    this.#connection = connection;
    this.#byteSize = byteSize;
    this.#charSize = charSize;
  }

  /** A buffer that is full leaves when more comes. */
  byte(byte: number): Promise<void> | undefined {
    const sent = this.#go('binary') ?? (this.#length === this.#byteSize ? this.push() : undefined);
    this.#bytes ??= Buffer.allocUnsafe(this.#byteSize);
    this.#bytes[this.#length++] = byte;
    return sent;
  }

  chars(chars: string): Promise<void> | undefined {
    if (chars === '') return undefined;
    let sent = this.#go('text');
    for (let at = 0; at < chars.length; ) {
      if (this.#text.length >= this.#charSize) sent = this.push();
      const room = Math.max(1, this.#charSize - this.#text.length); // half a pair may be all there is
      this.#text += chars.slice(at, at + room);
      at += room;
    }
    return sent;
  }

  /** What is there leaves, and the message goes on. */
  push(): Promise<void> | undefined {
    if (this.#kind === 'binary') return this.#length === 0 ? undefined : this.#putBytes(false);
    const isHalved = /[\uD800-\uDBFF]$/.test(this.#text);
    const whole = isHalved ? this.#text.slice(0, -1) : this.#text;
    if (whole === '') return undefined;
    this.#text = isHalved ? this.#text.slice(-1) : '';
    return this.text(whole.toWellFormed(), false);
  }

  /** The message ends, if there is one. */
  end(): Promise<void> | undefined {
    const kind = this.#kind;
    this.#kind = null;
    if (kind === null) return undefined;
    if (kind === 'binary') return this.#putBytes(true);
    const text = this.#text.toWellFormed();
    this.#text = '';
    return this.text(text, true);
  }

  /** Cut where a fragment is full, never within a character; `last` ends the message. */
  text(text: string, last: boolean): Promise<void> {
    const { outbound } = this.#connection;
    const put = (piece: string, isLast: boolean) => outbound.part('text', piece, isLast, 'writeTextData(char)', null);
    const encoder = new TextEncoder();
    const room = new Uint8Array(Math.max(this.#byteSize, LONGEST));
    let at = 0;
    let next = this.#byteSize >= text.length * 3 ? text.length : encoder.encodeInto(text, room).read;
    while (next < text.length) {
      void put(text.slice(at, next), false);
      at = next;
      next += encoder.encodeInto(text.slice(at, at + room.length), room).read;
    }
    return put(text.slice(at), last);
  }

  /** Another kind of message ends the one before. */
  #go(kind: MessageKind): Promise<void> | undefined {
    const ended = this.#kind === null || this.#kind === kind ? undefined : this.end();
    this.#kind = kind;
    return ended;
  }

  #putBytes(last: boolean): Promise<void> {
    const bytes = (this.#bytes ?? Buffer.alloc(0)).subarray(0, this.#length);
    if (this.#length > COPIED) this.#bytes = null; // the channel keeps it for a while
    this.#length = 0;
    return this.#connection.outbound.part('binary', bytes, last, 'writeBinaryData(byte)', null);
  }
}
