/** Where a session's messages leave, in the order in which they are put: the channel, with a batch in front of it or without. */
import type { Bytes } from '../api/tokens.js';
import type { Channel, MessageKind } from '../transport/spi.js';
import { Batch, type Messages } from './batch.js';
import type { Sender } from './sender.js';
import { type Limit, Settling } from './settling.js';
import type { SlowPeer } from './slow-peer.js';

/** Above this a binary payload is not copied, and its promise settles when the socket has taken its last byte. [REM-7] */
export const COPIED = 16 * 1024;

/** What its members return is undefined for what was accepted at once. */
export class Outlet {
  /** The channel, or the batch in front of it. */
  to: Messages;
  readonly settling: Settling;
  readonly #channel: Channel;
  readonly #slow: SlowPeer;
  #batch: Batch | null = null;

  constructor(sender: Sender, channel: Channel, slow: SlowPeer) {
    this.to = channel;
    this.settling = new Settling(sender, channel, slow);
    this.#channel = channel;
    this.#slow = slow;
  }

  /** A message that is ours: nobody waits for its last byte. */
  whole(message: string | Bytes, limit: Limit): Promise<void> | undefined {
    if (typeof message === 'string') this.to.text(message);
    else this.to.binary(message);
    return this.settling.room(limit);
  }

  /** The same for one whose encoder took its time. @throws IOException if too much waits by now [REL-10] */
  late(message: string | Bytes, limit: Limit): Promise<void> | undefined {
    const objection = this.#slow.lateObjection();
    if (objection !== null) throw objection; // a promise could have nobody: the session may just have closed
    return this.whole(message, limit);
  }

  /** Bytes that are not copied are the caller's own until the last of them has left. [REM-5] */
  put(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, limit: Limit): Promise<void> | undefined {
    if (typeof data !== 'string' && data.byteLength > COPIED) {
      return this.settling.lastByte((done) => this.to.part(kind, data, first, last, done), limit);
    }
    this.to.part(kind, data, first, last);
    return this.settling.room(limit);
  }

  /** What is held back leaves, and nobody waits for it. */
  release(): void {
    this.#batch?.flush();
  }

  /** What is held back, and what the channel has not handed over yet, never leaves. False: nothing can follow what it has. [REL-10] */
  discard(error: Error): boolean {
    this.#batch?.drop();
    this.settling.gone(error);
    return this.#channel.discard(error);
  }

  /** What is held back leaves. */
  flush(limit: Limit): Promise<void> | undefined {
    if (this.#batch === null || this.#batch.isEmpty) return undefined;
    this.release();
    return this.settling.room(limit);
  }

  /** Puts a batch there, or takes it away. [REM-2] */
  holdBack(on: boolean, limit: Limit): Promise<void> | undefined {
    if (on === (this.#batch !== null)) return undefined;
    const flushed = this.flush(limit);
    this.#batch = on ? new Batch(this.#channel) : null;
    this.to = this.#batch ?? this.#channel;
    this.settling.gauge = this.to;
    return flushed;
  }
}
