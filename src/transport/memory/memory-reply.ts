/** What a memory transport answered, and of a 101 the client's end, which nobody has begun yet. */
import { setImmediate } from 'node:timers/promises';
import type { Agreement, Reply } from '../dialer.js';
import type { Channel, ChannelListener } from '../spi.js';
import type { MemoryChannel } from './memory-channel.js';
import { closeAll } from './memory-offer.js';

export class MemoryReply implements Reply {
  readonly by = 'server';
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
  /** null: there is none, or it has been accepted or dropped. */
  #channel: MemoryChannel | null;
  readonly #signal: AbortSignal;
  readonly #leave = (): void => this.drop();

  constructor({ status, headers, body }: Pick<Reply, 'status' | 'headers' | 'body'>, channel: MemoryChannel | null, signal: AbortSignal) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.#channel = channel;
    this.#signal = signal;
    if (channel !== null) signal.addEventListener('abort', this.#leave);
  }

  /** As the SPI says. Compression and transformations have nothing to do where messages never are frames; the latter are closed. */
  async accept({ transformations }: Agreement, open: (channel: Channel) => ChannelListener): Promise<void> {
    const channel = this.#take();
    if (channel === null) {
      closeAll(transformations);
      throw this.#signal.aborted ? this.#signal.reason : new Error(`There is no connection to accept behind this ${this.status}`);
    }
    let listener: ChannelListener;
    try {
      listener = open(channel);
    } catch (thrown) {
      channel.terminate();
      closeAll(transformations);
      throw thrown;
    }
    channel.whenClosed.push(() => closeAll(transformations));
    try {
      listener.onOpened();
    } catch {
      channel.terminate(); // a listener that throws is a defect of the house
    }
    channel.begin(listener, { opens: false });
    await setImmediate(); // stands behind the channel's first turn, in which it shows what has come
  }

  drop(): void {
    this.#take()?.terminate();
  }

  #take(): MemoryChannel | null {
    const channel = this.#channel;
    this.#channel = null;
    this.#signal.removeEventListener('abort', this.#leave);
    return channel;
  }
}
