/** Bytes that are not all there yet, merged as they come: they cost about what they weigh, however small the pieces. [REL-9] */
const SMALLEST_BLOCK = 256;
const LARGEST_BLOCK = 16 * 1024;
/** A piece this large may be kept as it lies, so that the objects around it are next to nothing … */
const KEEP_FROM = 16 * 1024;
/** … while what all of them pin beside their own bytes is no more than this. */
const SPARE = 8 * 1024;
/** From here on bytes for somebody else are worth a view, if they are most of the memory they lie in. */
const VIEW_FROM = 4 * 1024;

export class Gathering {
  length = 0;
  #full: Buffer[] | null = null;
  #block: Buffer | null = null;
  #used = 0;
  /** Bytes that are pinned for nothing: around pieces that are kept, and behind blocks that were not filled. */
  #spare = 0;

  /** The bytes may be kept as they lie: nobody writes to them again. */
  add(bytes: Buffer, start: number, end: number): void {
    const count = end - start;
    this.length += count;
    if (count >= KEEP_FROM && this.#mayKeep(bytes.buffer.byteLength - count)) {
      this.#seal();
      this.#keep(bytes.subarray(start, end));
      return;
    }
    for (let from = start; from < end; ) {
      const block = this.#room(end - from);
      const to = Math.min(end, from + block.length - this.#used);
      bytes.copy(block, this.#used, from, to);
      this.#used += to - from;
      from = to;
    }
  }

  /** All of it in one piece, and the gathering is empty again. */
  take(): Buffer {
    this.#seal();
    const full = this.#full;
    this.#full = null;
    const length = this.length;
    this.length = 0;
    this.#spare = 0;
    if (full === null) return Buffer.alloc(0);
    return full.length === 1 ? (full[0] as Buffer) : Buffer.concat(full, length);
  }

  /** Whether that much more may be pinned, and what is free in the block. */
  #mayKeep(spare: number): boolean {
    const all = this.#spare + spare + (this.#block === null ? 0 : this.#block.length - this.#used);
    if (all > SPARE) return false;
    this.#spare = all;
    return true;
  }

  #room(wanted: number): Buffer {
    const block = this.#block;
    if (block !== null && this.#used < block.length) return block;
    if (block !== null && block.length < LARGEST_BLOCK) {
      const larger = memory(Math.min(LARGEST_BLOCK, Math.max(block.length * 2, this.#used + wanted)));
      block.copy(larger, 0, 0, this.#used);
      this.#block = larger;
      return larger;
    }
    this.#seal();
    // The first block is small, the next of a long message are not: what is reserved stays below what has come.
    const size = Math.max(wanted, this.#full === null ? SMALLEST_BLOCK : LARGEST_BLOCK / 4);
    this.#block = memory(Math.min(LARGEST_BLOCK, size));
    return this.#block;
  }

  #seal(): void {
    if (this.#block !== null && this.#used > 0) this.#keep(this.#block.subarray(0, this.#used));
    this.#block = null;
    this.#used = 0;
  }

  #keep(bytes: Buffer): void {
    if (this.#full === null) this.#full = [bytes];
    else this.#full.push(bytes);
  }
}

/** Of its own, but for the smallest: node's pool, of 64 KiB since version 24, would be pinned with all that lies beside it. */
const memory = (size: number): Buffer => (size > SMALLEST_BLOCK ? Buffer.allocUnsafeSlow(size) : Buffer.allocUnsafe(size));

/** So that a view never pins more than twice its bytes. */
function isMostOf(bytes: Buffer, count: number): boolean {
  return count * 2 >= bytes.buffer.byteLength;
}

/** These bytes for somebody to keep: a view where that pins little, else a copy. */
export function keepable(bytes: Buffer, start: number, end: number): Buffer {
  if (end - start >= VIEW_FROM && isMostOf(bytes, end - start)) return bytes.subarray(start, end);
  const copy = Buffer.allocUnsafe(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
