/** A house that has been asked about the next message already, and is not asked again by whoever reads it. */
import type { ChannelListener, Intake, MessageKind } from '../spi.js';

export class Foreseen implements ChannelListener {
  readonly #house: ChannelListener;
  #kind: MessageKind | null = null;
  #intake: Intake | null = null;

  constructor(house: ChannelListener) {
    this.#house = house;
  }

  /** Asks, and keeps the answer for the next message of that kind. */
  ask(kind: MessageKind): Intake {
    const intake = this.#house.intake(kind);
    this.#kind = kind;
    this.#intake = intake;
    return intake;
  }

  intake(kind: MessageKind): Intake {
    const intake = this.#kind === kind ? this.#intake : null;
    this.#kind = null;
    return intake ?? this.#house.intake(kind);
  }

  onText(text: string): void {
    this.#house.onText(text);
  }

  onBinary(bytes: Buffer): void {
    this.#house.onBinary(bytes);
  }

  onPart(kind: MessageKind, data: string | Buffer, last: boolean): void {
    this.#house.onPart(kind, data, last);
  }

  onPong(bytes: Buffer): void {
    this.#house.onPong(bytes);
  }

  onClosing(code: number, phrase: string): void {
    this.#house.onClosing(code, phrase);
  }

  onFailed(code: 1002 | 1007 | 1009, error: Error): void {
    this.#house.onFailed(code, error);
  }

  // No reader tells of these.

  onOpened(): void {}
  onDrained(): void {}
  onClosed(): void {}
}
