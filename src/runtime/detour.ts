/** The way of what cannot go straight to the channel: through an encoder or a stream, or behind one that is at work. [REM-15] */
import type { OutputStream, Writer } from '../api/streams.js';
import type { Bytes } from '../api/tokens.js';
import type { Done, MessageKind } from '../transport/spi.js';
import { copyOf } from './bytes.js';
import { type Coder, encoded, isStreaming, kindOf, written } from './encoding.js';
import { Line } from './line.js';
import { type FragmentWay, OutgoingMessage } from './outgoing-message.js';
import { COPIED, type Outlet } from './outlet.js';
import type { Limit } from './settling.js';
import { maker } from './streams.js';

/** Bytes: about what a message costs that waits here, beside its own. */
const REMEMBERED = 300;

export class Detour {
  readonly #outlet: Outlet;
  readonly #way: FragmentWay;
  readonly #line = new Line();
  /** Bytes (of text: characters), and what it costs to remember each message, that wait for their turn; of an object only the latter is known before. */
  waiting = 0;
  /** The end of it all, while it waits in the line. */
  #last: (() => void) | null = null;

  constructor(outlet: Outlet, way: FragmentWay) {
    this.#outlet = outlet;
    this.#way = way;
  }

  /** Something is at work, so what is sent now has to wait. */
  get busy(): boolean {
    return this.#line.busy;
  }

  /** A message, or a part of one, of the caller's: what is not copied is the caller's own until its last byte has left. [REM-5] */
  put(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, limit: Limit): Promise<void> {
    const kept = typeof data === 'string' || data.byteLength > COPIED ? data : copyOf(data);
    return this.#add(kept, () => this.#outlet.put(kind, kept, first, last, limit));
  }

  /** A message that is ours. */
  whole(message: string | Bytes, limit: Limit): Promise<void> {
    return this.#add(message, () => this.#outlet.whole(message, limit));
  }

  /** An object; what an encoder makes at once makes no promise, if nothing is at work. @throws EncodeException */
  through(coder: Coder, value: unknown, limit: Limit): Promise<void> | undefined {
    if (isStreaming(coder)) return this.#throughStream(coder, value, limit);
    const encode = () => encoded(coder, value);
    let isLate = this.busy;
    const put = (message: string | Bytes) => (isLate ? this.#outlet.late(message, limit) : this.#outlet.whole(message, limit));
    const sent = isLate ? this.#behind(0, encode, put) : this.#line.now(encode, put); // one call at a time [COD-2]
    isLate = true;
    return sent;
  }

  /** The application's own stream: all that is sent after it waits until its message is over. */
  stream(kind: MessageKind): Writer | OutputStream {
    const message = new OutgoingMessage(this.#way, kind, null, false);
    const stream = streamOf(message);
    this.#line
      .add(
        () => message.takeTurn(),
        nothing,
        (error) => stream.destroy(error),
      )
      .catch(nothing);
    return stream;
  }

  /** Something to be done behind what was sent before. */
  inTurn(put: () => Promise<void> | undefined): Promise<void> {
    return this.#line.add(nothing, put);
  }

  /** The last thing to be done; `done` hears that its turn never came. */
  atLast(action: () => void, done: Done | undefined): void {
    this.#last = action;
    this.#line
      .add(
        nothing,
        () => this.#end(),
        (error) => this.#last && done?.(error),
      )
      .catch(nothing);
  }

  /** The last thing is done now, and what waits in front of it fails. False if it does not wait here. */
  overtake(error: Error): boolean {
    const last = this.#last;
    if (last === null) return false;
    this.#last = null; // it is not what is given up
    this.abort(error);
    last();
    return true;
  }

  /** Nothing of it will leave. */
  abort(error: Error): void {
    this.waiting = 0;
    this.#line.abort(error);
  }

  #add(message: string | Bytes, put: () => Promise<void> | undefined): Promise<void> {
    return this.#behind(typeof message === 'string' ? message.length : message.byteLength, nothing, put);
  }

  /** It counts until its turn has come. */
  #behind<T>(
    bytes: number,
    work: () => T | PromiseLike<T>,
    put: (made: T) => Promise<void> | undefined,
    aborted?: (error: Error) => void,
  ): Promise<void> {
    const size = REMEMBERED + bytes;
    this.waiting += size;
    const counted = () => {
      this.waiting -= size;
      return work();
    };
    return this.#line.add(counted, put, aborted);
  }

  #end(): undefined {
    const last = this.#last;
    this.#last = null;
    last?.();
  }

  #throughStream(coder: Coder, value: unknown, limit: Limit): Promise<void> {
    const message = new OutgoingMessage(this.#way, kindOf(coder), limit, true);
    const stream = streamOf(message);
    return this.#behind(
      0,
      () => written(coder, value, stream, message),
      () => message.outcome,
      (error) => stream.destroy(error),
    );
  }
}

/** The stream of a message, which need not have a place in the line. */
export function streamOf(message: OutgoingMessage): Writer | OutputStream {
  return message.kind === 'text' ? maker('writer')(message) : maker('outputStream')(message);
}

function nothing(): undefined {}
