/** What one window is still to be told. It is told one thing after the other, so a slow reader holds up nobody, and has a bound. */
import { CloseReason, type RemoteEndpoint, type Session } from 'margay';
import { report } from './errors.js';

/** How many notices wait for a window. */
const PATIENCE = 300;

/** The page comes back by itself, and asks for what it has missed. */
const TOO_SLOW = new CloseReason(CloseReason.CloseCodes.TRY_AGAIN_LATER, 'too slow a reader');

export class Outbox {
  readonly #session: Session;
  readonly #remote: RemoteEndpoint.Basic;
  #waiting: object[] = [];
  #sending: Promise<void> | null = null;
  #isOver = false;

  constructor(session: Session) {
    this.#session = session;
    this.#remote = session.getBasicRemote();
  }

  /** Waits for nobody. The notice needs an encoder. */
  add(notice: object): void {
    if (this.#isOver) return;
    if (this.#waiting.length === PATIENCE) {
      this.#giveUp();
      void this.#session.close(TOO_SLOW);
      return;
    }
    this.#waiting.push(notice);
    this.#sending ??= this.#send();
  }

  /** Settles when nothing is being sent; never rejects. Whoever waits for it talks no faster than they read. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#remote.sendObject(next);
    } catch (error) {
      this.#giveUp(); // whoever has left is told nothing more; @OnClose does the rest
      report('Outbox', error as Error);
    }
    this.#sending = null;
  }

  #giveUp(): void {
    this.#isOver = true;
    this.#waiting = [];
  }
}
