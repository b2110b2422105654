/** Where a reader is within a frame: its header, and what of a control frame is there. */
import { BINARY, FIN, headerSize, isTooLong, LONGEST_HEADER, payloadLength, TEXT, violation } from './frame-header.js';
import { mask } from './mask.js';

const TOO_LONG = 'the top bit of a 64-bit length must be 0';

export class FrameCursor {
  /** FIN, RSV1 to 3 and the opcode, as they came. */
  first = 0;
  /** Bytes of the payload that are still to come, and the key they are masked with. */
  left = 0;
  key = 0;
  /** The rule that was broken, if one was. [CLO-15] */
  sentence: string | null = null;
  /** What of a header, or of a control frame's payload, a chunk's end cut off. */
  #cut: Buffer | null = null;
  #size = 0;
  /** Bits of the first byte that are others' to judge. [EXT-16] */
  readonly #claimed: number;

  constructor(claimed = 0) {
    this.#claimed = claimed;
  }

  get opcode(): number {
    return this.first & 0x0f;
  }

  get isFinal(): boolean {
    return (this.first & FIN) !== 0;
  }

  /** Where the payload of an unfragmented, uncompressed data frame begins that is small and there completely, else 0. Then `left` is its length. */
  straight(chunk: Buffer, at: number, isServer: boolean): number {
    const first = chunk[at] as number;
    if ((first !== (FIN | TEXT) && first !== (FIN | BINARY)) || this.#cut !== null || at + 4 > chunk.length) return 0;
    const second = chunk[at + 1] as number;
    let length = second & 0x7f;
    let from = isServer ? at + 6 : at + 2;
    if (length >= 126) {
      length = ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number);
      from += 2;
    }
    if (second >= 0x80 !== isServer || (second & 0x7f) === 127 || from + length > chunk.length) return 0;
    this.left = length;
    return from;
  }

  /** Where the header ends; -1 if the chunk ends first, or with a sentence if it is illegal. */
  read(chunk: Buffer, at: number, isServer: boolean, deflates: boolean, inMessage: boolean): number {
    let from = at;
    let bytes = chunk;
    let end = at;
    if (this.#cut !== null || chunk.length - at < LONGEST_HEADER) {
      this.#cut ??= Buffer.allocUnsafe(LONGEST_HEADER);
      bytes = this.#cut;
      from = 0;
      while (this.#size < 2 || this.#size < headerSize(bytes[1] as number)) {
        if (end === chunk.length) return -1;
        bytes[this.#size++] = chunk[end++] as number;
        if (this.#size === 2) {
          this.sentence = violation((bytes[0] as number) & ~this.#claimed, bytes[1] as number, isServer, deflates, inMessage);
          if (this.sentence !== null) return -1;
        }
        if (this.#size === 3 && isTooLong(bytes, 0)) return this.#refuse(TOO_LONG);
      }
      this.#cut = null;
      this.#size = 0;
    } else {
      this.sentence = violation((bytes[from] as number) & ~this.#claimed, bytes[from + 1] as number, isServer, deflates, inMessage);
      if (this.sentence !== null) return -1;
      end = from + headerSize(bytes[from + 1] as number);
    }
    this.first = bytes[from] as number;
    this.left = payloadLength(bytes, from);
    this.key = isServer ? bytes.readInt32LE(from + headerSize(bytes[from + 1] as number) - 4) : 0;
    return isTooLong(bytes, from) ? this.#refuse(TOO_LONG) : end;
  }

  #refuse(sentence: string): -1 {
    this.sentence = sentence;
    return -1;
  }

  /** A control frame's payload, unmasked; null if the chunk ends first. Lent: it may be a view of the chunk. */
  control(chunk: Buffer, at: number, isServer: boolean): Buffer | null {
    let payload = chunk.subarray(at, Math.min(chunk.length, at + this.left));
    this.left -= payload.length;
    if (this.#cut !== null) payload = Buffer.concat([this.#cut, payload]);
    this.#cut = this.left > 0 ? Buffer.from(payload) : null;
    if (this.left > 0) return null;
    if (isServer) mask(payload, 0, payload.length, this.key);
    return payload;
  }

  /** Lets go of what was cut off. */
  drop(): void {
    this.#cut = null;
  }
}
