/** A room: who is in it, who is on its stage, and the newest picture. It is there for as long as somebody is in it. */
import { Allowance } from './allowance.js';
import type { Frame, Viewer } from './viewer.js';

const MOST_PEOPLE = 100;
const REPORT_EVERY = 12; // pictures: about a second

export class Room {
  static readonly #all = new Map<string, Room>();

  readonly #name: string;
  readonly #people = new Set<Viewer>();
  /** By name: all windows of a person share one. */
  readonly #allowances = new Map<string, Allowance>();
  #onStage: Viewer | null = null;
  #newest: Frame | null = null;
  #pictures = 0;

  static of(name: string): Room {
    return Room.#all.get(name) ?? new Room(name);
  }

  private constructor(name: string) {
    this.#name = name;
  }

  get onStage(): Viewer | null {
    return this.#onStage;
  }

  /** False: it is full. */
  enter(viewer: Viewer): boolean {
    if (this.#people.size >= MOST_PEOPLE) return false;
    Room.#all.set(this.#name, this);
    this.#people.add(viewer);
    this.#tellWhoIsHere();
    if (this.#newest !== null) viewer.offer(this.#newest);
    return true;
  }

  leave(viewer: Viewer): void {
    if (!this.#people.delete(viewer)) return;
    if (![...this.#people].some(({ name }) => name === viewer.name)) this.#allowances.delete(viewer.name);
    if (this.#people.size === 0) Room.#all.delete(this.#name);
    if (!this.clearStage(viewer)) this.#tellWhoIsHere();
  }

  /** False: somebody else is there. */
  takeStage(viewer: Viewer): boolean {
    if (this.#onStage !== null) return this.#onStage === viewer;
    this.#onStage = viewer;
    this.#tellWhoIsHere();
    return true;
  }

  /** False: it is not theirs. */
  clearStage(viewer: Viewer): boolean {
    if (this.#onStage !== viewer) return false;
    this.#onStage = this.#newest = null;
    for (const each of this.#people) each.forget();
    this.#tellWhoIsHere();
    return true;
  }

  /** False: whoever shows is not on stage. */
  show(viewer: Viewer, picture: Buffer): boolean {
    if (this.#onStage !== viewer) return false;
    const number = ++this.#pictures;
    const message = Buffer.allocUnsafe(4 + picture.length);
    message.writeUInt32BE(number);
    picture.copy(message, 4);
    this.#newest = { number, message };
    const audience = [...this.#people].filter((each) => each !== viewer);
    for (const each of audience) each.offer(this.#newest);
    if (number % REPORT_EVERY === 0) viewer.tell(event('audience', { people: audience.map(figures) }));
    return true;
  }

  /** False: too soon. */
  say({ name }: Viewer, text: string): boolean {
    const allowance = this.#allowances.get(name) ?? new Allowance();
    this.#allowances.set(name, allowance);
    if (!allowance.take()) return false;
    const comment = event('comment', { name, text });
    for (const each of this.#people) each.tell(comment);
    return true;
  }

  /** Two windows may have the same name, so each is told whether it is the one on stage. */
  #tellWhoIsHere(): void {
    const [people, onStage] = [this.#people.size, this.#onStage?.name ?? null];
    for (const each of this.#people) each.tell(event('room', { people, onStage, isYou: each === this.#onStage }));
  }
}

const figures = ({ name, shown, dropped }: Viewer) => ({ name, shown, dropped });

const event = (type: string, more: object): string => JSON.stringify({ type, ...more });
