/** What people wrote, in messages: how a value is spelled, and which known word was meant by an unknown one. */
import { nameOf } from '../../api/tokens.js';
import { isThenable } from '../../runtime/thenable.js';

/** A value as it would be written, or what sort of thing it is. */
export function spell(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return nameOf(value);
  if (isThenable(value)) return 'a promise';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}

/** `unknown option "alowedOrigins"; did you mean "allowedOrigins"?`, or the list where nothing is near. */
export function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `unknown option "${key}"; ${near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`}`;
}

/** The known word that is least different, if it is not too different. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Letters to add, drop or change. */
function distanceOf(a: string, b: string): number {
  if (a.length > 100) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
