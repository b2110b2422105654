/** What a server or a proxy answered by HTTP; of a 101 a channel can be made. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Agreement, Reply } from '../dialer.js';
import type { Channel, ChannelListener } from '../spi.js';
import { linesByName } from './lines-by-name.js';
import { unguard } from './refusal.js';
import { closeAll } from './transforming.js';
import { WsChannel } from './ws-channel.js';

/** A connection that speaks WebSocket from here on. */
export interface Switched {
  /** Guarded, and not read since the 101. */
  readonly socket: Duplex;
  /** What came behind the 101. */
  readonly head: Buffer;
  /** Closes it, as long as it has not been accepted. */
  readonly signal: AbortSignal;
}

const EMPTY = Buffer.alloc(0);

export class HttpReply implements Reply {
  readonly by: 'server' | 'proxy';
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
  /** Until it is accepted or dropped. */
  #switched: Switched | null = null;
  /** Why it was given up. */
  #reason: unknown;

  constructor(by: 'server' | 'proxy', response: IncomingMessage, rest: Buffer | Switched) {
    this.by = by;
    this.status = response.statusCode ?? 0;
    this.headers = linesByName(response.rawHeaders);
    this.body = Buffer.isBuffer(rest) ? rest : EMPTY;
    if (Buffer.isBuffer(rest)) return;
    this.#switched = rest;
    rest.signal.addEventListener('abort', this.#giveUp);
  }

  /** It can be accepted: the socket is its own. */
  get isSwitched(): boolean {
    return this.#switched !== null;
  }

  async accept(agreement: Agreement, open: (channel: Channel) => ChannelListener): Promise<void> {
    const switched = this.#release();
    if (switched === null) {
      closeAll(agreement.transformations);
      throw (
        this.#reason ??
        new Error(this.status === 101 ? 'The reply switches nothing, or was accepted or dropped' : `A ${this.status} opens no connection`)
      );
    }
    const { socket, head } = switched;
    const { deflate, transformations } = agreement;
    const channel = new WsChannel(socket, { isServer: false, deflate, transformations });
    let listener: ChannelListener;
    try {
      listener = open(channel);
    } catch (error) {
      channel.terminate();
      channel.finish(); // at once: a socket that is gone already says so no more
      throw error;
    }
    unguard(socket);
    try {
      listener.onOpened();
    } catch {
      channel.terminate();
    }
    await begun(channel, listener, [head, ...unread(socket)]);
  }

  drop(): void {
    this.#release()?.socket.destroy();
  }

  readonly #giveUp = (): void => {
    this.#reason = this.#switched?.signal.reason;
    this.drop();
  };

  #release(): Switched | null {
    const switched = this.#switched;
    this.#switched = null;
    switched?.signal.removeEventListener('abort', this.#giveUp);
    return switched;
  }
}

/** What node has read since: over TLS, or when the house takes its time, what came with the 101 is not all behind it. [CLI-8] */
function* unread(socket: Duplex): Iterable<Buffer> {
  for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) yield chunk;
}

/** Resolves once the listener has been shown as much of the early bytes as it takes. */
function begun(channel: WsChannel, listener: ChannelListener, chunks: readonly Buffer[]): Promise<void> {
  const early = chunks.filter(({ length }) => length > 0);
  return new Promise((resolve) => {
    channel.begin(listener, early, resolve);
    if (early.length === 0) resolve();
  });
}
