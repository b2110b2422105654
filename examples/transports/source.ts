/** Where the messages come from, and the last thousand of them, for those who were not there when they came. */
import { now } from './clock.js';

export interface Message {
  /** Counts from 1. */
  readonly id: number;
  /** What all transports send, the same string for all: the id, the moment by `now`, and the text. */
  readonly json: string;
}

/** How many are kept; whoever was away for longer sees by the ids that some are missing. */
const BACKLOG = 1000;
/** ms; without anybody who listens or asks it rests after that. */
const REST_AFTER = 30_000;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export class Source {
  #perSecond: number;
  text: string;
  #backlog: Message[] = [];
  #last = 0;
  readonly #listeners = new Set<(message: Message) => void>();
  #timer: NodeJS.Timeout | null = null;
  #wanted = 0;
  /** Of the beat, which begins anew when the rate changes. */
  #begun = 0;
  #beat = 0;

  constructor(perSecond: number, text: string) {
    this.#perSecond = perSecond;
    this.text = text;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  set perSecond(value: number) {
    this.#perSecond = value;
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#begin();
  }

  /** The id of the newest message; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Those behind an id, the oldest first. An id that is still to come was given by a server before this one: all, then. */
  after(id: number): readonly Message[] {
    this.wake();
    if (id > this.#last) return this.#backlog;
    const first = this.#backlog[0]?.id ?? 1;
    return this.#backlog.slice(Math.max(0, id + 1 - first));
  }

  /** Calls back for each message from now on, until the function that it returns is called. */
  listen(heard: (message: Message) => void): () => void {
    this.#listeners.add(heard);
    this.wake();
    return () => void this.#listeners.delete(heard);
  }

  /** Somebody wants messages: it goes on, or begins. */
  wake(): void {
    this.#wanted = now();
    if (this.#timer === null) this.#begin();
  }

  /** ms until the next beat begins; each has one message. */
  get untilBeat(): number {
    const beat = 1000 / this.#perSecond;
    return beat - ((now() - this.#begun) % beat);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#listeners.clear();
  }

  #begin(): void {
    this.#begun = now();
    this.#beat = 0;
    this.#arm();
  }

  /**
   * One message in each beat, but not at the same moment of it: the golden ratio spreads them evenly. With a regular beat a client that
   * polls as regularly would find each message equally old, by chance either fresh or stale.
   */
  #arm(): void {
    const place = (0.5 + this.#beat * GOLDEN) % 1;
    const due = this.#begun + ((this.#beat + place) * 1000) / this.#perSecond;
    this.#beat++;
    this.#timer = setTimeout(() => this.#produce(), Math.max(0, due - now())).unref();
  }

  #produce(): void {
    const isWanted = this.#listeners.size > 0 || now() - this.#wanted < REST_AFTER;
    if (!isWanted) return this.stop();
    this.#arm();
    const id = ++this.#last;
    const message = { id, json: JSON.stringify({ id, at: now(), text: this.text }) };
    this.#backlog.push(message);
    if (this.#backlog.length > BACKLOG) this.#backlog.shift();
    for (const heard of this.#listeners) heard(message);
  }
}
