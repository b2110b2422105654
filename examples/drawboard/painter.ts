/** Lays a stroke on a raster, as the canvas of a page does: with smooth edges and round ends, and all of it at once. [EX-D7] */
import { BRUSH, type DrawMessage, ELLIPSE, LINE, RECTANGLE } from './draw-message.js';
import type { Colour, Raster } from './raster.js';

const { abs, ceil, floor, max, min, sqrt } = Math;

/** What is drawn with: half the width of its line, its colour, and 0 to 1 for how much of that shows. */
interface Pen {
  readonly radius: number;
  readonly colour: Colour;
  readonly opacity: number;
}

/** A box, or the ends of a line. */
type Corners = readonly [x1: number, y1: number, x2: number, y2: number];

/** An ellipse with a radius below that is a line, to the eye. */
const FLAT = 0.25;

/** What leads to infinity is not there, as on a canvas. */
export function paint(raster: Raster, { type, red, green, blue, alpha, thickness, x1, y1, x2, y2 }: DrawMessage): void {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return;
  const pen: Pen = { radius: thickness / 2, colour: [red, green, blue], opacity: alpha / 255 };
  const isDot = x1 === x2 && y1 === y2;
  if (isDot || type === BRUSH || type === LINE) return paintLine(raster, pen, [x1, y1, x2, y2]);
  const box: Corners = [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)];
  if (type === RECTANGLE) paintRectangle(raster, pen, box);
  if (type === ELLIPSE) paintEllipse(raster, pen, box);
}

/** A line is all that is nearer to it than its radius; one of no length is a dot. */
function paintLine(raster: Raster, pen: Pen, ends: Corners): void {
  const reach = pen.radius + 0.5; // as far as it touches a pixel, from the pixel's middle
  const seen = clip(ends, [-2 * reach, -2 * reach, raster.width + 2 * reach, raster.height + 2 * reach]);
  if (seen === null) return;
  const [x1, y1, x2, y2] = seen;
  const [dx, dy] = [x2 - x1, y2 - y1];
  const squared = dx * dx + dy * dy;
  for (const row of span(min(y1, y2) - reach, max(y1, y2) + reach, raster.height)) {
    const y = row + 0.5;
    // The part of the line that is near enough to this row, from 0 to 1.
    const above = dy === 0 ? 0 : (y - reach - y1) / dy;
    const below = dy === 0 ? 1 : (y + reach - y1) / dy;
    const [from, to] = [max(0, min(above, below)), min(1, max(above, below))];
    if (from > to) continue;
    const [start, end] = [x1 + from * dx, x1 + to * dx];
    for (const column of span(min(start, end) - reach, max(start, end) + reach, raster.width)) {
      const x = column + 0.5;
      const along = squared === 0 ? 0 : min(1, max(0, ((x - x1) * dx + (y - y1) * dy) / squared));
      const distance = length(x - x1 - along * dx, y - y1 - along * dy);
      cover(raster, pen, column, row, overlap(distance, pen.radius));
    }
  }
}

/** An outline with sharp corners: the box around it, less the one within. */
function paintRectangle(raster: Raster, pen: Pen, [left, top, right, bottom]: Corners): void {
  const { radius } = pen;
  for (const row of span(top - radius, bottom + radius, raster.height)) {
    const outer = shared(top - radius, bottom + radius, row);
    const inner = shared(top + radius, bottom - radius, row);
    const paintRow = (from: number, to: number) => {
      for (const column of span(from, to, raster.width)) {
        const around = outer * shared(left - radius, right + radius, column);
        cover(raster, pen, column, row, around - inner * shared(left + radius, right - radius, column));
      }
    };
    const [hole, end] = [ceil(left + radius), floor(right - radius)]; // columns that lie within
    if (inner < 1 || end <= hole) paintRow(left - radius, right + radius);
    else {
      paintRow(left - radius, hole);
      paintRow(end, right + radius);
    }
  }
}

/** All that is nearer than the radius to the ellipse that the box holds. */
function paintEllipse(raster: Raster, pen: Pen, [left, top, right, bottom]: Corners): void {
  const [a, b, middleX, middleY] = [(right - left) / 2, (bottom - top) / 2, (left + right) / 2, (top + bottom) / 2];
  if (min(a, b) < FLAT) return paintLine(raster, pen, [left, top, right, bottom]);
  const reach = pen.radius + 0.5;
  const [least, most] = [min(a, b), max(a, b)];
  // An ellipse k times as large is |k - 1| times the smaller radius away from it at least, and the larger one at most.
  const [inside, outside] = [max(0, 1 - reach / least), 1 + reach / least];
  const paintRow = (row: number, from: number, to: number) => {
    for (const column of span(max(from, left - reach), min(to, right + reach), raster.width)) {
      const x = abs(column + 0.5 - middleX);
      const y = abs(row + 0.5 - middleY);
      const isCovered = abs(length(x / a, y / b) - 1) * most <= pen.radius - 0.5;
      cover(raster, pen, column, row, isCovered ? 1 : overlap(distanceToEllipse(a, b, x, y), pen.radius));
    }
  };
  for (const row of span(top - reach, bottom + reach, raster.height)) {
    const height = ((row + 0.5 - middleY) / b) ** 2;
    const far = a * sqrt(max(0, outside ** 2 - height));
    const near = a * sqrt(max(0, inside ** 2 - height));
    if (near < 1) paintRow(row, middleX - far, middleX + far);
    else {
      paintRow(row, middleX - far, floor(middleX - near) + 1);
      paintRow(row, max(floor(middleX - near) + 1, floor(middleX + near)), middleX + far);
    }
  }
}

/** To the ellipse around the origin with the radii a and b, of a point with positive coordinates. */
function distanceToEllipse(a: number, b: number, x: number, y: number): number {
  // A point of the ellipse is (a·cos, b·sin). Near it the ellipse is like the circle that bends as it does there; the point of
  // that circle which is nearest is a better one, and three times better is as good as a pixel needs.
  const [bendX, bendY] = [(a * a - b * b) / a, (b * b - a * a) / b];
  let cos = Math.SQRT1_2;
  let sin = Math.SQRT1_2;
  for (let i = 0; i < 3; i++) {
    const centreX = bendX * cos * cos * cos;
    const centreY = bendY * sin * sin * sin;
    const scale = length(a * cos - centreX, b * sin - centreY) / (length(x - centreX, y - centreY) || 1);
    cos = max(0, (centreX + (x - centreX) * scale) / a);
    sin = max(0, (centreY + (y - centreY) * scale) / b);
    const size = length(cos, sin) || 1;
    cos /= size;
    sin /= size;
  }
  return length(x - a * cos, y - b * sin);
}

/** hypot() takes ten times as long, to be right where numbers are too large for a screen. */
function length(x: number, y: number): number {
  return sqrt(x * x + y * y);
}

/** How much of a pixel a line covers whose middle is that far from the pixel's. */
function overlap(distance: number, radius: number): number {
  return min(radius, distance + 0.5) - max(-radius, distance - 0.5);
}

/** How much of a row or column lies between two coordinates. */
function shared(from: number, to: number, at: number): number {
  return max(0, min(to, at + 1) - max(from, at));
}

/** The rows or columns that lie between two coordinates, or in part, and on the raster. */
function* span(from: number, to: number, size: number): Generator<number> {
  const end = min(size, ceil(to));
  for (let at = max(0, floor(from)); at < end; at++) yield at;
}

function cover(raster: Raster, { colour, opacity }: Pen, x: number, y: number, share: number): void {
  if (share > 0) raster.blend(x, y, colour, share * opacity);
}

/** The part of a line that lies in a box; null: none of it. */
function clip([x1, y1, x2, y2]: Corners, [left, top, right, bottom]: Corners): Corners | null {
  const [dx, dy] = [x2 - x1, y2 - y1];
  let [from, to] = [0, 1];
  for (const [step, room] of [
    [-dx, x1 - left],
    [dx, right - x1],
    [-dy, y1 - top],
    [dy, bottom - y1],
  ] as const) {
    if (step === 0 && room < 0) return null;
    if (step < 0) from = max(from, room / step);
    if (step > 0) to = min(to, room / step);
  }
  return from <= to ? [x1 + from * dx, y1 + from * dy, x1 + to * dx, y1 + to * dy] : null;
}
