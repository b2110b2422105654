/** Where the whole process writes its small frames during one turn of the event loop, and what flushes them at its end. [D-26] */

const BLOCK_SIZE = 64 * 1024;
/** Blocks kept for turns that fill more than one. */
const SPARE_BLOCKS = 15;

/** Memory that frames are written into one behind the other. */
export class Block {
  readonly bytes: Buffer;
  used = 0;
  /** How many ranges are still to be written out. */
  ranges = 0;
  /** Belongs to the turn; one that belongs to a single writer is left to the garbage collector. */
  readonly shared: boolean;
  /** The kernel has not taken all of it: whoever writes next needs another. */
  lent = false;
  /** Several ranges share bytes, so that the end of one says nothing of the others. */
  repeated = false;
  /** Grows whenever bytes of it are given up, so that whoever remembers some knows that they may be others by now. */
  age = 0;
  /** The last range of it that was written out: in a broadcast many are the same. */
  #view: Buffer | null = null;

  constructor(size: number, shared: boolean) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.shared = shared;
  }

  hasRoom(count: number): boolean {
    return this.bytes.length - this.used >= count;
  }

  /** A range of the bytes. */
  slice(start: number, end: number): Buffer {
    const view = this.#view;
    if (view !== null && view.byteOffset === start && view.length === end - start) return view;
    this.#view = this.bytes.subarray(start, end);
    return this.#view;
  }
}

/** A run of frames in a block. */
export class Range {
  readonly block: Block;
  start: number;
  end: number;
  /** The frame goes on in the next piece. */
  continues = false;

  constructor(block: Block) {
    this.block = block;
    this.start = block.used;
    this.end = block.used;
    block.ranges++;
  }

  get length(): number {
    return this.end - this.start;
  }

  get bytes(): Buffer {
    return this.block.slice(this.start, this.end);
  }
}

/** Something that writes out what it has collected when the turn is over. */
export interface TurnWriter {
  /** `now` as `performance.now()` has it. Nobody is in a call of ours. */
  turnEnds(now: number): void;
}

let current = new Block(BLOCK_SIZE, true);
const spare: Block[] = [];
let waiting: TurnWriter[] = [];
let flushed: TurnWriter[] = [];

/** The shared block, with room for that many bytes (at most 64 KiB) behind `used`. */
export function roomFor(count: number): Block {
  if (current.lent || !current.hasRoom(count)) current = spare.pop() ?? new Block(BLOCK_SIZE, true);
  return current;
}

/** The range's bytes have left or have been copied: its room may be used again once nobody else's lie in the block. */
export function release(range: Range): void {
  const { block } = range;
  block.ranges--;
  if (!block.shared || block.lent) return;
  if (range.end === block.used && !block.repeated) rewind(block, range.start);
  if (block.ranges > 0) return;
  rewind(block, 0);
  block.repeated = false;
  if (block !== current && spare.length < SPARE_BLOCKS) spare.push(block);
}

function rewind(block: Block, to: number): void {
  block.used = to;
  block.age++;
}

/** Has the writer called once when the turn of the event loop is over. */
export function atTurnEnd(writer: TurnWriter): void {
  if (waiting.push(writer) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const writers = waiting;
  waiting = flushed;
  const now = performance.now();
  for (const writer of writers) writer.turnEnds(now);
  writers.length = 0;
  flushed = writers;
}
