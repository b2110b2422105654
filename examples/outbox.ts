/** What one window is still to be told. It is told one thing after the other, so a slow reader holds up nobody, and has a bound. */
import { CloseReason, type RemoteEndpoint, type Session } from 'margay';
import { report } from './errors.js';

/** How many notices wait for a window, beside the news of people, of which there is one for each. */
const PATIENCE = 300;
/** How many wait with these. There is room for some hundreds of people at a time, but others may come in their place. */
const MOST = 2000;

/** The page comes back by itself, and asks for what it has missed. */
const TOO_SLOW = new CloseReason(CloseReason.CloseCodes.TRY_AGAIN_LATER, 'too slow a reader');

export class Outbox {
  readonly #session: Session;
  readonly #remote: RemoteEndpoint.Basic;
  /** By what they are about; a notice of its own is about nothing. */
  #waiting = new Map<unknown, object>();
  #counted = 0;
  #sending: Promise<void> | null = null;
  #isOver = false;

  constructor(session: Session) {
    this.#session = session;
    this.#remote = session.getBasicRemote();
  }

  /**
   * Waits for nobody. The notice needs an encoder.
   *
   * @param person whom the notice is news of: it takes the place of older news that wait, and does not count. However many leave at
   * once, it makes no slow reader of anybody.
   */
  add(notice: object, person?: string): void {
    if (this.#isOver) return;
    if ((person === undefined && this.#counted === PATIENCE) || this.#waiting.size === MOST) {
      this.#giveUp();
      void this.#session.close(TOO_SLOW);
      return;
    }
    if (person === undefined) this.#counted++;
    this.#waiting.set(person ?? {}, notice);
    this.#sending ??= this.#send();
  }

  /** Settles when nothing is being sent; never rejects. Whoever waits for it talks no faster than they read. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) await this.#remote.sendObject(next);
    } catch (error) {
      this.#giveUp(); // whoever has left is told nothing more; @OnClose does the rest
      report('Outbox', error as Error);
    }
    this.#sending = null;
  }

  #next(): object | undefined {
    for (const [about, notice] of this.#waiting) {
      this.#waiting.delete(about);
      if (typeof about !== 'string') this.#counted--;
      return notice;
    }
    return undefined;
  }

  #giveUp(): void {
    this.#isOver = true;
    this.#waiting.clear();
  }
}
