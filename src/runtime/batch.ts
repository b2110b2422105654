/** Messages held back until there are enough of them, or somebody asks. [REM-2, D-26] */
import type { Bytes } from '../api/tokens.js';
import type { Channel, Done, MessageKind } from '../transport/spi.js';
import { copyOf } from './bytes.js';
import { utf8Length } from './weight.js';

/** Bytes, frames' headers included; beyond that everything is written. [EXT-8] */
const SIZE = 8192;

/** Where messages go. */
export type Messages = Pick<Channel, 'text' | 'binary' | 'part' | 'bufferedAmount'>;

interface Held {
  readonly kind: MessageKind;
  readonly data: string | Bytes;
  readonly first: boolean;
  readonly last: boolean;
}

/** Stands where the channel stands while batching is on. */
export class Batch implements Messages {
  readonly #channel: Channel;
  #held: Held[] = [];
  #size = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** What is held waits for nobody. */
  get bufferedAmount(): number {
    return this.isEmpty ? this.#channel.bufferedAmount : 0;
  }

  text(text: string): void {
    this.part('text', text, true, true);
  }

  binary(bytes: Bytes, done?: Done): void {
    this.part('binary', bytes, true, true, done);
  }

  /** Bytes that are held are copied; what fills the batch leaves at once behind it. Only that may have a `done`. */
  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void {
    this.#size += sizeOf(data);
    if (this.#size > SIZE) {
      this.flush();
      this.#channel.part(kind, data, first, last, done);
    } else {
      this.#held.push({ kind, data: typeof data === 'string' ? data : copyOf(data), first, last });
    }
  }

  flush(): void {
    const held = this.#held;
    this.drop();
    for (const { kind, data, first, last } of held) this.#channel.part(kind, data, first, last);
  }

  drop(): void {
    this.#held = [];
    this.#size = 0;
  }
}

/** Of the frame that a server makes of it. */
function sizeOf(data: string | Bytes): number {
  const payload = typeof data !== 'string' ? data.byteLength : data.length > SIZE ? data.length : utf8Length(data);
  return payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);
}
