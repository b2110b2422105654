/** What streams say to a reader of ours, and what they say to ws's Receiver; where that differs, the shortest stream that shows it. */
import { Buffer } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import type { Transformation } from '../../src/transport/spi.js';
import { judge } from './oracle.js';
import { give, reading, turns } from './reading.js';
import { type Event, WHOLE } from './recorder.js';

export interface Case {
  readonly seed: number;
  readonly isServer: boolean;
  readonly chunks: readonly Buffer[];
  readonly deflate?: { readonly noContextTakeover: boolean };
  readonly transformations?: readonly Transformation[];
}

interface Outcome {
  readonly ours: readonly Event[];
  readonly theirs: readonly Event[];
}

const isMessage = ([name]: Event): boolean => name === 'text' || name === 'binary';
const equals = (a: Event | undefined, b: Event | undefined): boolean =>
  a?.length === b?.length && a?.every((each, i) => each === b?.[i]) === true;
const isTooBig = (events: readonly Event[]): boolean => events.length === 1 && equals(events[0], ['failed', 1009]);

/** The same, or one of the differences that the ledger wants. */
export function agrees({ ours, theirs }: Outcome): boolean {
  let equal = 0;
  while (equals(ours[equal], theirs[equal])) equal++;
  if (equal === ours.length && equal === theirs.length) return true;
  const [mine, yours] = [ours.slice(equal), theirs.slice(equal)];
  // In none of them has one of the two delivered a message that the other has not.
  if (mine.some(isMessage) || yours.some(isMessage)) return false;
  const [name, code] = mine[0] ?? [];
  if (name === 'failed' && mine.length === 1) {
    // [CLO-15] 1007 at the byte that tells; the oracle waits for the end of the message, and meanwhile sees what comes between.
    if (code === 1007) return true;
    // [EXT-14] What cannot be inflated is 1002 at once; for the oracle it is 1007, at the end of its frame.
    if (code === 1002 && (yours.length === 0 || yours[0]?.[1] === 1007)) return true;
    // [CLO-15] A 64-bit length with the top bit set is a violation; for the oracle it is a size.
    if (code === 1002 && isTooBig(yours)) return true;
    // [REL-8] No string or Buffer could hold it: 1009 at the header; the oracle waits for the bytes.
    if (code === 1009 && yours.length === 0) return true;
  }
  // [REL-8] A length beyond 2^53 of which no byte has to be held, or whose header is not complete: ours waits for what comes.
  return isTooBig(yours) && (mine.length === 0 || (name === 'failed' && mine.length === 1));
}

/** Until zlib's threads have had a core. */
const PATIENCE = 10_000; // ms

export async function outcomes(cases: readonly Case[]): Promise<Outcome[]> {
  const trials = cases.map(({ isServer, chunks, deflate, transformations }) => {
    const judgement = judge(chunks, { isServer, ...(deflate && { deflate }) });
    const { reader, house, state } = reading({
      isServer,
      wants: WHOLE,
      deflate: deflate === undefined ? null : { ...deflate, windowBits: 15 },
      ...(transformations && { transformations }),
    });
    give(reader, ...chunks);
    reader.end();
    return { judgement, house, state };
  });
  const until = performance.now() + PATIENCE;
  await turn(); // an oracle's errors come a tick later
  while (trials.some(({ judgement, state }) => !state.ended || !judgement.isOver) && performance.now() < until) await turns(1);
  return trials.map(({ judgement, house, state }) => ({
    ours: state.ended ? house.events : [...house.events, ['never ended', String(state.defect)]],
    theirs: judgement.isOver ? judgement.events : [...judgement.events, ['never ended']],
  }));
}

/** Takes out whatever can be taken out, down to single bytes, for as long as a difference stays. */
async function shrunk(of: Case): Promise<Case> {
  const differs = async (each: Case): Promise<boolean> => !agrees((await outcomes([each]))[0] as Outcome);
  const cut = (bytes: Buffer, step: number): Case => ({
    ...of,
    chunks: Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) => bytes.subarray(i * step, (i + 1) * step)),
  });
  let bytes = Buffer.concat(of.chunks);
  let step = 0;
  for (const each of [2 ** 30, 1]) if (step === 0 && (await differs(cut(bytes, each)))) step = each;
  if (step === 0) return of;
  let tries = 400;
  for (let size = bytes.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < bytes.length && tries-- > 0; ) {
      const less = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
      if (await differs(cut(less, step))) bytes = less;
      else at += size;
    }
  }
  return cut(bytes, step);
}

const brief = (value: unknown): string => JSON.stringify(value).slice(-600); // they differ at the end

/** Throws for the first that differs. */
export async function compare(cases: readonly Case[]): Promise<void> {
  const all = await outcomes(cases);
  const at = all.findIndex((each) => !agrees(each));
  if (at < 0) return;
  const found = cases[at] as Case;
  const least = await shrunk(found);
  const { ours, theirs } = (await outcomes([least]))[0] as Outcome;
  const bytes = Buffer.concat(least.chunks).toString('hex').slice(0, 800);
  const how = `${least.isServer ? 'server' : 'client'}, ${brief(least.deflate ?? 'plain')}, ${least.chunks.length} chunks`;
  throw new Error(`FUZZ_SEED=${found.seed} (${how}) ${bytes}\nours   ${brief(ours)}\ntheirs ${brief(theirs)}`);
}

/** So many cases, as many at a time as are no burden. */
export async function compareAll(base: number, count: number, caseOf: (seed: number) => Case, atOnce = 100): Promise<void> {
  for (let i = 0; i < count; i += atOnce) {
    await compare(Array.from({ length: Math.min(atOnce, count - i) }, (_, j) => caseOf(base + i + j)));
  }
}
