/** An extension that changes nothing, fed with whatever a peer may send. */
import { constants, deflateRawSync } from 'node:zlib';
import { it } from '@jest/globals';
import type { Frame, Handled, Transformation } from '../../../../src/transport/spi.js';
import { compareAll } from '../../../support/differential.js';
import { base, caseOf } from '../../../support/random-cases.js';
import { chunked, type Random, randomFrom, randomStream } from '../../../support/random-streams.js';
import { give, joined, type Reading, reading, turns } from '../../../support/reading.js';
import { type Event, PARTS, WHOLE } from '../../../support/recorder.js';

const deflate = (payload: Buffer): Buffer => deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

/** Gives every frame back as it came, at once, in a microtask or in a later turn. */
function idle(random: Random): Transformation {
  const answer = (frame: Frame): Handled<Frame> => {
    if (random(3) > 0) return frame;
    return random(2) === 0 ? Promise.resolve(frame) : new Promise((resolve) => setImmediate(resolve, frame));
  };
  return { rsv: [], parameters: [], inbound: answer, outbound: answer };
}

async function heard(random: Random, chunks: readonly Buffer[], options: Reading): Promise<Event[]> {
  const { reader, house, state } = reading(options);
  house.after = () => {
    if (random(4) > 0) return;
    reader.pause();
    if (random(2) === 0) setImmediate(() => reader.resume());
    else queueMicrotask(() => reader.resume());
  };
  for (const chunk of chunks) {
    give(reader, chunk);
    if (random(chunks.length > 500 ? 50 : 3) === 0) await turns(1);
  }
  reader.end();
  const until = performance.now() + 10_000; // ms; zlib's threads may have to wait for a core
  while (!state.ended && performance.now() < until) await turns(1);
  if (!state.ended) throw new Error(`the end never came; ${state.defect}; ${JSON.stringify(house.events).slice(0, 1000)}`);
  return joined(house.events);
}

/** The same; but of a frame that never ends nothing is said, not even that it is no UTF-8. */
function agrees(ours: readonly Event[], plain: readonly Event[]): boolean {
  const rest = plain.slice(ours.length);
  if (JSON.stringify(ours) !== JSON.stringify(plain.slice(0, ours.length))) return false;
  return rest.length === 0 || (rest.length === 1 && rest[0]?.[0] === 'failed' && rest[0][1] === 1007);
}

it(`[EXT-16, REL-7] 500 random streams say the same with an extension that changes nothing (seed ${base})`, async () => {
  for (let i = 0; i < 500; i++) {
    const random = randomFrom(base + i);
    const isServer = random(2) === 0;
    const compressed = i % 4 === 0;
    const options: Reading = {
      isServer,
      wants: random(2) === 0 ? WHOLE : PARTS,
      deflate: compressed ? { noContextTakeover: random(2) === 0, windowBits: 15 } : null,
    };
    const stream = randomStream(random, { masked: isServer, ...(compressed && { deflate }) });
    const plain = await heard(() => 1, [stream], options);
    const ours = await heard(random, chunked(random, stream), { ...options, transformations: [idle(random), idle(random)] });
    if (!agrees(ours, plain))
      throw new Error(`FUZZ_SEED=${base + i}\n${JSON.stringify(ours).slice(0, 1500)}\n${JSON.stringify(plain).slice(0, 1500)}`);
  }
});

const identity: Transformation = { rsv: [], parameters: [], inbound: (frame) => frame, outbound: (frame) => frame };

it(`[REL-1, EXT-16] with an extension that changes nothing, 3,000 random and spoilt streams say to us what they say to ws (seed ${base})`, async () => {
  const through = (spoilt: boolean, compressed: boolean) => (seed: number) => ({
    ...caseOf(seed, { spoilt, compressed }),
    transformations: [identity],
  });
  await compareAll(base, 1000, through(false, false));
  await compareAll(base, 1500, through(true, false));
  await compareAll(base, 500, through(true, true), 30);
}, 60_000);
