/** Somebody on the map: one person, in however many windows. */
import type { View } from './view.js';

export class Walker {
  readonly uid: string;
  readonly views = new Set<View>();
  /** Who is near, by uid; if A is near B, then B is near A. */
  readonly near = new Map<string, Walker>();
  x: number;
  y: number;
  /** Which of all steps that were ever made on the map the last one was. */
  step: number;

  constructor(uid: string, x: number, y: number, step: number) {
    this.uid = uid;
    this.x = x;
    this.y = y;
    this.step = step;
  }

  isWithin(radius: number, other: Walker): boolean {
    return Math.hypot(this.x - other.x, this.y - other.y) <= radius;
  }

  /** All windows of this person look again. */
  look(): void {
    for (const view of this.views) view.refresh();
  }
}
