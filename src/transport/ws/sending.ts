/** The sending half of a channel: messages as frames, compressed and transformed as was agreed on, in order. */
import type { Duplex } from 'node:stream';
import type { Bytes, DeflateParameters, Done, MessageKind, Transformation } from '../spi.js';
import { deflateOptions } from './deflate.js';
import { CONTINUATION, FIN, opcodeOf } from './frame-header.js';
import { type FrameSink, FrameWriter, viewOf } from './frame-writer.js';
import { Outbox } from './outbox.js';
import type { PreparedMessage } from './prepared-message.js';
import { recentMessage } from './recent-message.js';
import { type TransformingOwner, TransformingWriter } from './transforming-writer.js';
import { WriteQueue } from './write-queue.js';

export interface WsChannelOptions {
  readonly isServer: boolean;
  /** permessage-deflate as negotiated, or null. */
  readonly deflate: DeflateParameters | null;
  /** The one next to the application first. */
  readonly transformations?: readonly Transformation[];
}

export class Sending {
  readonly queue: WriteQueue;
  readonly writer: FrameSink;
  /** The peer has ended its direction: ours ends with the close frame. */
  endsWithClose = false;
  readonly #options: WsChannelOptions;
  readonly #owner: TransformingOwner;
  #outbox: Outbox | null = null;

  constructor(socket: Duplex, options: WsChannelOptions, owner: TransformingOwner) {
    const { isServer, deflate, transformations = [] } = options;
    this.#options = options;
    this.#owner = owner;
    this.queue = new WriteQueue(socket, owner);
    const writer = new FrameWriter(this.queue, isServer);
    const transforming = { transformations, isServer, deflates: deflate !== null };
    this.writer = transformations.length === 0 ? writer : new TransformingWriter(writer, this.queue, transforming, owner);
  }

  /** Bytes that the kernel has not taken. */
  get waiting(): number {
    return this.queue.waiting + this.writer.waiting + (this.#outbox?.waiting ?? 0);
  }

  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void {
    const isWhole = first && last && (typeof data === 'string') === (kind === 'text'); // a Writer's text comes as bytes
    if (this.#options.deflate !== null && isWhole && this.#options.isServer) {
      this.#compressed().prepared(recentMessage(data), done);
    } else if (this.#options.deflate !== null) {
      const bytes = typeof data === 'string' ? Buffer.from(data) : viewOf(data);
      this.#compressed().send(kind, bytes, first, last, done);
    } else {
      const header = (last ? FIN : 0) | (first ? opcodeOf(kind) : CONTINUATION);
      if (typeof data === 'string') this.writer.text(header, data);
      else this.writer.bytes(header, viewOf(data));
      this.onQueued(done);
    }
  }

  prepared(message: PreparedMessage, done?: Done): void {
    if (this.#options.deflate !== null) {
      this.#compressed().prepared(message, done);
    } else {
      if (this.#options.isServer) this.writer.frame(message.frame);
      else this.writer.bytes(FIN | opcodeOf(message.kind), message.payload);
      this.onQueued(done);
    }
  }

  control(opcode: number, bytes: Bytes, done?: Done): void {
    this.writer.bytes(FIN | opcode, viewOf(bytes));
    this.onQueued(done);
  }

  close(payload: Buffer, done?: Done): void {
    this.#behindAll(() => {
      this.writer.close(payload);
      this.writer.behind(() => {
        this.queue.pump();
        if (this.endsWithClose) this.queue.end();
      });
    }, done);
  }

  /** Ends our direction behind everything. */
  end(): void {
    this.#behindAll(() => this.writer.behind(() => this.queue.end()));
  }

  /** Forgets what the socket has not been given; each `done` of it gets the error. False: nothing can follow what it has. */
  discard(error: Error): boolean {
    this.#outbox?.abort(error);
    this.#outbox = null; // a close frame waits for no compressor
    this.writer.discard(error);
    return this.queue.discard(error);
  }

  /** The connection is gone: forgets everything; each `done` gets an error. */
  abort(cause: Error | undefined): void {
    const { transformations = [] } = this.#options;
    const isAwaited = this.#outbox !== null || transformations.length > 0 || this.queue.isAwaited;
    if (!isAwaited) return this.queue.abort(null); // nobody is told, and an error is not cheap to make
    const error = new Error('The connection is gone', { cause });
    this.#outbox?.abort(error);
    this.writer.abort(error);
    this.queue.abort(error);
  }

  /** @internal */
  onQueued(done: Done | undefined): void {
    if (done !== undefined) this.writer.whenGone(done);
  }

  /** @internal */
  onDefect(error: unknown): void {
    this.#owner.onDefect(error);
  }

  #compressed(): Outbox {
    const { isServer, deflate } = this.#options;
    this.#outbox ??= new Outbox(this.writer, deflateOptions(deflate as DeflateParameters, isServer), isServer, this);
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
}
