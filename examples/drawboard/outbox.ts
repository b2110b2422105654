/** What waits to be sent to one player: one message is on its way, and the texts behind it become one. [EX-D2] */
import { CloseReason } from 'margay';

/** The way to a player: a session, seen from here. */
export interface Line {
  /** Settles when there is room for more. */
  send(message: string | Buffer): Promise<void>;
  close(reason?: CloseReason): void;
}

/** How much may wait for somebody who does not read. [EX-D6] */
const MOST_MESSAGES = 1000;
const MOST_BYTES = 1_000_000;
const EXCEEDED = new CloseReason(CloseReason.CloseCodes.VIOLATED_POLICY, 'Send Buffer exceeded');

export class Outbox {
  readonly #line: Line;
  #waiting: (string | Promise<Buffer>)[] = [];
  /** Of the texts that wait, at two a character. A picture does not count: whoever comes gets one, however large. */
  #bytes = 0;
  #isSending = false;
  /** `closing`: takes nothing more, and says goodbye behind what waits. */
  #state: 'open' | 'closing' | 'closed' = 'open';
  #farewell: CloseReason | undefined;

  constructor(line: Line) {
    this.#line = line;
  }

  /** A text, or bytes that are still being made: what is added later waits for them too. */
  add(message: string | Promise<Buffer>): void {
    if (this.#state !== 'open') return;
    if (this.#waiting.length >= MOST_MESSAGES || this.#bytes >= MOST_BYTES) return this.#end(EXCEEDED);
    this.#waiting.push(message);
    if (typeof message === 'string') this.#bytes += 2 * message.length;
    if (!this.#isSending) void this.#sendAll();
  }

  /** Behind all that waits. [EX-D6] */
  close(reason: CloseReason): void {
    if (this.#state !== 'open') return;
    if (!this.#isSending) return this.#end(reason);
    this.#state = 'closing';
    this.#farewell = reason;
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        await this.#line.send(typeof next === 'string' ? next : await next);
      }
      if (this.#state === 'closing') this.#end(this.#farewell);
    } catch {
      this.#end(); // whoever has left hears no more
    }
    this.#isSending = false;
  }

  #next(): string | Promise<Buffer> | undefined {
    const first = this.#waiting.shift();
    if (typeof first !== 'string') return first;
    const texts = [first];
    for (let i = 0; typeof this.#waiting[i] === 'string'; i++) texts.push(this.#waiting[i] as string);
    this.#waiting.splice(0, texts.length - 1);
    for (const text of texts) this.#bytes -= 2 * text.length;
    return texts.join(';');
  }

  /** Now, whatever waits. */
  #end(reason?: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#waiting = [];
    this.#line.close(reason);
  }
}
