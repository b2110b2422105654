/** What has come to a peer and nobody has taken yet, and who waits for it. */
import { type Closed, closedBefore, notJson, otherKind, waitedTooLong } from './failures.js';
import { afterPatience, PATIENCE } from './patience.js';

/** Of what came, this many are told, and of a text this much. */
const TOLD = 8;
const SHOWN = 40;

/** One call of a waiting verb. */
interface Wish {
  readonly what: string;
  /** Settles the call if what it waits for is there. */
  look(): void;
  fail(error: Error): void;
}

export class Mailbox {
  readonly #messages: (string | Buffer)[] = [];
  readonly #pongs: Buffer[] = [];
  /** In the order of the calls. */
  readonly #wishes = new Set<Wish>();
  readonly #told: string[] = [];
  #count = 0;
  #closed: Closed | null = null;

  get end(): Closed | null {
    return this.#closed;
  }

  message(message: string | Buffer): void {
    this.#messages.push(message);
    this.#came(spell(message));
  }

  pong(data: Buffer): void {
    this.#pongs.push(data);
    this.#came(`a pong of ${data.length} bytes`);
  }

  /** Nothing more comes. */
  close(closed: Closed): void {
    this.#closed = closed;
    this.#serve();
    for (const wish of [...this.#wishes]) wish.fail(closedBefore(wish.what, closed, this.#soFar));
  }

  text(): Promise<string> {
    return this.#wait('a text message', () => this.#take('text', (next) => (typeof next === 'string' ? next : null)));
  }

  binary(): Promise<Buffer> {
    return this.#wait('a binary message', () => this.#take('a binary message', (next) => (typeof next === 'string' ? null : next)));
  }

  async json(): Promise<unknown> {
    const isJson = (next: string | Buffer) => (typeof next === 'string' ? [parsed(next)] : null); // null is JSON too
    const [value] = await this.#wait('a text message with JSON', () => this.#take('text with JSON', isJson));
    return value;
  }

  nextPong(): Promise<Buffer> {
    return this.#wait('a pong', () => this.#pongs.shift() ?? null);
  }

  closed(what: string): Promise<Closed> {
    return this.#wait(what, () => this.#closed);
  }

  /** What a verb makes of the next message; one that fails takes nothing. */
  #take<T>(wanted: string, made: (next: string | Buffer) => T | null): T | null {
    const [next] = this.#messages;
    if (next === undefined) return null;
    const value = made(next);
    if (value === null) throw otherKind(wanted, spell(next));
    this.#messages.shift();
    return value;
  }

  /** Resolves with what `look` finds, now or when more has come; null: nothing yet. */
  #wait<T>(what: string, look: () => T | null): Promise<T> {
    const call = new Error(); // its stack tells which line of the test has waited
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#wishes.delete(wish);
        giveUp();
      };
      const fail = (error: Error): void => {
        settle();
        const frames = call.stack?.split('\n    at ').slice(1) ?? [];
        error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n    at ');
        reject(error);
      };
      const wish: Wish = {
        what,
        look: () => {
          try {
            const found = look();
            if (found === null) return;
            settle();
            resolve(found);
          } catch (error) {
            fail(error as Error);
          }
        },
        fail,
      };
      const giveUp = afterPatience(() => fail(waitedTooLong(what, PATIENCE, this.#soFar)));
      this.#wishes.add(wish);
      this.#serve();
      if (this.#closed !== null && this.#wishes.has(wish)) fail(closedBefore(what, this.#closed, this.#soFar));
    });
  }

  #came(what: string): void {
    this.#count++;
    this.#told.push(what);
    if (this.#told.length > TOLD) this.#told.shift();
    this.#serve();
  }

  #serve(): void {
    for (const wish of [...this.#wishes]) wish.look();
  }

  get #soFar(): string {
    if (this.#count === 0) return 'nothing';
    const before = this.#count - this.#told.length;
    return `${before === 0 ? '' : `${before} others, then `}${this.#told.join(', ')}`;
  }
}

function spell(message: string | Buffer): string {
  if (typeof message !== 'string') return `${message.length} bytes`;
  return JSON.stringify(message.length > SHOWN ? `${message.slice(0, SHOWN)}…` : message);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notJson(text, spell(text), cause);
  }
}
