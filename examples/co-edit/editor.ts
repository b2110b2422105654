/** One open page, and what is on its way to it. */
import type { Session } from 'margay';
import * as Y from 'yjs';

/** The first byte of a binary message. `STATE`: what I have; send me the rest. `UPDATE`: a change. */
export const STATE = 0;
export const UPDATE = 1;

/** What others see of a person. */
export interface Person {
  readonly id: number;
  readonly name: string;
  /** A position that moves with the text, as yjs writes it; null: nowhere. */
  readonly caret: unknown;
}

export class Editor {
  readonly id: number;
  /** null: they have not said who they are. */
  person: Person | null = null;
  readonly #session: Session;
  readonly #doc: Y.Doc;
  #isSending = false;
  /** They were spared changes, or people, while they did not read. */
  #isBehind = false;

  constructor(id: number, session: Session, doc: Y.Doc) {
    this.id = id;
    this.#session = session;
    this.#doc = doc;
  }

  /** Asks for what they have and this side has not. */
  ask(): Promise<void> {
    return this.#send(binary(STATE, Y.encodeStateVector(this.#doc)));
  }

  /** Sends what they have not, who have that much. */
  greet(state: Uint8Array): Promise<void> {
    return this.#send(binary(UPDATE, Y.encodeStateAsUpdate(this.#doc, state)));
  }

  /**
   * Sends a change unless the last one has not left: whoever does not read is not sent change after change, but all that they have
   * missed as one, once they read again. So nobody's queue grows, and nothing is lost.
   *
   * @param everybody what to tell about the people of the document to somebody who has missed some of it
   */
  async tell(message: Uint8Array | string, everybody: () => string): Promise<void> {
    if (this.#isSending) {
      this.#isBehind = true;
      return;
    }
    this.#isSending = true;
    try {
      let has = Y.encodeStateVector(this.#doc);
      await this.#send(message);
      while (this.#isBehind) {
        this.#isBehind = false;
        const missed = Y.encodeStateAsUpdate(this.#doc, has);
        has = Y.encodeStateVector(this.#doc);
        await this.#send(everybody());
        await this.#send(binary(UPDATE, missed));
      }
    } catch {
      // they have left, and @OnClose will say so
    } finally {
      this.#isSending = false;
    }
  }

  #send(message: Uint8Array | string): Promise<void> {
    const remote = this.#session.getBasicRemote();
    return typeof message === 'string' ? remote.sendText(message) : remote.sendBinary(message);
  }
}

export function binary(kind: number, content: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + content.length);
  message[0] = kind;
  message.set(content, 1);
  return message;
}
