/** UTF-8 that arrives piece by piece, refused at the first byte that cannot be right. [CLO-15] */
import { isUtf8 } from 'node:buffer';

/** Below this a loop beats the call into native code and the view it needs. */
const NATIVE_FROM = 48;

export class Utf8Check {
  /** Bytes the unfinished character at the end still lacks, how many it has, and what the next may be. */
  #lacking = 0;
  #has = 0;
  #low = 0x80;
  #high = 0xbf;

  /** How many bytes at the end belong to a character that is not finished. */
  get unfinished(): number {
    return this.#has;
  }

  /** False as soon as no continuation could make it well-formed. */
  push(bytes: Buffer, start: number, end: number): boolean {
    let i = start;
    while (this.#lacking > 0 && i < end) if (!this.#step(bytes[i++] as number)) return false;
    if (end - i >= NATIVE_FROM) {
      const cut = lastBoundary(bytes, i, end);
      if (!isUtf8(bytes.subarray(i, cut))) return false;
      i = cut;
    }
    while (i < end) {
      const byte = bytes[i++] as number;
      if ((byte >= 0x80 || this.#lacking > 0) && !this.#step(byte)) return false;
    }
    return true;
  }

  /** Bytes known to be ASCII: right unless they break off a character. */
  pushAscii(count: number): boolean {
    return count === 0 || this.#lacking === 0;
  }

  #step(byte: number): boolean {
    if (this.#lacking > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#low = 0x80;
      this.#high = 0xbf;
      this.#lacking--;
      this.#has = this.#lacking === 0 ? 0 : this.#has + 1;
      return true;
    }
    if (byte < 0x80) return true;
    // Table 3-7 of the Unicode standard: overlong forms, surrogates and what lies beyond U+10FFFF end at the second byte.
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#lacking = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#has = 1;
    if (byte === 0xe0) this.#low = 0xa0;
    else if (byte === 0xed) this.#high = 0x9f;
    else if (byte === 0xf0) this.#low = 0x90;
    else if (byte === 0xf4) this.#high = 0x8f;
    return true;
  }
}

/** Where the last character begins if it looks unfinished, else the end. */
function lastBoundary(bytes: Buffer, start: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= start; back++) {
    const byte = bytes[end - back] as number;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return back < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4) ? end - back : end;
  }
  return end;
}
