/** One socket that speaks WebSocket, either end of it. [D-24] */
import type { Duplex } from 'node:stream';
import { types } from 'node:util';
import type { Bytes, Channel, ChannelCounters, ChannelListener, Done, MessageKind, Prepared, Transformation } from '../spi.js';
import { writeClose } from './close-payload.js';
import { FIN, PING, PONG, TEXT } from './frame-header.js';
import { FrameReader } from './frame-reader.js';
import type { FrameSink } from './frame-writer.js';
import { inflateOptions } from './inflate.js';
import { type Reader, type ReaderOwner } from './paced-reader.js';
import { PreparedMessage } from './prepared-message.js';
import { refuse } from './receipts.js';
import { Sending, type WsChannelOptions } from './sending.js';
import { destroyAfter, read, type SocketOwner, watch } from './socket-events.js';
import { closeAll } from './transforming.js';
import { TransformingReader } from './transforming-reader.js';
import type { TransformingOwner } from './transforming-writer.js';
import type { WriteQueue } from './write-queue.js';

/** How long what is queued may take to leave after the peer has ended its direction, in ms, where the house does not see to it. */
const LINGER = 2000;

export class WsChannel implements Channel, ReaderOwner, TransformingOwner, SocketOwner {
  lastRead = performance.now();
  lastWritten = this.lastRead;
  readonly #socket: Duplex;
  readonly #options: WsChannelOptions;
  readonly #sending: Sending;
  readonly #writer: FrameSink;
  readonly #queue: WriteQueue;
  /** Whole text goes to the writer as it is, and nothing waits but in the queue. */
  readonly #isPlain: boolean;
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
    this.#sending = new Sending(socket, options, this);
    this.#writer = this.#sending.writer;
    this.#queue = this.#sending.queue;
    this.#isPlain = options.deflate === null && (options.transformations ?? []).length === 0;
    this.#transformations = options.transformations ?? [];
    watch(socket, this);
  }

  /** Starts to read, `head` first; `listener.onOpened` was called before. */
  begin(listener: ChannelListener, head: readonly Buffer[]): void {
    const socket = this.#socket;
    this.#listener = listener;
    const { isServer, deflate } = this.#options;
    const transformations = this.#transformations;
    const parsing = { isServer, deflate: deflate && inflateOptions(deflate, isServer) };
    this.#reader =
      transformations.length === 0
        ? new FrameReader(listener, this, parsing)
        : new TransformingReader(listener, this, { ...parsing, transformations });
    if (this.#gone || socket.destroyed) {
      this.#gone = false;
      setImmediate(finish, this);
      return;
    }
    if (this.#startsPaused) this.#reader.pause();
    this.#reader.preload(head);
    read(socket);
  }

  text(text: string, done?: Done): void {
    if (this.#isPlain && !this.#shut) {
      this.#writer.text(FIN | TEXT, text);
      if (done !== undefined) this.#writer.whenGone(done);
    } else {
      this.part('text', text, true, true, done);
    }
  }

  binary(bytes: Bytes, done?: Done): void {
    this.part('binary', bytes, true, true, done);
  }

  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void {
    if (this.#shut) this.#refuse(done);
    else this.#sending.part(kind, data, first, last, done);
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
    this.#sending.close(writeClose(code, phrase), done);
  }

  end(): void {
    this.#shut = true;
    this.#sending.end();
  }

  discard(error: Error): boolean {
    return !this.#shut && this.#sending.discard(error);
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
    this.#queue.pump();
  }

  prepare(message: string | Bytes): Prepared {
    return new PreparedMessage(message);
  }

  write(prepared: Prepared, done?: Done): void {
    if (this.#shut) this.#refuse(done);
    else this.#sending.prepared(prepared as PreparedMessage, done);
  }

  get bufferedAmount(): number {
    if (this.#gone) return 0;
    return this.#isPlain ? this.#queue.waiting : this.#sending.waiting;
  }

  get congestion(): number {
    return this.#gone ? 0 : this.#queue.congestion;
  }

  get counters(): ChannelCounters {
    return {
      messagesSent: this.#writer.messagesSent,
      messagesReceived: this.#reader?.messagesReceived ?? 0,
      framesSent: this.#writer.framesSent,
      framesReceived: this.#reader?.framesReceived ?? 0,
      bytesSent: this.#queue.bytesQueued,
      bytesReceived: this.#reader?.bytesReceived ?? 0,
    };
  }

  /** @internal [LIF-7] */
  onPing(bytes: Buffer): void {
    if (!this.#shut) this.#writer.pong(bytes);
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
    this.#sending.endsWithClose = true;
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
    if (this.#gone || this.#reader === null || this.#reader.isOver) return;
    this.#reader.stop();
    try {
      this.#listener?.onFailed(1002, error);
    } catch (defect) {
      this.onDefect(defect);
    }
  }

  #control(opcode: number, bytes: Bytes, done?: Done): void {
    if (this.#shut) this.#refuse(done);
    else this.#sending.control(opcode, bytes, done);
  }

  #refuse(done: Done | undefined): void {
    if (done !== undefined) refuse(done, this.#reason, this);
  }

  /** @internal */
  received(chunk: Buffer): void {
    this.lastRead = performance.now();
    this.#reader?.push(chunk, this.lastRead);
  }

  /** @internal */
  ended(): void {
    this.#peerEnded = true;
    this.#reader?.end();
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
    const lost = new Error('The connection is gone', { cause: this.#reason });
    this.#sending.abort(lost);
    try {
      this.#listener.onClosed(this.#reason);
    } catch {
      // Nobody is left to be told.
    }
  }
}

const finish = (channel: WsChannel): void => channel.finish();
