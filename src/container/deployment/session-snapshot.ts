/** What getOpenSessions gives: a Set for every caller alone, whose table is built only for who does more than walk through it. [SES-19] */
import { inspect } from 'node:util';
import type { Session } from '../../api/session.js';

/**
 * The loop of a broadcast asks for one per message, and a table costs more than the sends that follow. In all else a Set,
 * for those too who compare classes.
 */
export class SessionSnapshot extends Set<Session> {
  /** Who is in it, for everybody who asked at that time; null once it has a table of its own. */
  #sessions: readonly Session[] | null;
  #walks: Walk[] | null = null;

  constructor(sessions: readonly Session[]) {
    super();
    this.#sessions = sessions;
  }

  override get size(): number {
    return this.#sessions?.length ?? super.size;
  }

  override [Symbol.iterator](): SetIterator<Session> {
    const sessions = this.#sessions;
    if (sessions === null) return super[Symbol.iterator]();
    const walk = new Walk(sessions);
    if (this.#walks === null) this.#walks = [walk];
    else this.#walks.push(walk);
    return walk as unknown as SetIterator<Session>;
  }

  [inspect.custom](): Set<Session> {
    return new Set(this);
  }

  static {
    const inherited = Object.getOwnPropertyDescriptors(Set.prototype);
    for (const [name, { value: method }] of Object.entries(inherited)) {
      if (typeof method !== 'function' || name === 'constructor') continue;
      const value = function (this: SessionSnapshot, ...args: unknown[]): unknown {
        this.#build();
        return Reflect.apply(method, this, args);
      };
      Object.defineProperty(SessionSnapshot.prototype, name, { value, configurable: true, writable: true });
    }
    Object.defineProperty(SessionSnapshot.prototype, 'constructor', { value: Set, configurable: true, writable: true });
  }

  #build(): void {
    const sessions = this.#sessions;
    if (sessions === null) return;
    this.#sessions = null;
    for (const session of sessions) Set.prototype.add.call(this, session);
    for (const walk of this.#walks ?? []) walk.follow(super[Symbol.iterator]());
    this.#walks = null;
  }
}

/** Someone on the way through a snapshot. */
class Walk {
  #sessions: readonly Session[];
  #index = 0;
  /** Of the table, once there is one: who is added or deleted meanwhile is seen. */
  #table: Iterator<Session> | null = null;

  constructor(sessions: readonly Session[]) {
    this.#sessions = sessions;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Session> {
    if (this.#table !== null) return this.#table.next();
    if (this.#index < this.#sessions.length) return { value: this.#sessions[this.#index++] as Session, done: false };
    this.#sessions = NOBODY;
    this.#index = 1; // what is added later is not seen any more
    return { value: undefined, done: true };
  }

  follow(table: Iterator<Session>): void {
    if (this.#index > this.#sessions.length) return;
    for (let i = 0; i < this.#index; i++) table.next();
    this.#table = table;
  }
}

const NOBODY: readonly Session[] = Object.freeze([]);
