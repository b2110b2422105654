/** The field that the snakes share: a grid whose edges lead to the other side. */

export interface Location {
  readonly x: number;
  readonly y: number;
}

export type Direction = 'none' | 'west' | 'north' | 'east' | 'south';

const WIDTH = 640;
const HEIGHT = 480;
const GRID = 10;

const STEPS: Readonly<Record<Direction, Location>> = {
  none: { x: 0, y: 0 },
  west: { x: -GRID, y: 0 },
  north: { x: 0, y: -GRID },
  east: { x: GRID, y: 0 },
  south: { x: 0, y: GRID },
};

/** What a page says to steer; null: it means nothing. [EX-S2] */
export function directionOf(word: string): Direction | null {
  return Object.hasOwn(STEPS, word) && word !== 'none' ? (word as Direction) : null;
}

/** The neighbour in that direction. Who steps over the left or upper edge comes out on the line at 640 or 480, as in Tomcat. [EX-S4] */
export function neighbour({ x, y }: Location, direction: Direction): Location {
  const step = STEPS[direction];
  return { x: wrapped(x + step.x, WIDTH), y: wrapped(y + step.y, HEIGHT) };
}

/** A point of the grid by chance: both edges belong to it. [EX-S1] */
export function anywhere(random: () => number): Location {
  return { x: rounded(random() * WIDTH), y: rounded(random() * HEIGHT) };
}

export function isSame(a: Location, b: Location): boolean {
  return a.x === b.x && a.y === b.y;
}

function wrapped(value: number, size: number): number {
  if (value >= size) return 0;
  return value < 0 ? size : value;
}

function rounded(value: number): number {
  return Math.round(value / GRID) * GRID;
}
