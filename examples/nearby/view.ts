/**
 * One window, and what it shows. It is told the difference between that and what is so now, as soon as it has taken the last
 * difference: a slow reader gets fewer of them, and the newest positions, and nothing piles up.
 */
import type { RemoteEndpoint } from 'margay';
import { report } from '../errors.js';
import { Notice } from './notice.js';
import type { Walker } from './walker.js';

export class View {
  readonly walker: Walker;
  readonly #remote: RemoteEndpoint.Basic;
  #hello: Notice | null;
  /** Of several that wait the last one counts. */
  #complaint: Notice | null = null;
  /** Who is shown, and as of which step. */
  readonly #shown = new Map<string, number>();
  #ownStep: number;
  #isSending = false;

  constructor(walker: Walker, remote: RemoteEndpoint.Basic, hello: Notice) {
    this.walker = walker;
    this.#remote = remote;
    this.#hello = hello;
    this.#ownStep = walker.step;
  }

  /** This window has made the last step, so it knows. */
  made(step: number): void {
    this.#ownStep = step;
  }

  complain(text: string): void {
    this.#complaint = new Notice({ kind: 'complaint', text });
    this.refresh();
  }

  refresh(): void {
    if (!this.#isSending) void this.#send();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    try {
      for (let notice = this.#next(); notice !== null; notice = this.#next()) await this.#remote.sendObject(notice);
      this.#isSending = false;
    } catch (error) {
      report('View', error as Error); // whoever has left is shown nothing more; @OnClose does the rest
    }
  }

  #next(): Notice | null {
    const notice = this.#hello ?? this.#complaint ?? this.#difference();
    if (this.#hello === null) this.#complaint = null;
    this.#hello = null;
    return notice;
  }

  #difference(): Notice | null {
    const { near, step, x, y } = this.walker;
    const gone = [...this.#shown.keys()].filter((uid) => !near.has(uid));
    const moved = [...near.values()].filter((other) => this.#shown.get(other.uid) !== other.step);
    const hasMoved = this.#ownStep !== step;
    if (gone.length + moved.length === 0 && !hasMoved) return null;
    for (const uid of gone) this.#shown.delete(uid);
    for (const other of moved) this.#shown.set(other.uid, other.step);
    this.#ownStep = step;
    const places = moved.map((other) => ({ uid: other.uid, x: other.x, y: other.y }));
    return new Notice({ kind: 'around', near: places, gone, ...(hasMoved && { you: { x, y } }) });
  }
}
