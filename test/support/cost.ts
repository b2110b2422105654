/** Whether work grows as its input does. */
import { fastest } from './fastest.js';

const COARSE = 0.05; // ms; what is quicker cannot be measured
const GENEROUS = 4; // times sixteen: a square would be 256

/** 16 KiB of it against 1 KiB. Null if the cost is in proportion, else what it was. [REL-4] */
export function disproportion(unit: string, work: (text: string) => void): string | null {
  const cost = (kib: number) => {
    const text = unit.repeat(Math.ceil((kib * 1024) / unit.length)).slice(0, kib * 1024);
    return fastest(() => work(text));
  };
  const [one, sixteen] = [cost(1), cost(16)];
  if (sixteen < 16 * GENEROUS * Math.max(COARSE, one)) return null;
  return `1 KiB of ${JSON.stringify(unit)} takes ${one} ms, 16 KiB take ${sixteen} ms`;
}
