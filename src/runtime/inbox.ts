/** What arrives at a session: who takes it, how large it may be, and messages that are read while they arrive. */
import type { Intake, MessageKind } from '../transport/spi.js';
import { messageCutOff } from './failures.js';
import { intakeOf, raised, SKIP, WAIT } from './limits.js';
import { type HandlersOwner, MessageHandlers } from './message-handlers.js';
import type { Failures } from './path-values.js';
import type { EndpointPlan, MessageHandler, Settings } from './plan.js';
import { BACKLOG, type Reading, UNREAD } from './reading.js';
import { type Incoming, maker } from './streams.js';
import type { Turns } from './turns.js';
import { untilSettled } from './until-settled.js';

export class Inbox implements HandlersOwner {
  readonly handlers: MessageHandlers;
  /** Who takes the message that is arriving: chosen at its first frame. [LIF-9] */
  taker: MessageHandler | null = null;
  /** Nobody can be added any more to whom a message that has no taker could be left. */
  #complete = false;
  #held = false;
  readonly #turns: Turns;
  readonly #reading: Reading;
  #textSize: number;
  #binarySize: number;
  #textIntake: Intake = SKIP;
  #binaryIntake: Intake = SKIP;
  /** The message that is being read while it arrives. */
  #incoming: Incoming | null = null;
  #whenWhole: (() => void) | null = null;

  constructor(turns: Turns, reading: Reading, plan: EndpointPlan, failures: Failures, settings: Settings) {
    this.#turns = turns;
    this.#reading = reading;
    this.handlers = new MessageHandlers(plan, failures, this);
    this.#textSize = raised(settings.maxTextMessageBufferSize, this.handlers.text);
    this.#binarySize = raised(settings.maxBinaryMessageBufferSize, this.handlers.binary);
    this.onHandlers();
  }

  getBufferSize(kind: MessageKind): number {
    return kind === 'text' ? this.#textSize : this.#binarySize;
  }

  /** Holds from the next message on. [SES-16] */
  setBufferSize(kind: MessageKind, bytes: number): void {
    if (kind === 'text') this.#textSize = bytes;
    else this.#binarySize = bytes;
    this.onHandlers();
  }

  /** A message without a taker waits for what an @OnOpen that still runs may bring. [LIF-9] */
  get held(): boolean {
    return this.#held;
  }

  intake(kind: MessageKind): Intake {
    const isText = kind === 'text';
    this.taker = isText ? this.handlers.text : this.handlers.binary;
    if (this.taker !== null) return isText ? this.#textIntake : this.#binaryIntake;
    if (this.#complete) return SKIP;
    this.#held = true;
    return WAIT;
  }

  /** From now on a message that nobody takes is thrown away; one that has waited is looked at again. */
  complete(): void {
    this.#complete = true;
    if (this.#held) this.#reading.again();
    this.#held = false;
  }

  /** The next piece of a message that is read while it arrives; its first calls the handler. */
  flow(taker: MessageHandler, kind: MessageKind, data: string | Buffer, last: boolean): void {
    const known = this.#incoming;
    const incoming = known ?? this.#begin(kind);
    const hasRoom = incoming.add(data, last); // whoever listens may close the session
    if (this.#incoming === incoming && !last && !hasRoom) this.#reading.hold(UNREAD);
    if (this.#incoming === incoming && last) this.#incoming = null;
    if (known === null) this.#turns.take(this.#serving(taker, incoming), incoming.stream, true);
    this.#turns.grow(incoming.stream, data);
    if (last) this.#whole();
  }

  /** Calls back when no message is half there: at once, unless one is being read while it arrives. */
  whenWhole(callback: () => void): void {
    if (this.#incoming === null) callback();
    else this.#whenWhole = callback;
  }

  /** Nothing more of the message that is arriving will come. */
  cutOff(why: string): void {
    this.#incoming?.fail(messageCutOff(why));
    this.#incoming = null;
    this.#whole();
  }

  #begin(kind: MessageKind): Incoming {
    const incoming = maker('incoming')(kind, () => {
      if (this.#incoming === incoming) this.#reading.release(UNREAD); // and not another that came behind it
    });
    this.#incoming = incoming;
    return incoming;
  }

  /** While a handler reads a message, what waits behind it is no reason not to read on: it would wait for the rest for ever. [LIF-8] */
  #serving(taker: MessageHandler, incoming: Incoming): MessageHandler {
    return untilSettled(taker, incoming, () => {
      if (this.#incoming === incoming) this.#reading.waive(BACKLOG);
    });
  }

  /** No message is half there. */
  #whole(): void {
    this.#reading.heed(BACKLOG);
    this.#reading.release(UNREAD);
    const callback = this.#whenWhole;
    this.#whenWhole = null;
    callback?.();
  }

  /** @internal */
  onHandlers(): void {
    const { text, binary } = this.handlers;
    this.#textIntake = text === null ? SKIP : intakeOf(text, this.#textSize);
    this.#binaryIntake = binary === null ? SKIP : intakeOf(binary, this.#binarySize);
  }
}
