/** The reading half of a memory channel: turns frames into the listener's events, as it wants them. */
import { TextDecoder } from 'node:util';
import type { ChannelListener, Intake, MessageKind } from '../spi.js';
import { type CloseFrame, type ControlFrame, type DataFrame, type MemoryFrame, wireLength } from './memory-frame.js';

/** Bytes that may wait here before the sender has to keep the rest: the part of a kernel's two buffers. */
const ROOM = 65536;

/** A part is this long, unless its frame ends before. */
const PART = 8192;

/** A data message of which the first frame has been seen. */
interface Incoming {
  readonly kind: MessageKind;
  readonly intake: Intake;
  readonly chunks: (string | Buffer)[];
  /** Its first frame has been taken up. */
  isBegun: boolean;
  size: number;
  /** For text that came as bytes: a character may go on in the next part. */
  decoder: TextDecoder | null;
}

export class MemoryReader {
  readonly #isMasked: boolean;
  readonly #frames: MemoryFrame[] = [];
  #waiting = 0;
  #message: Incoming | null = null;
  /** What is still to be delivered of the frame in front, in parts. */
  #rest: string | Buffer | null = null;
  /** Behind the peer's close frame or a failure only the end of the stream counts. */
  #isClosing = false;
  #isDropped = false;
  #isPaused = false;
  #isHeld = false;
  messages = 0;
  frames = 0;
  bytes = 0;

  constructor(isMasked: boolean) {
    this.#isMasked = isMasked;
  }

  get hasRoom(): boolean {
    return this.#waiting < ROOM;
  }

  /** Bytes that have arrived and are still to be delivered. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether the peer's close frame has been delivered, or the stream has failed. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  push(frame: MemoryFrame): void {
    this.#frames.push(frame);
    this.#waiting += wireLength(frame, this.#isMasked);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#isHeld = false;
  }

  /** Forgets everything: the channel has been dropped. */
  drop(): void {
    this.#isDropped = true;
    this.#frames.length = 0;
    this.#waiting = 0;
    this.#message = null;
    this.#rest = null;
  }

  /** Delivers what may be delivered; `ping` answers one. True once the end of the stream has been reached. */
  run(listener: ChannelListener, ping: (bytes: Buffer) => void): boolean {
    for (;;) {
      const frame = this.#frames[0];
      if (frame === undefined || this.#isDropped) return false;
      if (frame.sort === 'end') {
        this.drop();
        return true;
      }
      if (this.#isClosing) this.#take(frame);
      else if (this.#isBlocked(frame)) return false;
      else if (frame.sort === 'data') this.#data(frame, listener);
      else this.#control(frame, listener, ping);
    }
  }

  /** Data and pongs are events of the session: a paused house is told of neither. [LIF-8] */
  #isBlocked({ sort }: MemoryFrame): boolean {
    return (sort === 'data' && (this.#isPaused || this.#isHeld)) || (sort === 'pong' && this.#isPaused);
  }

  #control(frame: ControlFrame | CloseFrame, listener: ChannelListener, ping: (bytes: Buffer) => void): void {
    this.#take(frame);
    if (frame.sort === 'close') {
      this.#isClosing = true;
      listener.onClosing(frame.code ?? 1005, frame.phrase);
    } else if (frame.sort === 'ping') ping(frame.data);
    else listener.onPong(frame.data);
  }

  /** One step with the frame in front: the question how it is wanted, one part of it, or all of it. */
  #data(frame: DataFrame, listener: ChannelListener): void {
    const message = this.#message;
    if (message === null) this.#begin(frame, listener);
    else if (this.#rest === null && !this.#open(frame, message, listener)) return;
    else if (message.intake.mode === 'parts') this.#part(frame, message, listener);
    else this.#whole(frame, message, listener);
  }

  #begin(frame: DataFrame, listener: ChannelListener): void {
    if (!frame.first) {
      this.#fail(listener, 1002, new Error('A part came before the first part of a message'));
      return;
    }
    const intake = listener.intake(frame.kind); // which may pause or terminate us
    if (intake.mode === 'wait') this.#isHeld = true;
    else if (!this.#isDropped) this.#message = { kind: frame.kind, intake, chunks: [], isBegun: false, size: 0, decoder: null };
  }

  /** Looks into the frame in front; false if it is none that may come here. */
  #open(frame: DataFrame, message: Incoming, listener: ChannelListener): boolean {
    message.size += frame.size;
    if (frame.first && message.isBegun) {
      this.#fail(listener, 1002, new Error('A message began inside another'));
    } else if (message.intake.mode !== 'skip' && message.size > message.intake.limit) {
      this.#fail(listener, 1009, new RangeError(`A ${message.kind} message has more than ${message.intake.limit} bytes`));
    } else {
      try {
        message.isBegun = true;
        this.#rest = contentOf(frame, message);
        return true;
      } catch (error) {
        this.#fail(listener, 1007, error as Error);
      }
    }
    return false;
  }

  #part(frame: DataFrame, message: Incoming, listener: ChannelListener): void {
    const rest = this.#rest as string | Buffer;
    const length = partLength(rest);
    const part = typeof rest === 'string' ? rest.slice(0, length) : rest.subarray(0, length);
    const isEnd = length === rest.length;
    if (isEnd) this.#finish(frame);
    else this.#rest = typeof rest === 'string' ? rest.slice(length) : rest.subarray(length);
    if (part.length > 0 || (isEnd && frame.last)) listener.onPart(message.kind, part, isEnd && frame.last);
  }

  #whole(frame: DataFrame, message: Incoming, listener: ChannelListener): void {
    const isWanted = message.intake.mode === 'whole';
    if (isWanted) message.chunks.push(this.#rest as string | Buffer);
    this.#finish(frame);
    if (!frame.last || !isWanted) return;
    const { chunks } = message;
    if (message.kind === 'text') listener.onText(chunks.join(''));
    else listener.onBinary(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks as Buffer[]));
  }

  #finish(frame: DataFrame): void {
    this.#take(frame);
    this.#rest = null;
    if (!frame.last) return;
    this.#message = null;
    this.messages++;
  }

  #take(frame: MemoryFrame): void {
    this.#frames.shift();
    const length = wireLength(frame, this.#isMasked);
    this.#waiting -= length;
    this.frames++;
    this.bytes += length;
  }

  #fail(listener: ChannelListener, code: 1002 | 1007 | 1009, error: Error): void {
    this.#isClosing = true;
    this.#message = null;
    this.#rest = null;
    listener.onFailed(code, error);
  }
}

/** The frame's content in the listener's type. Throws if text that came as bytes is not UTF-8. */
function contentOf(frame: DataFrame, message: Incoming): string | Buffer {
  const { data } = frame;
  if (message.kind === 'binary') return frame.isShared ? Buffer.from(data as Buffer) : data;
  if (typeof data === 'string' && message.decoder === null) return data;
  message.decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return message.decoder.decode(bytes, { stream: !frame.last });
}

/** How much of the rest is the next part: a pair of surrogates is not torn apart. */
function partLength(rest: string | Buffer): number {
  if (rest.length <= PART) return rest.length;
  if (typeof rest === 'string' && (rest.charCodeAt(PART - 1) & 0xfc00) === 0xd800) return PART + 1;
  return PART;
}
