import { constants, deflateRawSync } from 'node:zlib';
import { it } from '@jest/globals';
import { judge } from '../../../support/oracle.js';
import { chunked, type Random, randomFrom, randomStream } from '../../../support/random-streams.js';
import { give, joined, reading, turns } from '../../../support/reading.js';
import { type Event, PARTS, WHOLE } from '../../../support/recorder.js';

const { FUZZ_SEED } = process.env;
const base = FUZZ_SEED === undefined ? Date.now() % 1_000_000_000 : Number(FUZZ_SEED);
const deflate = (payload: Buffer): Buffer => deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

async function settled(state: { ended: boolean; defect: unknown }, events: Event[], seed: number): Promise<Event[]> {
  const until = performance.now() + 10_000; // ms; zlib's threads may have to wait for a core
  while (!state.ended && performance.now() < until) await turns(1);
  if (!state.ended) throw new Error(`FUZZ_SEED=${seed}: the end never came; ${state.defect}; ${JSON.stringify(events).slice(0, 1000)}`);
  return events;
}

/** The same, or one of the three differences that house.md lists. */
function agrees(ours: readonly Event[], theirs: readonly Event[]): boolean {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return true;
  const before = ours.slice(0, -1);
  const [name, code] = ours.at(-1) ?? [];
  if (name !== 'failed' || JSON.stringify(before) !== JSON.stringify(theirs.slice(0, before.length))) return false;
  const rest = theirs.slice(before.length);
  // 1007 earlier than the end of the message: meanwhile the oracle sees control frames at most.
  if (code === 1007) return rest.every(([other]) => other !== 'text' && other !== 'binary');
  // A 64-bit length with the top bit set is a violation, not a size; what cannot be inflated is 1002.
  return code === 1002 && rest.length === 1 && rest[0]?.[0] === 'failed' && (rest[0][1] === 1009 || rest[0][1] === 1007);
}

async function compare(seed: number, compressed: boolean): Promise<void> {
  const random: Random = randomFrom(seed);
  const isServer = random(2) === 0;
  const stream = randomStream(random, { masked: isServer, ...(compressed && { deflate }) });
  const chunks = chunked(random, stream);
  const theirs = await judge(chunks, { isServer, ...(compressed && { deflate: { noContextTakeover: true } }) });
  const { reader, house, state } = reading({
    isServer,
    wants: WHOLE,
    deflate: compressed ? { noContextTakeover: true, windowBits: 15 } : null,
  });
  give(reader, ...chunks);
  reader.end();
  const ours = await settled(state, house.events, seed);
  if (!agrees(ours, theirs))
    throw new Error(`FUZZ_SEED=${seed}\nours   ${JSON.stringify(ours).slice(0, 2000)}\ntheirs ${JSON.stringify(theirs).slice(0, 2000)}`);
}

it(`[CLO-15] 1,000 random streams say to us what they say to ws (seed ${base})`, async () => {
  for (let i = 0; i < 1000; i++) await compare(base + i, false);
});

it(`[EXT-14] 200 random compressed streams say to us what they say to ws (seed ${base})`, async () => {
  for (let i = 0; i < 200; i++) await compare(base + i, true);
});

it(`[REL-7] parts, pauses and other cuts change nothing (seed ${base})`, async () => {
  for (let i = 0; i < 400; i++) {
    const seed = base + i;
    const random = randomFrom(seed);
    const isServer = random(2) === 0;
    const compressed = i % 4 === 0;
    const options = { isServer, deflate: compressed ? { noContextTakeover: random(2) === 0, windowBits: 15 } : null };
    const stream = randomStream(random, { masked: isServer, ...(compressed && { deflate }) });
    for (const wants of [WHOLE, PARTS]) {
      const straight = reading({ ...options, wants });
      give(straight.reader, stream);
      straight.reader.end();
      const want = joined(await settled(straight.state, straight.house.events, seed));
      const { reader, house, state } = reading({ ...options, wants });
      house.after = () => {
        if (random(3) > 0) return;
        reader.pause();
        if (random(2) === 0) setImmediate(() => reader.resume());
        else queueMicrotask(() => reader.resume());
      };
      const chunks = chunked(random, stream);
      for (const chunk of chunks) {
        give(reader, chunk);
        if (random(chunks.length > 500 ? 50 : 3) === 0) await turns(1);
        if (random(20) === 0) {
          reader.pause();
          setImmediate(() => reader.resume());
        }
      }
      reader.end();
      const got = joined(await settled(state, house.events, seed));
      if (JSON.stringify(got) !== JSON.stringify(want))
        throw new Error(`FUZZ_SEED=${seed}\n${JSON.stringify(got).slice(0, 1500)}\n${JSON.stringify(want).slice(0, 1500)}`);
    }
  }
});
