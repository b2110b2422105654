/** `npm run soak -- --minutes 10 --seed 1 --only flood`. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly minutes: number;
  readonly seed: number;
  /** Only attacks with this in their names; all, if it is empty. */
  readonly only: string;
}

/** @throws Error for what is no option, or no number */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string', default: '' } },
  });
  const minutes = Number(values.minutes ?? 10);
  const seed = Number(values.seed ?? 1 + Math.floor(Math.random() * 1_000_000));
  if (!(minutes > 0 && minutes <= 24 * 60))
    throw new Error(`--minutes ${values.minutes}: give a number above 0, at most 1440; fractions are allowed`);
  if (!Number.isInteger(seed) || seed < 1) throw new Error(`--seed ${values.seed}: give a whole number above 0`);
  return { minutes, seed, only: values.only };
}
