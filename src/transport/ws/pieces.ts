/** Bytes on their way to one socket, in order: runs of frames in the turn's memory or in our own, and buffers as they lie. */
import { Block, Range, release, roomFor } from './turn-buffer.js';

export type Piece = Buffer | Range;

/** What goes out together. */
export interface Batch {
  readonly pieces: readonly Piece[];
  readonly length: number;
  readonly largest: number;
  /** Bytes that were to leave are not there any more: their owner has transferred or resized what they lay in. */
  readonly isTorn: boolean;
  /** Its last byte is not the last of a frame. */
  readonly endsMidFrame: boolean;
}

/** A buffer that others hold too is copied for a peer that does not read if it is smaller than what remembering it costs. */
const REMEMBER_FROM = 512;
const FIRST_OWN_BLOCK = 1024;
const LARGEST_OWN_BLOCK = 16 * 1024;

export class Pieces {
  #queue: Piece[] | null = null;
  /** The run that frames are being added to, behind all in the queue. */
  #open: Range | null = null;
  /** Where frames go while the peer does not read: a stuck one must not pin what belongs to the turn. */
  #own: Block | null = null;
  /** Runs in the turn's memory. */
  #shared = 0;

  get isEmpty(): boolean {
    return this.#queue === null && this.#open === null;
  }

  /** Memory for the next `count` bytes (at most 64 KiB), behind `used`; `commit` follows. */
  room(count: number, congested: boolean): Block {
    const block = congested ? this.#ownRoom(count) : roomFor(count);
    const open = this.#open;
    if (open === null || open.block !== block || open.end !== block.used) this.#begin(block);
    return block;
  }

  /** `continues`: the frame goes on in what is pushed next. */
  commit(count: number, continues: boolean): void {
    const open = this.#open as Range;
    open.block.used += count;
    open.end += count;
    if (!continues) return;
    open.continues = true;
    this.#seal();
  }

  /**
   * Bytes that lie in the turn's memory already, because somebody else is sent them too. Where they begin now: a copy for the
   * first who needs them behind other bytes is one for all who have got the same so far, and one run goes out as it lies.
   */
  repeat(block: Block, start: number, end: number): number {
    const open = this.#open;
    const goesOn = open !== null && open.block === block;
    let from = start;
    if (goesOn && open.end !== start && open.end === block.used && block.hasRoom(end - start)) {
      from = block.used;
      block.bytes.copyWithin(from, start, end);
      block.used += end - start;
    }
    if (goesOn && open.end === from) {
      open.end += end - start;
    } else {
      this.#begin(block);
      const range = this.#open as Range;
      range.start = start;
      range.end = end;
    }
    block.repeated = true;
    return from;
  }

  /** Nobody writes to the bytes before they are gone. */
  push(bytes: Buffer, congested: boolean): void {
    if (congested && bytes.length < REMEMBER_FROM) {
      const block = this.room(bytes.length, true);
      block.bytes.set(bytes, block.used);
      this.commit(bytes.length, false);
    } else {
      this.#seal();
      this.#append(bytes);
    }
  }

  /** All there is, if it is one run. */
  takeRun(): Range | null {
    if (this.#queue !== null) return null;
    const open = this.#open;
    this.#open = null;
    this.#shared = 0;
    return open;
  }

  /** The first pieces, up to that many bytes; a buffer that is larger alone is cut. */
  take(most: number): Batch {
    this.#seal();
    const queue = this.#queue ?? [];
    let count = 0;
    let length = 0;
    let largest = 0;
    let isTorn = false;
    for (; count < queue.length && length + (queue[count] as Piece).length <= most; count++) {
      const piece = queue[count] as Piece;
      length += piece.length;
      if (piece.length === 0) isTorn = true;
      largest = Math.max(largest, piece.length);
      if (piece instanceof Range && piece.block.shared) this.#shared--;
    }
    const pieces = queue.slice(0, count);
    const last = pieces.at(-1);
    let endsMidFrame = last instanceof Range && last.continues;
    const next = queue[count];
    if (next instanceof Buffer && next.length > most && length < most) {
      pieces.push(next.subarray(0, most - length));
      queue[count] = next.subarray(most - length);
      largest = Math.max(largest, most - length);
      length = most;
      endsMidFrame = true;
    }
    this.#queue = count === queue.length ? null : queue.slice(count);
    return { pieces, length, largest, isTorn, endsMidFrame };
  }

  /** The peer has stopped reading: what lies in the turn's memory moves to our own. */
  settle(): void {
    if (this.#shared === 0) return;
    const queue = this.#takeAll();
    for (const piece of queue) {
      if (!(piece instanceof Range) || !piece.block.shared) {
        this.#seal();
        this.#append(piece);
        continue;
      }
      const block = this.room(piece.length, true);
      block.bytes.set(piece.bytes, block.used);
      this.commit(piece.length, piece.continues);
      release(piece);
    }
  }

  /** The peer has read everything: lets go of memory. */
  rest(): void {
    this.#own = null;
  }

  drop(): void {
    for (const piece of this.#takeAll()) if (piece instanceof Range) release(piece);
    this.#own = null;
  }

  #takeAll(): Piece[] {
    this.#seal();
    const queue = this.#queue ?? [];
    this.#queue = null;
    this.#shared = 0;
    return queue;
  }

  #begin(block: Block): void {
    this.#seal();
    this.#open = new Range(block);
    if (block.shared) this.#shared++;
  }

  #seal(): void {
    if (this.#open === null) return;
    this.#append(this.#open);
    this.#open = null;
  }

  #append(piece: Piece): void {
    if (this.#queue === null) this.#queue = [piece];
    else this.#queue.push(piece);
  }

  /** It grows with what is queued. */
  #ownRoom(count: number): Block {
    const own = this.#own;
    if (own !== null && own.bytes.length - own.used >= count) return own;
    const size = own === null ? FIRST_OWN_BLOCK : Math.min(LARGEST_OWN_BLOCK, own.bytes.length * 2);
    this.#own = new Block(Math.max(count, size), false);
    return this.#own;
  }
}
