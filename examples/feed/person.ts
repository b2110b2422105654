/** Somebody who posts, or follows those who do, or both; with any number of windows, or none. */
import type { Author, Notice } from './notice.js';
import type { Post } from './post.js';

/** Who is told, and of whom, if it is news of a person; an Outbox is one. */
export interface Window {
  add(notice: Notice, person?: string): void;
}

/** What a new follower sees of an author. */
const LAST = 10;
/** What a new window sees of all the authors. */
const LONGEST_TIMELINE = 50;

export class Person {
  readonly uid: string;
  readonly follows = new Set<Person>();
  readonly followers = new Set<Person>();
  readonly #windows = new Set<Window>();
  readonly #posts: Post[] = [];

  constructor(uid: string) {
    this.uid = uid;
  }

  get isOnline(): boolean {
    return this.#windows.size > 0;
  }

  /** The last ones, the oldest first. */
  get posts(): readonly Post[] {
    return this.#posts;
  }

  /** As others see them. */
  get author(): Author {
    return { uid: this.uid, online: this.isOnline, followers: this.followers.size, hasPosted: this.#posts.length > 0 };
  }

  open(window: Window): void {
    this.#windows.add(window);
  }

  leave(window: Window): void {
    this.#windows.delete(window);
  }

  tell(notice: Notice, person?: string): void {
    for (const window of this.#windows) window.add(notice, person);
  }

  /** A page that was cut off asks again for what may have been done already. */
  hasPosted(ref: string): boolean {
    return this.#posts.some((post) => post.ref === ref);
  }

  publish(post: Post): void {
    this.#posts.push(post);
    if (this.#posts.length > LAST) this.#posts.shift();
  }

  /** What those whom they follow have posted of late, and they themselves, the oldest first. */
  timeline(): Post[] {
    const posts = [this, ...this.follows].flatMap((author) => author.posts);
    return posts.sort((a, b) => a.id - b.id).slice(-LONGEST_TIMELINE);
  }
}
