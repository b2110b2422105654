/** Random streams, and legal ones made wrong, as cases for two readers. */
import { deflateRawSync } from 'node:zlib';
import type { Case } from './differential.js';
import { chunked, type Random, randomFrames, randomFrom, randomStream } from './random-streams.js';
import { spoilt } from './spoilt-frames.js';
import { Squeezer } from './squeezing.js';

const { FUZZ_SEED } = process.env;
/** The seed of the first case: told by the environment, or the time. */
export const base = FUZZ_SEED === undefined ? Date.now() % 1_000_000_000 : Number(FUZZ_SEED);

export interface Sort {
  readonly compressed?: boolean;
  readonly spoilt?: boolean;
}

/** A peer that compresses as zlib does, and now and then with a block marked as the last (RFC 7692, 7.2.3.4). */
function squeezing(random: Random, takeover: boolean): (payload: Buffer) => Buffer {
  let squeezer = new Squeezer({ takeover });
  return (payload) => {
    if (random(6) > 0) return squeezer.squeeze(payload);
    squeezer = new Squeezer({ takeover });
    return Buffer.concat([deflateRawSync(payload), Buffer.from([0])]);
  };
}

/** The same for the same seed. */
export function caseOf(seed: number, { compressed = false, spoilt: isSpoilt = false }: Sort = {}): Case {
  const random = randomFrom(seed);
  const isServer = random(2) === 0;
  const noContextTakeover = random(2) === 0;
  const options = { masked: isServer, messages: 5, ...(compressed && { deflate: squeezing(random, !noContextTakeover) }) };
  const stream = isSpoilt ? spoilt(randomFrames(random, { ...options, legal: true }), random) : randomStream(random, options);
  return { seed, isServer, chunks: chunked(random, stream, 8), ...(compressed && { deflate: { noContextTakeover } }) };
}
