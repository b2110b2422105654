/** Frames on their way out through the connection's extensions, one after the other whatever time each takes. [EXT-16] */
import type { Done, Frame, Transformation } from '../spi.js';
import { CLOSE, FIN, headerSize, MASKED, PONG, violation } from './frame-header.js';
import type { FrameSink, FrameWriter } from './frame-writer.js';
import { call, refuse } from './receipts.js';
import { claimedBy, errorOf, firstOf, frameOf, isThenable, pass } from './transforming.js';
import type { QueueOwner, WriteQueue } from './write-queue.js';

export interface TransformingOwner extends QueueOwner {
  /** An extension has failed: nothing but a close frame leaves any more. Never told within a call. */
  onUnsendable(error: Error): void;
}

export interface TransformingOptions {
  /** In the order in which they get a frame. */
  readonly transformations: readonly Transformation[];
  readonly isServer: boolean;
  /** Messages may be compressed. */
  readonly deflates: boolean;
}

/** A frame, or something to be done behind those before it. */
type Job = { readonly frame: Frame } | { readonly action: () => void } | { readonly done: Done };

export class TransformingWriter implements FrameSink {
  waiting = 0;
  readonly #writer: FrameWriter;
  readonly #queue: WriteQueue;
  readonly #owner: TransformingOwner;
  readonly #options: TransformingOptions;
  readonly #claimed: number;
  #jobs: Job[] = [];
  /** A job is being done; one that takes longer goes on by itself. */
  #working = false;
  #inMessage = false;
  #failure: Error | null = null;
  #aborted = false;
  /** Grows when what is under way is given up. */
  #epoch = 0;
  /** While the peer does not read one answer to a ping is under way, and the latest of the others is kept. [REL-10] */
  #answering = false;
  #latestPong: Buffer | null = null;

  constructor(writer: FrameWriter, queue: WriteQueue, options: TransformingOptions, owner: TransformingOwner) {
    this.#writer = writer;
    this.#queue = queue;
    this.#options = options;
    this.#owner = owner;
    this.#claimed = claimedBy(options.transformations);
  }

  get framesSent(): number {
    return this.#writer.framesSent;
  }

  get messagesSent(): number {
    return this.#writer.messagesSent;
  }

  text(first: number, text: string): void {
    this.#take(first, Buffer.from(text));
  }

  bytes(first: number, data: Uint8Array): void {
    this.#take(first, Buffer.from(data));
  }

  frame(frame: Buffer): void {
    this.#take(frame[0] as number, Buffer.from(frame.subarray(headerSize(frame[1] as number))));
  }

  pong(payload: Buffer): void {
    if (!this.#working && !this.#queue.congested) return this.bytes(FIN | PONG, payload);
    if (this.#answering) {
      this.#latestPong = Buffer.from(payload);
      return;
    }
    this.#answering = true;
    this.bytes(FIN | PONG, payload);
    this.whenGone((error) => {
      this.#answering = false;
      const latest = this.#latestPong;
      this.#latestPong = null;
      if (latest !== null && error === undefined) this.pong(latest);
    });
  }

  close(payload: Buffer): void {
    if (this.#latestPong !== null) this.bytes(FIN | PONG, this.#latestPong);
    this.#latestPong = null;
    this.#take(FIN | CLOSE, payload);
  }

  behind(action: () => void): void {
    this.#jobs.push({ action });
    this.#work();
  }

  whenGone(done: Done): void {
    this.#jobs.push({ done });
    this.#work();
  }

  /** What comes of the frame that an extension has is thrown away; what follows waits for it all the same, so that it gets one at a time. */
  discard(error: Error): void {
    this.#epoch++;
    this.#latestPong = null;
    const jobs = this.#jobs;
    this.#jobs = [];
    this.waiting = 0;
    for (const job of jobs) if ('done' in job) call(job.done, error, this.#owner);
  }

  abort(error: Error): void {
    this.#aborted = true;
    this.discard(error);
  }

  #take(first: number, payload: Buffer): void {
    this.waiting += payload.length;
    this.#jobs.push({ frame: frameOf(first, payload) });
    this.#work();
  }

  #work(): void {
    if (this.#working) return;
    this.#working = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      if ('action' in job) job.action();
      else if ('done' in job) this.#promise(job.done);
      else if (!this.#send(job.frame)) return;
    }
    this.#working = false;
  }

  #promise(done: Done): void {
    if (this.#failure === null) this.#queue.whenGone(done);
    else refuse(done, this.#failure, this.#owner);
  }

  /** False: it takes longer. */
  #send(frame: Frame): boolean {
    const size = frame.payload.length;
    if (this.#failure !== null && frame.opcode !== CLOSE) {
      this.waiting -= size;
      return true;
    }
    try {
      const result = pass(frame, this.#options.transformations, 'outbound');
      if (isThenable(result)) {
        void this.#later(result, size);
        return false;
      }
      this.#write(result);
    } catch (error) {
      this.#fail(error);
    }
    this.waiting -= size;
    return true;
  }

  async #later(result: Promise<Frame>, size: number): Promise<void> {
    const epoch = this.#epoch;
    try {
      const frame = await result;
      if (epoch === this.#epoch) this.#write(frame);
    } catch (error) {
      this.#fail(error);
    }
    if (this.#aborted) return;
    if (epoch === this.#epoch) this.waiting -= size;
    this.#working = false;
    this.#work();
  }

  /** An extension must not make a frame that no peer could read. */
  #write(frame: Frame): void {
    const { isServer, deflates } = this.#options;
    const first = firstOf(frame);
    const second = Math.min(frame.payload.length, 126) | (isServer ? 0 : MASKED);
    const sentence = violation(first & ~this.#claimed, second, !isServer, deflates, this.#inMessage);
    if (sentence !== null) throw new Error(`an extension made a frame that is illegal: ${sentence}`);
    if (frame.opcode < CLOSE) this.#inMessage = !frame.fin;
    this.#writer.bytes(first, frame.payload);
    if (frame.opcode === CLOSE) this.#failure = null; // that much could be said
  }

  #fail(thrown: unknown): void {
    if (this.#aborted) return;
    const isFirst = this.#failure === null;
    this.#failure = errorOf(thrown);
    if (isFirst) setImmediate(tell, this.#owner, this.#failure);
  }
}

const tell = (owner: TransformingOwner, error: Error): void => owner.onUnsendable(error);
