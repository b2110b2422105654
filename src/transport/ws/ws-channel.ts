/** One socket that speaks WebSocket, either end of it. [D-24] */
import type { Duplex } from 'node:stream';
import { types } from 'node:util';
import type { Bytes, Channel, ChannelCounters, ChannelListener, Done, MessageKind, Prepared, Transformation } from '../spi.js';
import { writeClose } from './close-payload.js';
import { countersOf } from './counters.js';
import { FIN, PING, PONG, TEXT } from './frame-header.js';
import type { FrameSink } from './frame-writer.js';
import { type Reader, type ReaderOwner } from './paced-reader.js';
import { PreparedMessage } from './prepared-message.js';
import { readerFor } from './reading.js';
import { refuse } from './receipts.js';
import { Sending, type WsChannelOptions } from './sending.js';
import { destroyAfter, read, type SocketOwner, untaken, watch } from './socket-events.js';
import { closeAll } from './transforming.js';
import type { TransformingOwner } from './transforming-writer.js';
import type { WriteQueue } from './write-queue.js';

/** How long what is queued may take to leave after the peer has ended its direction, in ms, where the house does not see to it. */
const LINGER = 2000;

export class WsChannel implements Channel, ReaderOwner, TransformingOwner, SocketOwner {
  lastRead = performance.now();
  lastWritten = this.lastRead;
  readonly #socket: Duplex;
  readonly #options: WsChannelOptions;
  /** Made for the first frame. */
  #sending: Sending | null = null;
  /** Its parts where frames need nothing but to be written: whole text goes to the writer, and nothing waits but in the queue. */
  #writer: FrameSink | null = null;
  #queue: WriteQueue | null = null;
  /** None once they are closed. */
  #transformations: readonly Transformation[];
  #listener: ChannelListener | null = null;
  #reader: Reader | null = null;
  /** Nothing is sent any more: a close frame was, or our direction has ended. */
  #shut = false;
  /** The peer has ended its direction; what came before has been delivered. */
  #peerEnded = false;
  #allDelivered = false;
  /** The house said so before there was a reader. */
  #startsPaused = false;
  #socketClosed = false;
  #terminated = false;
  /** `onClosed` was called, or will be by `begin`. */
  #gone = false;
  #reason: Error | undefined;

  constructor(socket: Duplex, options: WsChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#transformations = options.transformations ?? [];
    watch(socket, this);
  }

  /** Starts to read, `head` first; `listener.onOpened` was called before. `shown`: the listener knows as much of the head as it takes. */
  begin(listener: ChannelListener, head: readonly Buffer[], shown?: () => void): void {
    const socket = this.#socket;
    this.#listener = listener;
    if (this.#gone || socket.destroyed) {
      this.#gone = false;
      this.#reason ??= socket.errored ?? undefined;
      setImmediate(finish, this, shown);
      return;
    }
    if (head.length > 0) this.#makeReader(listener).preload(head, shown);
    read(socket);
  }

  /** For the first bytes: a peer that says nothing needs none. */
  #makeReader(listener: ChannelListener): Reader {
    const reader = readerFor(this.#options, this.#transformations, listener, this);
    this.#reader = reader;
    if (this.#startsPaused) reader.pause();
    if (this.#terminated) reader.stop();
    return reader;
  }

  text(text: string, done?: Done): void {
    const writer = this.#writer;
    if (writer === null || this.#shut) {
      this.part('text', text, true, true, done);
    } else {
      writer.text(FIN | TEXT, text);
      if (done !== undefined) writer.whenGone(done);
    }
  }

  binary(bytes: Bytes, done?: Done): void {
    this.part('binary', bytes, true, true, done);
  }

  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void {
    if (this.#shut) this.#refuse(done);
    else this.#out.part(kind, data, first, last, done);
  }

  ping(bytes: Bytes, done?: Done): void {
    this.#control(PING, bytes, done);
  }

  pong(bytes: Bytes, done?: Done): void {
    this.#control(PONG, bytes, done);
  }

  close(code: number | undefined, phrase: string, done?: Done): void {
    if (this.#shut) {
      this.#refuse(done);
      return;
    }
    this.#shut = true;
    this.#out.close(writeClose(code, phrase), done);
  }

  end(): void {
    this.#shut = true;
    if (!this.#gone) this.#out.end();
  }

  discard(error: Error): boolean {
    return !this.#shut && this.#out.discard(error);
  }

  terminate(): void {
    this.#shut = true;
    this.#terminated = true;
    this.#reader?.stop();
    if (this.#socketClosed) setImmediate(finish, this);
    else this.#socket.destroy();
  }

  pause(): void {
    this.#startsPaused = true;
    this.#reader?.pause();
  }

  resume(): void {
    this.#startsPaused = false;
    this.#reader?.resume();
  }

  flush(): void {
    this.#sending?.queue.pump();
  }

  prepare(message: string | Bytes): Prepared {
    return new PreparedMessage(message);
  }

  write(prepared: Prepared, done?: Done): void {
    if (this.#shut) this.#refuse(done);
    else this.#out.prepared(prepared as PreparedMessage, done);
  }

  get bufferedAmount(): number {
    if (this.#gone) return 0;
    if (this.#queue !== null) return this.#queue.waiting;
    return this.#sending === null ? this.#socket.writableLength : this.#sending.waiting;
  }

  get congestion(): number {
    return this.#gone || this.#socket.writableLength === 0 ? 0 : untaken(this.#socket);
  }

  get counters(): ChannelCounters {
    return countersOf(this.#sending, this.#reader);
  }

  /** @internal [LIF-7] */
  onPing(bytes: Buffer): void {
    if (!this.#shut) this.#out.writer.pong(bytes);
  }

  /** @internal */
  onHold(): void {
    this.#socket.pause();
  }

  /** @internal */
  onRelease(): void {
    this.#socket.resume();
  }

  /** @internal The peer has ended its direction, and all it sent has been delivered: ours ends too, unless the house still owes something. */
  onEnd(): void {
    this.#allDelivered = true;
    this.#out.endsWithClose = true;
    if (this.#socketClosed) this.finish();
    if (this.#reader?.isOver && !this.#shut) return;
    const bounded = this.#listener?.onEnded !== undefined; // such a house has its own times
    if (bounded && !this.#shut) return this.#listener?.onEnded?.();
    this.end();
    if (!bounded && this.bufferedAmount > 0) destroyAfter(LINGER, this.#socket);
  }

  /** @internal */
  onWritten(now: number): void {
    this.lastWritten = now;
    try {
      this.#listener?.onDrained();
    } catch (error) {
      this.onDefect(error);
    }
  }

  /** @internal Somebody above threw, or zlib failed to compress: costs this connection, never the process. [REL-1] */
  onDefect(error: unknown): void {
    this.#reason ??= types.isNativeError(error) ? error : new Error('A listener threw what is no error', { cause: error });
    this.terminate();
  }

  /** @internal [EXT-16] */
  onUnsendable(error: Error): void {
    if (this.#gone || this.#listener === null || this.#reader?.isOver) return;
    (this.#reader ?? this.#makeReader(this.#listener)).stop();
    try {
      this.#listener.onFailed(1002, error);
    } catch (defect) {
      this.onDefect(defect);
    }
  }

  get #out(): Sending {
    if (this.#sending !== null) return this.#sending;
    const { deflate, transformations = [] } = this.#options;
    const sending = new Sending(this.#socket, this.#options, this);
    this.#sending = sending;
    if (deflate !== null || transformations.length > 0) return sending;
    this.#writer = sending.writer;
    this.#queue = sending.queue;
    return sending;
  }

  #control(opcode: number, bytes: Bytes, done?: Done): void {
    if (this.#shut) this.#refuse(done);
    else this.#out.control(opcode, bytes, done);
  }

  #refuse(done: Done | undefined): void {
    if (done !== undefined) refuse(done, this.#reason, this);
  }

  /** @internal */
  received(chunk: Buffer): void {
    this.lastRead = performance.now();
    (this.#reader ?? this.#makeReader(this.#listener as ChannelListener)).push(chunk, this.lastRead);
  }

  /** @internal */
  ended(): void {
    this.#peerEnded = true;
    if (this.#gone || this.#listener === null) return;
    (this.#reader ?? this.#makeReader(this.#listener)).end();
  }

  /** @internal After the peer's end an error only says that what we still sent found nobody. */
  failed(error: Error): void {
    if (this.#peerEnded || this.#gone) return;
    this.#reason ??= error;
    this.finish();
  }

  /** @internal */
  closed(): void {
    this.#socketClosed = true;
    const waits = this.#peerEnded && !this.#allDelivered && !this.#terminated;
    if (!waits) this.finish();
  }

  /** @internal */
  finish(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#shut = true;
    const transformations = this.#transformations;
    this.#transformations = [];
    closeAll(transformations);
    if (this.#listener === null) return; // `begin` will tell
    this.#reader?.stop();
    this.#sending?.abort(this.#reason);
    try {
      this.#listener.onClosed(this.#reason);
    } catch {
      // Nobody is left to be told.
    }
  }
}

function finish(channel: WsChannel, then?: () => void): void {
  channel.finish();
  then?.();
}
