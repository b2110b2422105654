/** Compresses what goes out, in order: what comes while a compression is under way waits behind it. [EXT-14] */
import type { Done, MessageKind } from '../spi.js';
import { type DeflateOptions, deflateInOneGo } from './deflate.js';
import { Deflater } from './deflater.js';
import { CONTINUATION, FIN, opcodeOf, RSV1 } from './frame-header.js';
import { COPIED, type FrameSink } from './frame-writer.js';
import type { PreparedMessage } from './prepared-message.js';

/** Whom an outbox tells. */
export interface OutboxOwner {
  /** The job's bytes are queued; `done` is to be called once they are gone. */
  onQueued(done: Done | undefined): void;
  onDefect(error: unknown): void;
}

/** A message, a part of one, or (without bytes) something to be done behind them. */
interface Job {
  readonly kind: MessageKind;
  readonly bytes: Uint8Array;
  readonly first: boolean;
  readonly last: boolean;
  readonly prepared?: PreparedMessage;
  readonly action?: () => void;
  readonly done: Done | undefined;
}

const EMPTY = Buffer.alloc(0);

export class Outbox {
  readonly #writer: FrameSink;
  readonly #options: DeflateOptions;
  readonly #isServer: boolean;
  readonly #owner: OutboxOwner;
  #jobs: Job[] = [];
  /** Its compression is under way. */
  #current: Job | null = null;
  #deflater: Deflater | null = null;
  /** The message in parts has a frame out already. */
  #begun = false;
  #working = false;
  #aborted = false;
  /** Bytes that wait, not yet compressed. */
  waiting = 0;

  constructor(writer: FrameSink, options: DeflateOptions, isServer: boolean, owner: OutboxOwner) {
    this.#writer = writer;
    this.#options = options;
    this.#isServer = isServer;
    this.#owner = owner;
  }

  get isIdle(): boolean {
    return this.#current === null && this.#jobs.length === 0;
  }

  send(kind: MessageKind, bytes: Uint8Array, first: boolean, last: boolean, done: Done | undefined): void {
    const kept = !this.isIdle && bytes.length <= COPIED ? Buffer.from(bytes) : bytes;
    this.#add({ kind, bytes: kept, first, last, done });
  }

  prepared(prepared: PreparedMessage, done: Done | undefined): void {
    this.#add({ kind: prepared.kind, bytes: prepared.payload, first: true, last: true, prepared, done });
  }

  /** Does it behind all that was sent before. */
  behind(action: () => void, done?: Done): void {
    this.#add({ kind: 'text', bytes: EMPTY, first: true, last: true, action, done });
  }

  /** Forgets everything; each `done` gets the error. */
  abort(error: Error): void {
    this.#aborted = true;
    this.#deflater?.close();
    this.#deflater = null;
    const jobs = this.#current === null ? this.#jobs : [this.#current, ...this.#jobs];
    this.#current = null;
    this.#jobs = [];
    this.waiting = 0;
    for (const { done } of jobs) {
      try {
        done?.(error);
      } catch (defect) {
        this.#owner.onDefect(defect);
      }
    }
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    this.waiting += job.bytes.length;
    this.#work();
  }

  /** Jobs done at once come back here: the outermost call goes on with the next, and the stack stays flat. */
  #work(): void {
    if (this.#working) return;
    this.#working = true;
    while (this.#current === null && this.#jobs.length > 0) {
      const job = this.#jobs.shift() as Job;
      this.#current = job;
      try {
        this.#start(job);
      } catch (error) {
        this.#owner.onDefect(error); // zlib has no memory: who sends next is another connection, perhaps
      }
    }
    this.#working = false;
  }

  #start(job: Job): void {
    const { bytes, first, last, prepared, action } = job;
    const whole = last && (first || !this.#begun);
    if (action !== undefined) this.#act(job, action);
    else if (bytes.length === 0 && (whole || !last)) this.#startEmpty(job);
    else if (whole && prepared !== undefined && this.#isServer && this.#options.noContextTakeover) this.#startPrepared(job, prepared);
    else this.#startPlain(job, whole && this.#options.noContextTakeover);
  }

  #startPlain(job: Job, standsAlone: boolean): void {
    const deflated = standsAlone ? deflateInOneGo(job.bytes, this.#options) : null;
    if (deflated === null) this.#startDeflater(job);
    else this.#finish(job, deflated);
  }

  #act(job: Job, action: () => void): void {
    action();
    this.#end(job);
  }

  /** A message without a byte goes uncompressed; an empty part before the last says nothing and is left out. */
  #startEmpty(job: Job): void {
    if (job.last) this.#writer.bytes(FIN | opcodeOf(job.kind), EMPTY);
    this.#end(job);
  }

  #startPrepared(job: Job, prepared: PreparedMessage): void {
    prepared.deflated(this.#options, (frame) => {
      if (this.#aborted) return;
      if (frame !== null) {
        this.#writer.frame(frame);
        this.#end(job);
      } else {
        this.#startDeflater(job);
      }
    });
  }

  #startDeflater(job: Job): void {
    this.#deflater ??= new Deflater(this.#options, (error) => this.#owner.onDefect(error));
    const { bytes } = job;
    const kept = bytes.length <= COPIED ? Buffer.from(bytes) : bytes; // zlib reads it after the call
    this.#deflater.deflate(kept, job.last, (deflated) => this.#finish(job, deflated));
  }

  #finish(job: Job, deflated: Buffer): void {
    const opcode = this.#begun ? CONTINUATION : RSV1 | opcodeOf(job.kind);
    this.#begun = !job.last;
    if (job.last && this.#options.noContextTakeover) {
      this.#deflater?.close();
      this.#deflater = null;
    }
    this.#writer.bytes((job.last ? FIN : 0) | opcode, deflated);
    this.#end(job);
  }

  #end(job: Job): void {
    this.#current = null;
    this.waiting -= job.bytes.length;
    this.#owner.onQueued(job.done);
    this.#work();
  }
}
