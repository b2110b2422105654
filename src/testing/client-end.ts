/** The client's end of a connection in memory: what comes goes into the mailbox, and goodbyes are answered. */
import type { Channel, ChannelListener, Intake, MessageKind } from '../transport/spi.js';
import type { Closed } from './failures.js';
import type { Mailbox } from './mailbox.js';

const WHOLE: Intake = Object.freeze({ mode: 'whole', limit: Number.POSITIVE_INFINITY });

export class ClientEnd implements ChannelListener {
  readonly #mailbox: Mailbox;
  readonly #gone: () => void;
  #channel: Channel | null = null;
  #isClosing = false;
  #told: Closed | null = null;

  /** @param gone the last thing it does */
  constructor(mailbox: Mailbox, gone: () => void) {
    this.#mailbox = mailbox;
    this.#gone = gone;
  }

  /** Before any event. */
  set channel(channel: Channel) {
    this.#channel = channel;
  }

  get channel(): Channel {
    return this.#channel as Channel;
  }

  /** undefined: an empty frame. */
  close(code: number | undefined, phrase: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.channel.close(code, code === undefined ? '' : phrase);
  }

  onOpened(): void {}

  intake(_kind: MessageKind): Intake {
    return WHOLE;
  }

  onText(text: string): void {
    this.#mailbox.message(text);
  }

  onBinary(bytes: Buffer): void {
    this.#mailbox.message(bytes);
  }

  onPart(): void {} // nobody asks for parts

  onPong(bytes: Buffer): void {
    this.#mailbox.pong(bytes);
  }

  onDrained(): void {}

  onClosing(code: number, phrase: string): void {
    this.#told = { code, phrase };
    this.close(code === 1005 ? undefined : code, '');
    this.channel.end();
  }

  onEnded(): void {
    this.#isClosing = true;
    this.channel.end();
  }

  onFailed(code: 1002 | 1007 | 1009): void {
    this.close(code, '');
    this.channel.end();
  }

  onClosed(): void {
    this.#isClosing = true;
    this.#mailbox.close(this.#told ?? { code: 1006, phrase: '' });
    this.#gone();
  }
}
