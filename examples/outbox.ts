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
  #isSending = false;
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
    if (!this.#isSending) void this.#send();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#remote.sendObject(next);
    } catch (error) {
      this.#giveUp(); // whoever has left is told nothing more; @OnClose does the rest
      report('Outbox', error as Error);
    }
    this.#isSending = false;
  }

  #giveUp(): void {
    this.#isOver = true;
    this.#waiting = [];
  }
}
