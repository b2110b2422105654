/** One socket that speaks WebSocket, either end of it. [D-24] */
import type { Duplex } from 'node:stream';
import { types } from 'node:util';
import type { Bytes, Channel, ChannelCounters, ChannelListener, DeflateParameters, Done, MessageKind, Prepared } from '../spi.js';
import { writeClose } from './close-payload.js';
import { deflateOptions } from './deflate.js';
import { CLOSE, CONTINUATION, FIN, opcodeOf, PING, PONG, TEXT } from './frame-header.js';
import { FrameReader, type ReaderOwner } from './frame-reader.js';
import { FrameWriter, viewOf } from './frame-writer.js';
import { inflateOptions } from './inflate.js';
import { Outbox, type OutboxOwner } from './outbox.js';
import { PreparedMessage } from './prepared-message.js';
import { destroyAfter, read, type SocketOwner, watch } from './socket-events.js';
import { type QueueOwner, refuse, WriteQueue } from './write-queue.js';

export interface WsChannelOptions {
  readonly isServer: boolean;
  /** permessage-deflate as negotiated, or null. */
  readonly deflate: DeflateParameters | null;
}

/** How long what is queued may take to leave after the peer has ended its direction, in ms, where the house does not see to it. */
const LINGER = 2000;

export class WsChannel implements Channel, ReaderOwner, QueueOwner, OutboxOwner, SocketOwner {
  lastRead = performance.now();
  lastWritten = this.lastRead;
  readonly #socket: Duplex;
  readonly #options: WsChannelOptions;
  readonly #queue: WriteQueue;
  readonly #writer: FrameWriter;
  #outbox: Outbox | null = null;
  #listener: ChannelListener | null = null;
  #reader: FrameReader | null = null;
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
    this.#queue = new WriteQueue(socket, this);
    this.#writer = new FrameWriter(this.#queue, options.isServer);
    watch(socket, this);
  }

  /** Starts to read, `head` first; `listener.onOpened` was called before. */
  begin(listener: ChannelListener, head: readonly Buffer[]): void {
    const socket = this.#socket;
    this.#listener = listener;
    const { isServer, deflate } = this.#options;
    this.#reader = new FrameReader(listener, this, { isServer, deflate: deflate && inflateOptions(deflate, isServer) });
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
    if (this.#shut || this.#options.deflate !== null) {
      this.part('text', text, true, true, done);
    } else {
      this.#writer.text(FIN | TEXT, text);
      if (done !== undefined) this.#queue.whenGone(done);
    }
  }

  binary(bytes: Bytes, done?: Done): void {
    this.part('binary', bytes, true, true, done);
  }

  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void {
    if (this.#shut) {
      this.#refuse(done);
    } else if (this.#options.deflate !== null) {
      const bytes = typeof data === 'string' ? Buffer.from(data) : viewOf(data);
      this.#compressed().send(kind, bytes, first, last, done);
    } else {
      const header = (last ? FIN : 0) | (first ? opcodeOf(kind) : CONTINUATION);
      if (typeof data === 'string') this.#writer.text(header, data);
      else this.#writer.bytes(header, viewOf(data));
      this.onQueued(done);
    }
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
    this.#behindAll(() => {
      this.#queue.lineUp();
      this.#writer.bytes(FIN | CLOSE, writeClose(code, phrase));
      this.#queue.pump();
      if (this.#allDelivered) this.#queue.end();
    }, done);
  }

  end(): void {
    this.#shut = true;
    this.#behindAll(() => this.#queue.end());
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
    const message = prepared as PreparedMessage;
    if (this.#shut) {
      this.#refuse(done);
    } else if (this.#options.deflate !== null) {
      this.#compressed().prepared(message, done);
    } else {
      if (this.#options.isServer) this.#writer.frame(message.frame);
      else this.#writer.bytes(FIN | opcodeOf(message.kind), message.payload);
      this.onQueued(done);
    }
  }

  get bufferedAmount(): number {
    return this.#gone ? 0 : this.#queue.waiting + (this.#outbox?.waiting ?? 0);
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
    if (this.#socketClosed) this.finish();
    if (this.#reader?.isOver && !this.#shut) return;
    const bounded = this.#listener?.onEnded !== undefined; // such a house has its own times
    if (bounded && !this.#shut) return this.#listener?.onEnded?.();
    this.end();
    if (!bounded && this.bufferedAmount > 0) destroyAfter(LINGER, this.#socket);
  }

  /** @internal */
  onWritten(): void {
    this.lastWritten = performance.now();
    try {
      this.#listener?.onDrained();
    } catch (error) {
      this.onDefect(error);
    }
  }

  /** @internal */
  onQueued(done: Done | undefined): void {
    if (done !== undefined) this.#queue.whenGone(done);
  }

  /** @internal Somebody above threw, or zlib failed to compress: costs this connection, never the process. [REL-1] */
  onDefect(error: unknown): void {
    this.#reason ??= types.isNativeError(error) ? error : new Error('A listener threw what is no error', { cause: error });
    this.terminate();
  }

  #control(opcode: number, bytes: Bytes, done?: Done): void {
    if (this.#shut) {
      this.#refuse(done);
    } else {
      this.#writer.bytes(FIN | opcode, viewOf(bytes));
      this.onQueued(done);
    }
  }

  #compressed(): Outbox {
    const { isServer, deflate } = this.#options;
    this.#outbox ??= new Outbox(this.#writer, deflateOptions(deflate as DeflateParameters, isServer), isServer, this);
    return this.#outbox;
  }

  #behindAll(action: () => void, done?: Done): void {
    if (this.#outbox !== null) {
      this.#outbox.behind(action, done);
    } else {
      action();
      this.onQueued(done);
    }
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
    if (this.#listener === null) return; // `begin` will tell
    this.#reader?.stop();
    const lost = new Error('The connection is gone', { cause: this.#reason });
    this.#outbox?.abort(lost);
    this.#queue.abort(lost);
    try {
      this.#listener.onClosed(this.#reason);
    } catch {
      // Nobody is left to be told.
    }
  }
}

const finish = (channel: WsChannel): void => channel.finish();
