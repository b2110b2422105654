/** An open WebSocket of a browser's: all that a page is told of a handshake. */
import type { Agreement, Reply } from '../dialer.js';
import type { Channel, ChannelListener, Transformation } from '../spi.js';
import { BrowserChannel } from './browser-channel.js';
import { nothing, type Socket } from './socket.js';

export class BrowserReply implements Reply {
  readonly by = 'server';
  readonly status = 101;
  /** Made up: those two that a page may know. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body = new Uint8Array(0) as Buffer;
  readonly #socket: Socket;
  readonly #onSettled: () => void;
  #channel: BrowserChannel | null;
  #transformations: readonly Transformation[] = [];

  /** `onSettled`: it has been accepted, or dropped. */
  constructor(socket: Socket, onSettled: () => void) {
    const told = [
      ['sec-websocket-protocol', socket.protocol],
      ['sec-websocket-extensions', socket.extensions],
    ] as const;
    this.headers = new Map(told.filter(([, value]) => value !== '').map(([name, value]) => [name, [value]]));
    this.#socket = socket;
    this.#onSettled = onSettled;
    this.#channel = new BrowserChannel(socket, () => closeAll(this.#transformations));
  }

  /** A browser's messages never are frames: transformations are not run, and closed with the channel. */
  async accept({ transformations }: Agreement, open: (channel: Channel) => ChannelListener): Promise<void> {
    const channel = this.#channel;
    if (channel === null) {
      closeAll(transformations);
      throw new Error('The connection was accepted, or dropped, before');
    }
    this.#transformations = transformations;
    let listener: ChannelListener;
    try {
      listener = open(channel);
    } catch (error) {
      this.drop();
      closeAll(transformations);
      throw error;
    }
    this.#channel = null;
    this.#onSettled();
    await channel.begin(listener);
  }

  drop(): void {
    if (this.#channel === null) return;
    this.#channel = null;
    this.#onSettled();
    this.#socket.onmessage = nothing;
    this.#socket.onclose = nothing;
    this.#socket.close();
  }
}

/** What they throw then concerns nobody. */
function closeAll(transformations: readonly Transformation[]): void {
  for (const each of transformations) {
    try {
      each.close?.();
    } catch {
      // nothing is left that it could cost
    }
  }
}
