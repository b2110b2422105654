/** Somebody in a room, and the pictures on their way to them: one at a time, and then the newest. */
import type { Session } from 'margay';

/** A picture as it is sent. */
export interface Frame {
  readonly number: number;
  /** The number in four bytes, and the picture. One for all: nobody may change it. */
  readonly message: Buffer;
}

const LONGEST_NAME = 40;

export class Viewer {
  readonly name: string;
  /** Pictures that they have, and pictures that they were spared. */
  shown = 0;
  dropped = 0;
  readonly #session: Session;
  #inFlight: Frame | null = null;
  #waiting: Frame | null = null;

  constructor(name: string, session: Session) {
    this.name = [...name].slice(0, LONGEST_NAME).join('');
    this.#session = session;
  }

  /**
   * A send is done when the kernel has the bytes, and there is room for seconds of pictures between there and a screen. So a picture
   * is in flight until the page says that it has shown it: whoever is slow sees few pictures, but none that is old.
   */
  offer(frame: Frame): void {
    if (this.#inFlight === null) return this.#send(frame);
    if (this.#waiting !== null) this.dropped++;
    this.#waiting = frame;
  }

  /** They have shown this one. */
  got(number: number): void {
    if (this.#inFlight?.number !== number) return;
    this.shown++;
    const next = this.#waiting;
    this.#inFlight = this.#waiting = null;
    if (next !== null) this.#send(next);
  }

  /** What waits is out of date. */
  forget(): void {
    this.#waiting = null;
  }

  /** Text overtakes no text, and is not left out. Nobody waits for it; a send to somebody who has left is no error. */
  tell(text: string): void {
    void this.#session.getBasicRemote().sendText(text);
  }

  #send(frame: Frame): void {
    this.#inFlight = frame;
    void this.#session.getBasicRemote().sendBinary(frame.message);
  }
}
