/** A house that writes down what a channel tells it. */
import { Buffer } from 'node:buffer';
import type { ChannelListener, Intake, MessageKind } from '../../src/transport/spi.js';

export type Event = readonly [name: string, ...args: unknown[]];

export const WHOLE: Intake = Object.freeze({ mode: 'whole', limit: Number.POSITIVE_INFINITY });
export const PARTS: Intake = Object.freeze({ mode: 'parts', limit: Number.POSITIVE_INFINITY });
export const SKIP: Intake = Object.freeze({ mode: 'skip', limit: Number.POSITIVE_INFINITY });
export const WAIT: Intake = Object.freeze({ mode: 'wait', limit: Number.POSITIVE_INFINITY });
export const upTo = (limit: number): Intake => Object.freeze({ mode: 'whole', limit });

export class Recorder implements ChannelListener {
  readonly events: Event[] = [];
  /** Called after each event. */
  after: (event: Event) => void = () => {};
  /** Whether drained events are worth a line. */
  drained = 0;
  error: Error | undefined;

  constructor(public wants: Intake | ((kind: MessageKind) => Intake) = WHOLE) {}

  intake(kind: MessageKind): Intake {
    return typeof this.wants === 'function' ? this.wants(kind) : this.wants;
  }

  #note(...event: Event): void {
    this.events.push(event);
    this.after(event);
  }

  onOpened(): void {
    this.#note('opened');
  }

  onText(text: string): void {
    this.#note('text', text);
  }

  onBinary(bytes: Buffer): void {
    this.#note('binary', bytes.toString('hex'));
  }

  onPart(kind: MessageKind, data: string | Buffer, last: boolean): void {
    this.#note('part', kind, typeof data === 'string' ? data : data.toString('hex'), last);
  }

  onPing(bytes: Buffer): void {
    this.#note('ping', bytes.toString('hex'));
  }

  onPong(bytes: Buffer): void {
    this.#note('pong', bytes.toString('hex'));
  }

  onDrained(): void {
    this.drained++;
  }

  onClosing(code: number, phrase: string): void {
    this.#note('closing', code, phrase);
  }

  onFailed(code: number, error: Error): void {
    this.error = error;
    this.#note('failed', code);
  }

  onClosed(error?: Error): void {
    this.error = error ?? this.error;
    this.#note('closed', (error as NodeJS.ErrnoException | undefined)?.code ?? error?.message);
  }
}
