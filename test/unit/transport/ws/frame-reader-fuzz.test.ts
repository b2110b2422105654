/** Random streams at the reader: they say what they say to ws's Receiver, however they are cut and held up. */
import { constants, deflateRawSync } from 'node:zlib';
import { it } from '@jest/globals';
import { compareAll } from '../../../support/differential.js';
import { base, caseOf } from '../../../support/random-cases.js';
import { chunked, randomFrom, randomStream } from '../../../support/random-streams.js';
import { give, joined, reading, turns } from '../../../support/reading.js';
import { type Event, PARTS, WHOLE } from '../../../support/recorder.js';

const deflate = (payload: Buffer): Buffer => deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

async function settled(state: { ended: boolean; defect: unknown }, events: Event[], seed: number): Promise<Event[]> {
  const until = performance.now() + 10_000; // ms; zlib's threads may have to wait for a core
  while (!state.ended && performance.now() < until) await turns(1);
  if (!state.ended) throw new Error(`FUZZ_SEED=${seed}: the end never came; ${state.defect}; ${JSON.stringify(events).slice(0, 1000)}`);
  return events;
}

it(`[REL-1, CLO-15] 18,000 random streams say to us what they say to ws (seed ${base})`, async () => {
  await compareAll(base, 18_000, (seed) => caseOf(seed));
}, 60_000);

it(`[REL-1, EXT-14] 2,000 random compressed streams say to us what they say to ws (seed ${base})`, async () => {
  await compareAll(base, 2000, (seed) => caseOf(seed, { compressed: true }), 30);
}, 60_000);

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
}, 60_000);
