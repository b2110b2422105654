/** One stroke: how players send it, and how they are told of it. [EX-D4] [EX-D5] */

export const BRUSH = 1;
export const LINE = 2;
export const RECTANGLE = 3;
export const ELLIPSE = 4;

export interface DrawMessage {
  readonly type: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** 0 shows nothing of it, 255 nothing of what is below. */
  readonly alpha: number;
  /** Pixels, 0 to 100. */
  readonly thickness: number;
  /** Pixels; may be infinite, but are numbers. */
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A stroke that a player has sent, and the number that the player gave it. */
export interface Drawn {
  readonly id: number;
  readonly message: DrawMessage;
}

const INTEGER = /^[+-]?\d+$/;
/** What Java's parseDouble takes and what a page may send, but for NaN. */
const DOUBLE = /^[+-]?(?:Infinity|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/;

/** Reads `<msgId>|<type>,<R>,<G>,<B>,<A>,<thickness>,<x1>,<y1>,<x2>,<y2>`; null: that is not what it is. */
export function parseDrawn(text: string): Drawn | null {
  const bar = text.indexOf('|');
  if (bar < 0 || !INTEGER.test(text.slice(0, bar))) return null;
  const id = Number(text.slice(0, bar));
  const message = parse(text.slice(bar + 1).split(','));
  return Number.isSafeInteger(id) && message !== null ? { id, message } : null;
}

function parse(fields: readonly string[]): DrawMessage | null {
  const numbers = fields.map((field, i) => ((i < 5 ? INTEGER : DOUBLE).test(field) ? Number(field) : Number.NaN));
  if (numbers.length !== 10 || numbers.some(Number.isNaN)) return null;
  const [type, red, green, blue, alpha, thickness, x1, y1, x2, y2] = numbers as Ten;
  const isInRange = type >= BRUSH && type <= ELLIPSE && [red, green, blue, alpha].every((byte) => byte >= 0 && byte <= 255);
  return isInRange && thickness >= 0 && thickness <= 100 ? { type, red, green, blue, alpha, thickness, x1, y1, x2, y2 } : null;
}

/** `<type>,<R>,<G>,<B>,<A>,<thickness>,<x1>,<y1>,<x2>,<y2>` */
export function print({ type, red, green, blue, alpha, thickness, x1, y1, x2, y2 }: DrawMessage): string {
  return `${type},${red},${green},${blue},${alpha},${thickness},${x1},${y1},${x2},${y2}`;
}

type Ten = [number, number, number, number, number, number, number, number, number, number];
