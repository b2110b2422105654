/** Who is where, and who is near whom. */
import type { RemoteEndpoint } from 'margay';
import { HEIGHT, type Move, WIDTH } from './move.js';
import { Notice } from './notice.js';
import { View } from './view.js';
import { Walker } from './walker.js';

/** How far people see, in metres. */
export const RADIUS = 220;
/** How often positions are told, in ms: of several steps within that time the last one counts. */
const TICK = 50;
/** Whom there is room for. */
const MOST_PEOPLE = 200;
/** Newcomers arrive so close to the middle that they see each other. */
const ARRIVAL = 70;

export class World {
  readonly #walkers = new Map<string, Walker>();
  readonly #moved = new Set<Walker>();
  #steps = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @returns null if there is no room */
  enter(uid: string, remote: RemoteEndpoint.Basic): View | null {
    const walker = this.#walkers.get(uid) ?? this.#arrive(uid);
    if (walker === null) return null;
    const { x, y } = walker;
    const view = new View(walker, remote, new Notice({ kind: 'hello', uid, width: WIDTH, height: HEIGHT, radius: RADIUS, x, y }));
    walker.views.add(view);
    view.refresh();
    return view;
  }

  move(view: View, { x, y }: Move): void {
    const { walker } = view;
    walker.x = x;
    walker.y = y;
    walker.step = this.#steps++;
    view.made(walker.step);
    this.#moved.add(walker);
    this.#timer ??= setTimeout(() => this.#tick(), TICK).unref();
  }

  /** A person goes with their last window. */
  leave(view: View): void {
    const { walker } = view;
    walker.views.delete(view);
    if (walker.views.size > 0) return;
    this.#walkers.delete(walker.uid);
    this.#moved.delete(walker);
    for (const other of walker.near.values()) {
      other.near.delete(walker.uid);
      other.look();
    }
  }

  #arrive(uid: string): Walker | null {
    if (this.#walkers.size >= MOST_PEOPLE) return null;
    const walker = new Walker(uid, about(WIDTH / 2), about(HEIGHT / 2), this.#steps++);
    this.#walkers.set(uid, walker);
    this.#lookAround(walker);
    return walker;
  }

  #tick(): void {
    this.#timer = null;
    for (const walker of this.#moved) this.#lookAround(walker);
    this.#moved.clear();
  }

  /** Finds out who is near now, and has everybody look whom it concerns: those who were near, and those who are. */
  #lookAround(walker: Walker): void {
    for (const other of this.#walkers.values()) {
      if (other === walker) continue;
      const wasNear = walker.near.has(other.uid);
      const isNear = walker.isWithin(RADIUS, other);
      if (isNear) {
        walker.near.set(other.uid, other);
        other.near.set(walker.uid, walker);
      } else {
        walker.near.delete(other.uid);
        other.near.delete(walker.uid);
      }
      if (wasNear || isNear) other.look();
    }
    walker.look();
  }
}

function about(middle: number): number {
  return Math.round(middle + (Math.random() * 2 - 1) * ARRIVAL);
}
