/** Reads a socket's chunks frame by frame, and gives each through the connection's extensions before it is looked into. [EXT-16] */
import type { ChannelListener, Frame, Intake, Transformation } from '../spi.js';
import { Foreseen } from './foreseen.js';
import { CLOSE, CONTINUATION, plainHeaderSize, TEXT, writeHeader } from './frame-header.js';
import type { ParserOptions } from './frame-parser.js';
import { FrameReader } from './frame-reader.js';
import { IncomingFrame } from './incoming-frame.js';
import { PacedReader, type Reader, type ReaderOwner } from './paced-reader.js';
import { claimedBy, errorOf, firstOf, frameOf, isThenable, pass } from './transforming.js';

export interface TransformingReaderOptions extends ParserOptions {
  /** The one next to the application first. */
  readonly transformations: readonly Transformation[];
}

/** A frame of a message without a limit is held whole all the same, so it has this one. */
const LARGEST_FRAME = 16 * 1024 * 1024;
/** What an extension, or a compression that gains nothing, may add to a frame of a message that is just within its limit. */
const OVERHEAD = 1024;
type Outcome = 'dry' | 'stalled' | 'busy' | 'late' | 'over';

export class TransformingReader extends PacedReader implements Reader {
  bytesReceived = 0;
  readonly #listener: ChannelListener;
  /** In the order in which they get a frame of the peer's. */
  readonly #transformations: readonly Transformation[];
  readonly #claimed: number;
  /** Reads what comes out, as if it had come so: unmasked, the extensions' bits cleared. */
  readonly #inner: FrameReader;
  readonly #foreseen: Foreseen;
  readonly #frame: IncomingFrame;
  /** The frame that has begun may be gathered. */
  #admitted = false;
  /** How the message is wanted; null until it is asked. */
  #intake: Intake | null = null;
  /** An extension has not answered yet. */
  #awaits = false;
  /** What it came to. */
  #answer: Frame | Error | null = null;
  #paused = false;
  #waiting = false;
  #ended = false;
  #over = false;

  constructor(listener: ChannelListener, owner: ReaderOwner, { isServer, deflate, transformations }: TransformingReaderOptions) {
    super(owner);
    this.#listener = listener;
    this.#transformations = [...transformations].reverse();
    this.#claimed = claimedBy(transformations);
    this.#frame = new IncomingFrame(isServer, deflate !== null, this.#claimed);
    this.#foreseen = new Foreseen(listener);
    this.#inner = new FrameReader(this.#foreseen, this, { isServer: false, deflate });
  }

  get framesReceived(): number {
    return this.#inner.framesReceived;
  }

  get messagesReceived(): number {
    return this.#inner.messagesReceived;
  }

  get isOver(): boolean {
    return this.#over || this.#inner.isOver;
  }

  preload(chunks: readonly Buffer[], shown?: () => void): void {
    this.whenShown(shown);
    for (const chunk of chunks) this.#keep(chunk);
    if (!this.#frame.isDry) this.schedule();
  }

  push(chunk: Buffer, now: number): void {
    if (this.isOver) {
      this.bytesReceived += chunk.length;
      return;
    }
    const isFirst = this.#frame.isDry;
    this.#keep(chunk);
    if (isFirst) this.run(now);
    else this.hold();
  }

  end(): void {
    this.#ended = true;
    this.run(performance.now());
  }

  pause(): void {
    this.#paused = true;
    this.#inner.pause();
    this.tellShown();
  }

  resume(): void {
    this.#paused = false;
    this.#waiting = false;
    this.#inner.resume();
    this.schedule();
  }

  stop(): void {
    this.#over = true;
    this.#inner.stop();
    this.#frame.drop();
    this.release();
  }

  /** @internal The inner reader has more than it may deliver now. */
  onHold(): void {}

  /** @internal It has delivered that; it may be in the middle of a call of ours. */
  onRelease(): void {
    this.schedule();
  }

  /** @internal */
  onEnd(): void {
    this.owner.onEnd();
  }

  #keep(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    this.#frame.add(chunk);
  }

  protected read(until: number): void {
    const outcome = this.#frames(until);
    if (outcome === 'late') this.schedule();
    if (outcome === 'stalled') this.stall();
    if (outcome === 'over') this.#frame.drop();
    else if (outcome !== 'dry') return;
    this.release();
    if (!this.#ended) return;
    this.#ended = false;
    this.#inner.end();
  }

  /** One frame after the other, each only once all before it have been delivered: its message must not be asked about too early. [LIF-9] */
  #frames(until: number): Outcome {
    for (let count = 0; ; count++) {
      if (this.#answer !== null) this.#deliver(this.#answer);
      if (this.isOver) return 'over';
      if (this.#awaits || !this.#inner.isDry()) return 'busy';
      // at each but the first: an extension, or zlib behind it, may take its time
      if (count > 0 && performance.now() > until) return 'late';
      if (!this.#frame.begin()) return this.#frame.sentence === null ? 'dry' : this.#fail(1002, new Error(this.#frame.sentence));
      if (!this.#admitted) {
        const outcome = this.#admit();
        if (outcome !== null) return outcome;
      }
      const payload = this.#frame.gather();
      if (payload === null) return 'dry';
      this.#transform(payload);
    }
  }

  /** May it be gathered now, and how large may it be? [REL-8] */
  #admit(): Outcome | null {
    const { opcode, isFinal, left } = this.#frame;
    if (opcode >= CLOSE) {
      this.#admitted = true; // a pong may come too early: the inner reader holds it
      return null;
    }
    if (this.#paused || this.#waiting) return 'stalled';
    if (opcode !== CONTINUATION) {
      this.#intake ??= this.#foreseen.ask(opcode === TEXT ? 'text' : 'binary');
      if (this.isOver) return 'over';
      this.#waiting = this.#intake.mode === 'wait';
      if (this.#waiting) this.#intake = null;
      if (this.#paused || this.#waiting) return 'stalled';
    }
    const { mode, limit } = this.#intake as Intake;
    const most = mode === 'skip' || limit === Number.POSITIVE_INFINITY ? LARGEST_FRAME : limit + OVERHEAD;
    if (left > most) return this.#fail(1009, new Error(`a frame that an extension has to see whole is larger than ${most} bytes`));
    this.#admitted = true;
    if (isFinal) this.#intake = null;
    return null;
  }

  #transform(payload: Buffer): void {
    this.#admitted = false;
    try {
      const result = pass(frameOf(this.#frame.first, payload), this.#transformations, 'inbound');
      if (isThenable(result)) void this.#later(result);
      else this.#answer = result;
    } catch (error) {
      this.#answer = errorOf(error);
    }
  }

  async #later(result: Promise<Frame>): Promise<void> {
    this.#awaits = true;
    try {
      this.#answer = await result;
    } catch (error) {
      this.#answer = errorOf(error);
    }
    this.#awaits = false;
    this.goOn();
  }

  #deliver(answer: Frame | Error): void {
    this.#answer = null;
    if (this.isOver) return;
    if (!('payload' in answer)) return void this.#fail(1002, answer);
    const { payload } = answer;
    const from = plainHeaderSize(payload.length);
    const bytes = Buffer.allocUnsafe(from + payload.length);
    writeHeader(bytes, 0, firstOf(answer) & ~this.#claimed, payload.length, 0);
    payload.copy(bytes, from);
    this.#inner.push(bytes, performance.now());
  }

  #fail(code: 1002 | 1009, error: Error): 'over' {
    this.stop();
    this.#listener.onFailed(code, error);
    return 'over';
  }
}
