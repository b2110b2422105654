/** Hands a socket what it is to get: once per turn of the event loop, never more than 256 KiB at a time. [D-26, REL-10] */
import type { Duplex } from 'node:stream';
import type { Done } from '../spi.js';
import { type Batch, Pieces } from './pieces.js';
import { call, type DefectOwner, Receipts } from './receipts.js';
import { hasFailed } from './socket-events.js';
import { atTurnEnd, type Block, Range, release, roomFor, type TurnWriter } from './turn-buffer.js';

/** Whom a queue tells. */
export interface QueueOwner extends DefectOwner {
  /** The kernel has taken bytes, at that time of `performance.now()`. */
  onWritten(now: number): void;
}

/** No write is larger, so that a finished one shows that the peer still reads. [REL-10] */
const LARGEST_WRITE = 256 * 1024;
/** Pieces no larger than this are gathered into one buffer, others written side by side. */
const GATHER_PIECE = 16 * 1024;
const GATHER_ALL = 64 * 1024;
const NOTHING = Buffer.alloc(0);

export class WriteQueue implements TurnWriter {
  readonly #socket: Duplex;
  readonly #owner: QueueOwner;
  readonly #pieces = new Pieces();
  /** Bytes ever queued, and those of them that the socket was given. */
  #queued = 0;
  #handed = 0;
  /** Made for the first who asks. */
  #receipts: Receipts | null = null;
  /** The turn's end will call. */
  #marked = false;
  /** The kernel has not taken all that the socket was given. */
  #congested = false;
  /** The last run was taken at once, as far as is known; TLS takes none so. */
  #prompt = false;
  /** The turn is over: nobody is in a call of ours, who must not be called back from within it. */
  #isTurnOver = false;
  /** Since then the kernel has taken something at once, of which `#onWritten` hears nothing. */
  #taken = false;
  /** What the socket was given last ends within a frame. */
  #midFrame = false;
  #interjection: Buffer | null = null;
  #ending = false;
  #aborted = false;

  constructor(socket: Duplex, owner: QueueOwner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  /** The kernel has not taken all that it was given. */
  get congested(): boolean {
    return this.#congested;
  }

  get bytesQueued(): number {
    return this.#queued;
  }

  /** Bytes that the kernel has not taken. */
  get waiting(): number {
    const handed = this.#congested ? this.#socket.writableLength : 0;
    return this.#queued - this.#handed + handed;
  }

  /** Memory for the next `count` bytes (at most 64 KiB), behind `used`; `commit` follows. */
  room(count: number): Block {
    return this.#pieces.room(count, this.#congested);
  }

  /** Queues what was written into `room`. `continues`: the frame goes on in what is pushed next. */
  commit(count: number, continues = false): void {
    this.#pieces.commit(count, continues);
    this.#added(count);
  }

  /** Queues what somebody else has committed in the turn's memory. Not while the queue is congested. Where it begins now. */
  repeat(block: Block, start: number, end: number): number {
    const from = this.#pieces.repeat(block, start, end);
    this.#added(end - start);
    return from;
  }

  /** Queues bytes as they lie; nobody writes to them before they are gone. */
  push(bytes: Buffer): void {
    this.#pieces.push(bytes, this.#congested);
    this.#added(bytes.length);
  }

  /** Has `done` called once all that is queued by now has gone; never from within. */
  whenGone(done: Done): void {
    this.#receipts ??= new Receipts(this.#owner);
    this.#receipts.add(done, this.#queued);
    if (this.waiting === 0) process.nextTick(settle, this);
  }

  /** Bytes for the next edge between two frames, before all that is queued; they replace those of the last call if these still wait: true. */
  interject(bytes: Buffer): boolean {
    const replaces = this.#interjection !== null;
    this.#interjection = bytes;
    return replaces;
  }

  /** What was interjected takes its turn behind what is queued, so that nothing comes after what is queued next. */
  lineUp(): void {
    const interjection = this.#interjection;
    this.#interjection = null;
    if (interjection !== null) this.push(interjection);
  }

  /** Ends our direction behind all that is queued. */
  end(): void {
    this.#ending = true;
    this.pump();
  }

  /** Somebody waits for bytes to be gone. */
  get isAwaited(): boolean {
    return this.#receipts?.isOpen ?? false;
  }

  /** Forgets everything; each `done` gets the error, which may be null where there is none. */
  abort(error: Error | null): void {
    this.#aborted = true;
    this.#pieces.drop();
    if (error !== null) for (const done of this.#receipts?.take(-1) ?? []) call(done, error, this.#owner);
  }

  /** Forgets what the socket has not been given; each `done` of it gets the error. False: what it was given ends within a frame. */
  discard(error: Error): boolean {
    const dropped = this.#queued - this.#handed;
    const lost = this.#receipts?.take(this.#handed) ?? [];
    this.#receipts?.postpone(dropped, 0); // what is dropped counts as handed over, so that no count ever falls
    this.#handed += dropped;
    this.#interjection = null;
    this.#pieces.drop();
    for (const done of lost) call(done, error, this.#owner);
    return !this.#midFrame;
  }

  /** @internal */
  turnEnds(now: number): void {
    this.#marked = false;
    this.#isTurnOver = true;
    this.pump();
    this.#isTurnOver = false;
    if (!this.#taken) return;
    this.#taken = false;
    if (this.#aborted) return;
    this.settle();
    this.#owner.onWritten(now);
  }

  /** Gives the socket what it can take. */
  pump(): void {
    const socket = this.#socket;
    while (!this.#aborted && !socket.destroyed) {
      if (this.#congested) {
        this.#pieces.settle();
        return;
      }
      if (this.#interjection !== null && !this.#midFrame) this.#overtake(this.#interjection);
      else if (!this.#pieces.isEmpty) this.#writeSome();
      else break;
    }
    this.#rest();
  }

  #rest(): void {
    this.#pieces.rest();
    if (this.#ending && !this.#aborted && !this.#socket.writableEnded) this.#socket.end();
  }

  #added(count: number): void {
    this.#queued += count;
    if (this.#congested) return;
    if (!this.#marked) {
      this.#marked = true;
      atTurnEnd(this);
    }
    if (this.#queued - this.#handed > LARGEST_WRITE) this.pump();
  }

  #overtake(bytes: Buffer): void {
    this.#interjection = null;
    this.#receipts?.postpone(bytes.length, this.#handed);
    this.#queued += bytes.length;
    this.#write(bytes);
  }

  #writeSome(): void {
    const run = this.#pieces.takeRun();
    if (run !== null) {
      this.#midFrame = false;
      this.#writeRun(run);
      return;
    }
    const batch = this.#pieces.take(LARGEST_WRITE);
    this.#midFrame = batch.endsMidFrame;
    const [first] = batch.pieces;
    if (batch.isTorn) this.#owner.onDefect(new Error('The bytes of a message were transferred or resized before they had left'));
    else if (batch.length <= GATHER_ALL && batch.largest <= GATHER_PIECE && batch.pieces.length > 1) this.#gather(batch);
    else if (batch.pieces.length > 1) this.#writeSideBySide(batch);
    else if (first instanceof Range) this.#writeRun(first);
    else if (first !== undefined) this.#write(first);
  }

  #gather(batch: Batch): void {
    const block = roomFor(batch.length);
    const run = new Range(block);
    for (const piece of batch.pieces) {
      block.bytes.set(piece instanceof Range ? piece.bytes : piece, run.end);
      run.end += piece.length;
    }
    block.used = run.end;
    for (const piece of batch.pieces) if (piece instanceof Range) release(piece);
    this.#writeRun(run);
  }

  #writeSideBySide(batch: Batch): void {
    const socket = this.#socket;
    socket.cork();
    for (const piece of batch.pieces) {
      if (!(piece instanceof Range)) this.#write(piece);
      else this.#write(piece.block.shared ? ownCopy(piece) : piece.bytes);
    }
    socket.uncork();
    this.#congested = socket.writableLength > 0;
  }

  /** The turn's memory is used again at once if the kernel has taken everything; while it does not, the peer gets a copy. */
  #writeRun(run: Range): void {
    if (!run.block.shared) {
      this.#write(run.bytes);
    } else if (!this.#prompt) {
      this.#write(ownCopy(run));
    } else {
      if (this.#isTurnOver) this.#writeQuietly(run.bytes);
      else this.#write(run.bytes);
      if (this.#congested) run.block.lent = true;
      release(run);
    }
    this.#prompt = !this.#congested;
  }

  #write(bytes: Buffer): void {
    this.#handed += bytes.length;
    this.#socket.write(bytes, this.#onWritten);
    this.#congested = this.#socket.writableLength > 0;
  }

  /** Without a callback, which costs node a tick of its own for each socket, if the kernel takes all; if not, one goes behind it. */
  #writeQuietly(bytes: Buffer): void {
    const socket = this.#socket;
    this.#handed += bytes.length;
    socket.write(bytes);
    this.#congested = socket.writableLength > 0;
    if (this.#congested) socket.write(NOTHING, this.#onWritten);
    else if (!hasFailed(socket)) this.#taken = true;
  }

  /** The only closure of a connection: node gives a write's callback nothing to find us by. */
  readonly #onWritten = (error?: Error | null): void => {
    // the socket's own events tell; node calls back without an error for what a destroyed socket never sent
    if (error || this.#aborted || this.#socket.destroyed) return;
    this.#congested = this.#socket.writableLength > 0;
    this.settle();
    this.pump();
    this.#owner.onWritten(performance.now());
  };

  /** @internal Calls whom `whenGone` has promised. */
  settle(): void {
    this.#receipts?.settle(this.#handed - (this.#congested ? this.#socket.writableLength : 0));
  }
}

const settle = (queue: WriteQueue): void => queue.settle();

function ownCopy(run: Range): Buffer {
  const copy = Buffer.from(run.bytes);
  release(run);
  return copy;
}
