/** Of a few numbers. */
export function quantile(numbers: readonly number[], part: number): number {
  if (numbers.length === 0) return 0;
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** How much higher the line through the points ends than it begins, by the median of all slopes: single points do not bend it. */
export function rise(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes: number[] = [];
  for (const [i, [x, y]] of points.entries()) {
    for (const [x2, y2] of points.slice(i + 1)) if (x2 > x) slopes.push((y2 - y) / (x2 - x));
  }
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined ? 0 : median(slopes) * (last[0] - first[0]);
}
