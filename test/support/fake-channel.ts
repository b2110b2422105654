/** A channel without a socket: it writes down what it is told, and the test says when something leaves. */
import type { Bytes } from 'margay';
import type { Channel, ChannelCounters, ChannelListener, Done, Prepared } from '../../src/transport/spi.js';

export class FakeChannel implements Channel {
  readonly bufferedAmount = 0;
  readonly congestion = 0;
  readonly lastRead = 0;
  readonly lastWritten = 0;
  readonly counters: ChannelCounters = {
    messagesSent: 0,
    messagesReceived: 0,
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
  /** What was asked for, until the socket was gone. */
  readonly calls: string[] = [];
  isGone = false;
  listener: ChannelListener | undefined;
  #close: Done | undefined;
  readonly #failsFirst: boolean;

  /** `failsFirst`: a close frame that is lost with the socket is told of before the socket is. */
  constructor(failsFirst: boolean) {
    this.#failsFirst = failsFirst;
  }

  /** A close frame waits to leave. */
  get isClosing(): boolean {
    return this.#close !== undefined;
  }

  /** The close frame leaves, or cannot. */
  settle(error?: Error): void {
    const done = this.#close;
    this.#close = undefined;
    done?.(error);
  }

  /** The socket is gone, and with it what has not left. */
  vanish(error?: Error): void {
    if (this.isGone) return;
    if (this.#failsFirst && this.isClosing) this.settle(new Error('gone'));
    this.isGone = true;
    this.listener?.onClosed(error);
    if (this.isClosing) this.settle(new Error('gone'));
  }

  close(code: number | undefined, phrase: string, done?: Done): void {
    this.#note(`close ${code} ${phrase}`);
    this.#close = done;
  }

  end(): void {
    this.#note('end');
  }

  discard(): boolean {
    this.#note('discard');
    return !this.isGone;
  }

  terminate(): void {
    this.#note('terminate');
    queueMicrotask(() => this.vanish());
  }

  text(text: string): void {
    this.#note(`text ${text}`);
  }

  binary(data: Bytes): void {
    this.#note(`binary ${hexOf(data)}`);
  }

  part(): void {
    this.#note('part');
  }

  ping(): void {
    this.#note('ping');
  }

  pong(): void {
    this.#note('pong');
  }

  pause(): void {}
  resume(): void {}
  flush(): void {}

  prepare(message: string): Prepared {
    return { kind: 'text', size: message.length };
  }

  write(): void {
    this.#note('write');
  }

  #note(call: string): void {
    if (!this.isGone) this.calls.push(call);
  }
}

const hexOf = (data: Bytes): string =>
  (ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data)).toString('hex');
