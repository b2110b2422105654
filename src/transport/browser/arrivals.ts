/** What a socket has brought and the house has not taken yet: a browser reads on, whether anybody wants it or not. */
import type { ChannelListener, Intake, MessageKind } from '../spi.js';
import { utf8Length } from './utf8-length.js';

/** A part is this long, in bytes or characters, unless its message ends before. */
const PART = 8192;

/** The house has said how it wants the message in front. */
interface Incoming {
  readonly kind: MessageKind;
  readonly intake: Intake;
  /** Where its next part begins. */
  at: number;
}

export class Arrivals {
  #messages: (string | Uint8Array)[] = [];
  /** The message in front; those before it are taken. */
  #next = 0;
  #incoming: Incoming | null = null;
  #isPaused = false;
  #isHeld = false;
  /** Behind a failure nothing counts any more. */
  hasFailed = false;
  count = 0;
  bytes = 0;

  get isEmpty(): boolean {
    return this.#next === this.#messages.length;
  }

  push(message: string | Uint8Array): void {
    this.count++;
    this.bytes += sizeOf(message);
    if (!this.hasFailed) this.#messages.push(message);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#isHeld = false;
  }

  drop(): void {
    this.#messages = [];
    this.#next = 0;
    this.#incoming = null;
  }

  /** Delivers what may be delivered, an event at a time: each may pause us, or drop everything. */
  run(listener: ChannelListener): void {
    for (;;) {
      const message = this.#messages[this.#next];
      if (message === undefined || this.#isPaused || this.#isHeld) return;
      const incoming = this.#incoming;
      if (incoming === null) this.#begin(message, listener);
      else if (incoming.intake.mode === 'parts') this.#part(message, incoming, listener);
      else this.#whole(message, incoming, listener);
    }
  }

  /** The question how it is wanted. */
  #begin(message: string | Uint8Array, listener: ChannelListener): void {
    const kind = typeof message === 'string' ? 'text' : 'binary';
    const intake = listener.intake(kind);
    if (intake.mode === 'wait') this.#isHeld = true;
    else if (this.isEmpty)
      return; // dropped meanwhile
    else if (intake.mode !== 'skip' && sizeOf(message) > intake.limit) {
      this.hasFailed = true;
      this.drop();
      listener.onFailed(1009, new RangeError(`A ${kind} message has more than ${intake.limit} bytes`));
    } else this.#incoming = { kind, intake, at: 0 };
  }

  #part(message: string | Uint8Array, incoming: Incoming, listener: ChannelListener): void {
    const from = incoming.at;
    const to = partEnd(message, from);
    const isLast = to === message.length;
    if (isLast) this.#take();
    else incoming.at = to;
    const part = typeof message === 'string' ? message.slice(from, to) : message.subarray(from, to);
    listener.onPart(incoming.kind, part as string | Buffer, isLast);
  }

  #whole(message: string | Uint8Array, { intake }: Incoming, listener: ChannelListener): void {
    this.#take();
    if (intake.mode === 'skip') return;
    if (typeof message === 'string') listener.onText(message);
    else listener.onBinary(message as Buffer); // where there is a Buffer the engine is another
  }

  #take(): void {
    this.#incoming = null;
    this.#next++;
    if (this.isEmpty) this.drop();
  }
}

/** A pair of surrogates is not torn apart. */
function partEnd(message: string | Uint8Array, from: number): number {
  const to = from + PART;
  if (to >= message.length) return message.length;
  return typeof message === 'string' && (message.charCodeAt(to - 1) & 0xfc00) === 0xd800 ? to + 1 : to;
}

const sizeOf = (message: string | Uint8Array) => (typeof message === 'string' ? utf8Length(message) : message.length);
