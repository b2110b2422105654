/** Everybody who has been here, and how a message gets from one to another. */
import type { Message } from './message.js';
import { Notice } from './notice.js';
import { Person, type Window } from './person.js';
import type { Say } from './wish.js';

export interface Bounds {
  /** Messages in the box of each person. */
  readonly perPerson: number;
  /** Messages. */
  readonly inAll: number;
  readonly people: number;
}

export class Messenger {
  readonly #bounds: Bounds;
  /** Whoever left last, or was written to first, stands last. */
  readonly #people = new Map<string, Person>();
  /** The oldest first. */
  readonly #messages = new Set<Message>();
  /** Ids go on from where an earlier process cannot have been. */
  #nextId = Date.now();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /**
   * Somebody who is here goes before names that were only written to, or one who writes to enough of them would keep everybody out.
   *
   * @returns null if there is no room for a further person
   */
  open(uid: string, window: Window, since: number): Person | null {
    const person = this.#find(uid, (other) => other.isStranger);
    if (person === null) return null;
    if (!person.isOnline) this.#tellOthers(person, true);
    person.open(window, since, this.#contactsOf(person));
    return person;
  }

  leave(person: Person, window: Window): void {
    person.leave(window);
    if (person.isOnline) return;
    this.#people.delete(person.uid);
    this.#people.set(person.uid, person);
    this.#tellOthers(person, false);
  }

  /** @returns why not, or null */
  say(writer: Person, { to, text, ref }: Say): string | null {
    if (to === writer.uid) return 'That is you.';
    if (writer.hasWritten(ref)) return null;
    const reader = this.#find(to);
    if (reader === null) return 'There is no room for a further person.';
    const message: Message = { id: this.#nextId++, from: writer.uid, to, text, ref, at: Date.now() };
    this.#messages.add(message);
    for (const person of [writer, reader]) person.put(message, this.#bounds.perPerson);
    if (this.#messages.size > this.#bounds.inAll) this.#dropOldest();
    return null;
  }

  #dropOldest(): void {
    const [oldest] = this.#messages as Iterable<Message>;
    if (oldest === undefined) return;
    this.#messages.delete(oldest);
    for (const uid of [oldest.from, oldest.to]) this.#people.get(uid)?.forget(oldest);
  }

  /** Also somebody who has never been here: they can be written to. If there is no room otherwise, one of these makes some. */
  #find(uid: string, canGo: (person: Person) => boolean = () => false): Person | null {
    const known = this.#people.get(uid);
    if (known !== undefined) return known;
    const isFull = this.#people.size >= this.#bounds.people;
    if (isFull && !this.#forgetOne((person) => !person.isAwaited) && !this.#forgetOne(canGo)) return null;
    const person = new Person(uid);
    this.#people.set(uid, person);
    return person;
  }

  /** Of those who may go whoever has been away for longest. */
  #forgetOne(canGo: (person: Person) => boolean): boolean {
    for (const person of this.#people.values()) {
      if (!person.isOnline && canGo(person)) return this.#people.delete(person.uid);
    }
    return false;
  }

  /** Those who are here, and those who are in the box. */
  #contactsOf(person: Person): { uid: string; online: boolean }[] {
    const uids = person.correspondents();
    for (const other of this.#people.values()) if (other.isOnline) uids.add(other.uid);
    uids.delete(person.uid);
    return [...uids].map((uid) => ({ uid, online: this.#people.get(uid)?.isOnline === true }));
  }

  #tellOthers({ uid }: Person, online: boolean): void {
    const notice = new Notice({ kind: 'presence', uid, online });
    for (const other of this.#people.values()) if (other.uid !== uid) other.tell(notice, uid);
  }
}
