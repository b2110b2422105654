/** Somebody with a box of messages, and with any number of windows, or none. */
import type { Message } from './message.js';
import { type Contact, Notice } from './notice.js';

/** Who is told, and of whom, if it is news of a person; an Outbox is one. */
export interface Window {
  add(notice: Notice, person?: string): void;
}

/** Of more messages than these nobody is told how many were given up. */
const MOST_COUNTED = 1000;

export class Person {
  readonly uid: string;
  readonly #windows = new Set<Window>();
  /** What they wrote and what they were written, in the order of the ids. */
  readonly #box: Message[] = [];
  readonly #unread = new Set<number>();
  /** The last message that a window was told. */
  #delivered = 0;
  #hasBeenHere = false;
  /** The last of those for which there was no room. */
  readonly #forgotten: number[] = [];

  constructor(uid: string) {
    this.uid = uid;
  }

  get isOnline(): boolean {
    return this.#windows.size > 0;
  }

  /** For as long as they have had no window. */
  get isStranger(): boolean {
    return !this.#hasBeenHere;
  }

  /** While there is something that no window has been told. */
  get isAwaited(): boolean {
    return (this.#box.at(-1)?.id ?? this.#forgotten.at(-1) ?? 0) > this.#delivered;
  }

  /** Those in the box. */
  correspondents(): Set<string> {
    return new Set(this.#box.map(({ from, to }) => (from === this.uid ? to : from)));
  }

  tell(notice: Notice, person?: string): void {
    for (const window of this.#windows) window.add(notice, person);
  }

  /** A window gets what it lacks, and hears of all that comes after: each message once. 0: it has been told nothing before. */
  open(window: Window, since: number, people: readonly Contact[]): void {
    const newest = this.#box.at(-1)?.id ?? 0;
    const last = since > 0 ? since : this.#delivered;
    const lost = this.#forgotten.filter((id) => id > last).length;
    window.add(new Notice({ kind: 'hello', people, unread: [...this.#unread], newest, lost }));
    for (const message of this.#box) if (message.id > since) window.add(new Notice({ kind: 'message', ...message }));
    this.#windows.add(window);
    this.#hasBeenHere = true;
    this.#delivered = Math.max(newest, this.#forgotten.at(-1) ?? 0);
  }

  leave(window: Window): void {
    this.#windows.delete(window);
  }

  /** A page that was cut off asks again for what may have been done already. */
  hasWritten(ref: string): boolean {
    return this.#box.some((message) => message.from === this.uid && message.ref === ref);
  }

  /** @param most how many fit into the box */
  put(message: Message, most: number): void {
    this.#box.push(message);
    if (message.to === this.uid) this.#unread.add(message.id);
    if (this.isOnline) this.#delivered = message.id;
    if (this.#box.length > most) this.#dropOldest();
    this.tell(new Notice({ kind: 'message', ...message }));
  }

  /** All windows of a person lose their marks when one has shown the messages. */
  read(from: string, upTo: number): void {
    const read = this.#box.filter((message) => message.from === from && message.id <= upTo && this.#unread.delete(message.id));
    if (read.length > 0) this.tell(new Notice({ kind: 'read', with: from, upTo }));
  }

  /** Of all messages the oldest has to go; if it is still in this box, it is the oldest here too. */
  forget(message: Message): void {
    if (this.#box[0] === message) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#box.shift();
    if (oldest === undefined) return;
    this.#unread.delete(oldest.id);
    this.#forgotten.push(oldest.id);
    if (this.#forgotten.length > MOST_COUNTED) this.#forgotten.shift();
  }
}
