/** Everybody who has been here, and how a post gets to the followers of its author. */
import { type Author, Notice } from './notice.js';
import { Person, type Window } from './person.js';
import type { Write } from './wish.js';

export interface Bounds {
  readonly people: number;
  /** Authors whom one person follows. */
  readonly follows: number;
}

export class Press {
  readonly #bounds: Bounds;
  /** Whoever left last stands last. */
  readonly #people = new Map<string, Person>();
  /** Ids go on from where an earlier process cannot have been. */
  #nextId = Date.now();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** @returns null if there is no room for a further person */
  open(uid: string, window: Window): Person | null {
    const person = this.#people.get(uid) ?? this.#arrive(uid);
    if (person === null) return null;
    const wasOnline = person.isOnline;
    const follows = [...person.follows].map((author) => author.uid);
    window.add(new Notice({ kind: 'hello', authors: this.#authorsFor(person), follows, posts: person.timeline() }));
    person.open(window);
    if (!wasOnline) this.#announce(person);
    return person;
  }

  leave(person: Person, window: Window): void {
    person.leave(window);
    if (person.isOnline) return;
    this.#people.delete(person.uid);
    if (person.posts.length + person.follows.size + person.followers.size > 0) this.#people.set(person.uid, person);
    this.#announce(person);
  }

  /** @returns why not, or null */
  follow(reader: Person, uid: string): string | null {
    const author = this.#people.get(uid);
    if (author === reader) return 'That is you.';
    if (author === undefined) return 'Nobody of that name is here.';
    if (reader.follows.has(author)) return null;
    if (reader.follows.size >= this.#bounds.follows) return `One can follow ${this.#bounds.follows} authors.`;
    reader.follows.add(author);
    author.followers.add(reader);
    reader.tell(new Notice({ kind: 'followed', author: uid, posts: author.posts.slice() }));
    this.#announce(author);
    return null;
  }

  unfollow(reader: Person, uid: string): void {
    const author = this.#people.get(uid);
    if (author === undefined || !reader.follows.delete(author)) return;
    author.followers.delete(reader);
    reader.tell(new Notice({ kind: 'unfollowed', author: uid }));
    this.#announce(author);
  }

  post(author: Person, { text, ref }: Write): void {
    if (author.hasPosted(ref)) return;
    const isFirst = author.posts.length === 0;
    const post = { id: this.#nextId++, author: author.uid, text, ref, at: Date.now() };
    author.publish(post);
    let reached = 0;
    for (const follower of author.followers) {
      follower.tell(new Notice({ kind: 'post', ...post }));
      if (follower.isOnline) reached++;
    }
    author.tell(new Notice({ kind: 'posted', reached, ...post }));
    if (isFirst) this.#announce(author);
  }

  #arrive(uid: string): Person | null {
    if (this.#people.size >= this.#bounds.people && !this.#forgetSomebody()) return null;
    const person = new Person(uid);
    this.#people.set(uid, person);
    return person;
  }

  /** Whoever has been away for longest, with all that they have posted. */
  #forgetSomebody(): boolean {
    for (const person of this.#people.values()) {
      if (person.isOnline) continue;
      for (const follower of [...person.followers]) this.unfollow(follower, person.uid);
      for (const author of [...person.follows]) this.unfollow(person, author.uid);
      return this.#people.delete(person.uid);
    }
    return false;
  }

  #authorsFor(reader: Person): Author[] {
    const others = [...this.#people.values()].filter((person) => person !== reader);
    return others.map(({ author }) => author).filter(({ online, hasPosted, followers }) => online || hasPosted || followers > 0);
  }

  #announce(person: Person): void {
    const notice = new Notice({ kind: 'author', ...person.author });
    for (const other of this.#people.values()) if (other !== person) other.tell(notice, person.uid);
  }
}
