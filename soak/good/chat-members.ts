/** A few people in the chat: each hears every line of each, and all hear them in the same order. */
import { type Context, GoodClient, within } from './good-client.js';

const COUNT = 6;
const PERIOD = 700; // ms between two lines of one member
const LINE = /: soak (\d+ \d+)$/;

export class ChatMembers {
  received = 0;
  readonly count = COUNT;
  readonly #members: GoodClient[];
  readonly #context: Context;
  /** The lines of members, in the order in which whoever was first has heard them. */
  readonly #lines: string[] = [];
  /** By member, how many of them it has heard. */
  readonly #heardBy: number[] = Array.from({ length: COUNT }, () => 0);
  readonly #saidBy: number[] = Array.from({ length: COUNT }, () => 0);
  readonly #saidAt = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(url: string, context: Context) {
    this.#context = context;
    this.#members = this.#heardBy.map((_, who) => new GoodClient(url, who % 2 === 0, context, (data) => this.#heard(who, String(data))));
  }

  async begin(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.begin()));
    for (const who of this.#members.keys()) this.#timers.push(setInterval(() => this.#say(who), PERIOD + who));
  }

  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const said = this.#saidBy.reduce((sum, each) => sum + each, 0);
    if (!(await within(() => this.#heardBy.every((count) => count === said)))) {
      this.#context.fail(`of ${said} lines in the chat, members have heard ${this.#heardBy.join(', ')}`);
    }
    await Promise.all(this.#members.map((member) => member.end()));
  }

  #say(who: number): void {
    const line = `${who} ${this.#saidBy[who]}`;
    this.#saidBy[who] = (this.#saidBy[who] as number) + 1;
    this.#saidAt.set(line, performance.now());
    this.#members[who]?.send(`soak ${line}`);
  }

  #heard(who: number, text: string): void {
    const line = LINE.exec(text)?.[1];
    if (line === undefined) {
      if (text.startsWith('Skipped')) this.#context.fail(`a chat member that reads was told: ${text}`);
      return;
    }
    this.received++;
    const index = this.#heardBy[who] as number;
    this.#heardBy[who] = index + 1;
    if (index === this.#lines.length) this.#lines.push(line);
    else if (this.#lines[index] !== line) this.#context.fail(`chat member ${who} heard ${line} instead of ${this.#lines[index]}`);
    const at = this.#saidAt.get(line);
    if (at !== undefined) this.#context.latency.note(performance.now() - at);
    if (this.#heardBy.every((count) => count > index)) this.#saidAt.delete(line);
  }
}
