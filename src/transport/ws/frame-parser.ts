/** Turns bytes into whole messages, parts and control frames. */
import { isUtf8 } from 'node:buffer';
import type { ChannelListener, Intake } from '../spi.js';
import { passOn } from './control-frame.js';
import { FrameCursor } from './frame-cursor.js';
import { CLOSE, FIN, PONG, RSV1, TEXT } from './frame-header.js';
import { keepable } from './gathering.js';
import { IncomingMessage } from './incoming-message.js';
import { type InflateOptions, Inflater } from './inflate.js';
import { mask, turned } from './mask.js';

/** How the peer's frames are to look. */
export interface ParserOptions {
  readonly isServer: boolean;
  /** How the peer compresses, or null. */
  readonly deflate: InflateOptions | null;
}

/** The reader, as the parser sees it. */
export interface ParserOwner {
  onPing(bytes: Buffer): void;
  onReady(): void;
  onDefect(error: unknown): void;
}

/** Why the parser stopped: nothing left to read, told to, inflating, or at it for too long. */
export type Outcome = 'dry' | 'stalled' | 'busy' | 'late';

/** What comes next. While the house wants no data, a pong waits in `control` and a data frame in `begin`, `payload` and `frameEnd`. */
const State = { header: 0, control: 1, begin: 2, payload: 3, inflating: 4, frameEnd: 5, over: 6 } as const;
type State = (typeof State)[keyof typeof State];

/** Frames between two looks at the clock. [REL-11] */
const FRAMES_PER_LOOK = 32;
const NOT_UTF8 = 'a text message must be UTF-8';
const EMPTY = Buffer.alloc(0);

export class FrameParser {
  framesReceived = 0;
  messagesReceived = 0;
  /** How far the chunk in hand has been read. */
  at = 0;
  readonly #listener: ChannelListener;
  readonly #owner: ParserOwner;
  readonly #options: ParserOptions;
  readonly #frame = new FrameCursor();
  #state: State = State.header;
  #looks = FRAMES_PER_LOOK;
  #paused = false;
  /** The house answered `wait`. */
  #waiting = false;
  /** The house's answer for the message whose header is next. */
  #intake: Intake | null = null;
  #message: IncomingMessage | null = null;
  #inflater: Inflater | null = null;

  constructor(listener: ChannelListener, owner: ParserOwner, options: ParserOptions) {
    this.#listener = listener;
    this.#owner = owner;
    this.#options = options;
  }

  get over(): boolean {
    return this.#state === State.over;
  }

  pause(): void {
    this.#paused = true;
    if (this.#state === State.inflating) this.#inflater?.pause();
  }

  /** True if the parser can be asked to read on; while it inflates, it does so by itself. */
  resume(): boolean {
    if (!this.#paused && !this.#waiting) return false;
    this.#paused = false;
    this.#waiting = false;
    this.#inflater?.resume();
    return this.#state !== State.inflating;
  }

  stop(): void {
    this.#state = State.over;
    this.#message = null;
    this.#intake = null;
    this.#frame.drop();
    this.#inflater?.close();
  }

  /** Reads the chunk from `at` on, until it is time to stop. */
  read(chunk: Buffer, until: number): Outcome {
    for (;;) {
      switch (this.#state) {
        case State.header:
          if (this.at === chunk.length) return 'dry';
          if (--this.#looks < 0) {
            this.#looks = FRAMES_PER_LOOK;
            if (performance.now() > until) return 'late';
          }
          if (!this.#straight(chunk)) this.#header(chunk);
          break;
        case State.control:
          if (this.#paused && this.#frame.opcode === PONG) return 'stalled'; // an event of the session, like data [LIF-8]
          if (!this.#control(chunk)) return 'dry';
          break;
        case State.begin:
          if (this.#paused || this.#waiting) return 'stalled';
          this.#begin();
          break;
        case State.payload:
          if (this.#paused) return 'stalled';
          if (this.#frame.left > 0 && this.at === chunk.length) return 'dry';
          this.#payload(chunk);
          break;
        case State.frameEnd:
          if (this.#paused) return 'stalled';
          this.#accept(EMPTY, 0, 0, false, true);
          break;
        case State.inflating:
          return 'busy';
        case State.over:
          return 'dry';
      }
    }
  }

  /** The straight line: a message in one small frame that is there completely. False: not that simple, and nothing is consumed. */
  #straight(chunk: Buffer): boolean {
    const { isServer } = this.#options;
    if (this.#message !== null || this.#paused) return false;
    const from = this.#frame.straight(chunk, this.at, isServer);
    if (from === 0) return false;
    const to = from + this.#frame.left;
    const isText = chunk[this.at] === (FIN | TEXT);
    const intake = this.#listener.intake(isText ? 'text' : 'binary');
    if (intake.mode !== 'whole' || to - from > intake.limit || this.#paused) {
      this.#intake = intake;
      return this.over;
    }
    const seen = isServer ? mask(chunk, from, to, chunk.readInt32LE(from - 4)) : 0x80;
    this.at = to;
    this.framesReceived++;
    this.messagesReceived++;
    if (!isText) this.#listener.onBinary(keepable(chunk, from, to));
    else if (seen < 0x80) this.#listener.onText(chunk.toString('latin1', from, to));
    else if (isUtf8(chunk.subarray(from, to))) this.#listener.onText(chunk.toString('utf8', from, to));
    else this.#fail(1007, NOT_UTF8);
    return true;
  }

  #header(chunk: Buffer): void {
    const { isServer, deflate } = this.#options;
    const end = this.#frame.read(chunk, this.at, isServer, deflate !== null, this.#message !== null);
    this.at = end < 0 ? chunk.length : end;
    if (end >= 0) this.#state = (this.#frame.first & 0x0f) >= CLOSE ? State.control : State.begin;
    else if (this.#frame.sentence !== null) this.#fail(1002, this.#frame.sentence);
  }

  /** False: the chunk ends first. */
  #control(chunk: Buffer): boolean {
    const frame = this.#frame;
    const to = Math.min(chunk.length, this.at + frame.left);
    const payload = frame.control(chunk, this.at, this.#options.isServer);
    this.at = to;
    if (payload === null) return false;
    this.#state = State.header;
    this.framesReceived++;
    if (frame.opcode === CLOSE) this.stop();
    const bad = passOn(frame.opcode, payload, this.#listener, this.#owner);
    if (bad !== null) this.#fail(bad.failure, bad.error);
    return true;
  }

  /** A data frame's header is there: asks how the message is wanted, and whether it is too large. [REL-8] */
  #begin(): void {
    const message = this.#message ?? this.#open();
    if (message === null || this.over) return;
    this.#message = message;
    if (!message.compressed) message.size += this.#frame.left;
    if (message.size > message.limit) this.#failSize(message);
    else this.#state = State.payload;
  }

  /** Null: the house wants the message to wait. */
  #open(): IncomingMessage | null {
    const frame = this.#frame;
    const kind = frame.opcode === TEXT ? 'text' : 'binary';
    const intake = this.#intake ?? this.#listener.intake(kind);
    this.#intake = null;
    this.#waiting = intake.mode === 'wait';
    if (this.#waiting) return null;
    const message = new IncomingMessage(kind, intake, (frame.first & RSV1) !== 0);
    const { deflate } = this.#options;
    if (message.compressed && deflate !== null) {
      this.#inflater ??= new Inflater(deflate, this);
      message.fitsInOneGo = intake.mode !== 'parts' && frame.isFinal && this.#inflater.fitsInOneGo(frame.left);
    }
    return message;
  }

  #payload(chunk: Buffer): void {
    const frame = this.#frame;
    const message = this.#message as IncomingMessage;
    const from = this.at;
    const to = Math.min(chunk.length, from + frame.left);
    const seen = this.#options.isServer ? mask(chunk, from, to, frame.key) : 0x80;
    frame.key = turned(frame.key, to - from);
    frame.left -= to - from;
    this.at = to;
    if (!message.compressed) this.#accept(chunk, from, to, seen < 0x80, frame.left === 0);
    else if (message.fitsInOneGo) this.#inflateInOneGo(message, chunk, from, to);
    else this.#inflate(chunk.subarray(from, to));
  }

  /** Gives the message its next bytes; with the end of the frame, the next header is due. */
  #accept(bytes: Buffer, from: number, to: number, ascii: boolean, frameEnds: boolean): void {
    const message = this.#message as IncomingMessage;
    const last = frameEnds && this.#frame.isFinal;
    if (frameEnds) {
      this.#state = State.header;
      this.framesReceived++;
    }
    if (last) {
      this.#message = null;
      this.messagesReceived++;
      if (message.compressed) this.#inflater?.messageEnds();
    }
    if (!message.accept(this.#listener, bytes, from, to, ascii, frameEnds, last)) this.#fail(1007, NOT_UTF8);
  }

  /** [EXT-14] One call into zlib for a small message that stands alone. */
  #inflateInOneGo(message: IncomingMessage, chunk: Buffer, from: number, to: number): void {
    message.squeezed.add(chunk, from, to);
    if (this.#frame.left > 0) return;
    const bytes = message.squeezed.take();
    this.#looks = 0; // it may have taken a while
    const inflated = this.#inflater?.inOneGo(bytes, message.limit) ?? null;
    if (inflated === null) {
      this.#inflate(bytes);
    } else if (Buffer.isBuffer(inflated)) {
      message.size = inflated.length;
      if (message.size > message.limit) this.#failSize(message);
      else this.#accept(inflated, 0, inflated.length, false, true);
    } else {
      this.#fail(1002, inflated);
    }
  }

  #inflate(bytes: Buffer): void {
    const frameEnds = this.#frame.left === 0;
    const last = frameEnds && this.#frame.isFinal;
    if (bytes.length === 0 && !last) {
      if (frameEnds) this.#accept(EMPTY, 0, 0, true, true);
      return;
    }
    this.#state = State.inflating;
    this.#inflater?.feed(bytes, frameEnds, last);
  }

  /** @internal */
  onSlice(bytes: Buffer): void {
    const message = this.#message as IncomingMessage;
    message.size += bytes.length;
    if (message.size > message.limit) this.#failSize(message);
    else this.#accept(bytes, 0, bytes.length, false, false);
    if (this.over) this.#owner.onReady();
  }

  /** @internal */
  onInflated(): void {
    this.#state = this.#frame.left === 0 ? State.frameEnd : State.payload;
    this.#owner.onReady();
  }

  /** @internal */
  onInflateError(error: Error): void {
    this.#fail(1002, error);
    this.#owner.onReady();
  }

  /** @internal */
  onDefect(error: unknown): void {
    this.#owner.onDefect(error);
  }

  #failSize(message: IncomingMessage): void {
    this.#fail(1009, `the message is larger than ${message.limit} bytes`);
  }

  /** Nothing of this stream will be read any more. */
  #fail(code: 1002 | 1007 | 1009, why: string | Error): void {
    this.stop();
    this.#listener.onFailed(code, typeof why === 'string' ? new Error(why) : why);
  }
}
