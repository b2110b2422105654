/** However much there is to read, the others have their turn after 2 ms of it, by a clock that the test moves. [REL-11] */
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { Frame, Transformation } from '../../../../src/transport/spi.js';
import { give, type Reading, reading, turns } from '../../../support/reading.js';
import { SKIP, upTo } from '../../../support/recorder.js';
import { squeezed } from '../../../support/squeezing.js';
import { binary, more, ping, pong, text } from '../../../support/wire-frames.js';

const FRAMES = 1000;
const STEP = 0.8; // ms that have gone by whenever somebody looks: the third look is beyond a slice
const LOOKS = 3;

let now = 0;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    now += STEP;
    return now;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

const through = (inbound: Transformation['inbound']): Reading => ({
  transformations: [{ rsv: [], parameters: [], inbound, outbound: (frame) => frame }],
});
const deflate = { noContextTakeover: true, windowBits: 15 };
const started = text('', { fin: false });
const nothing = Buffer.alloc(0);

/** What the flood begins with, what it consists of, how it is read, and how many frames may be read between two looks at the clock. */
const FLOODS: readonly (readonly [what: string, first: Buffer, each: Buffer, how: Reading, between: number])[] = [
  ['texts of a byte', nothing, text('x'), {}, 32],
  ['empty texts', nothing, text(''), {}, 32],
  ['empty binary messages', nothing, binary(''), {}, 32],
  ['messages that nobody takes', nothing, text('x'), { wants: SKIP }, 32],
  ['pings', nothing, ping('p'), {}, 32],
  ['pongs', nothing, pong('p'), {}, 32],
  ['fragments of a byte', started, more('x', { fin: false }), {}, 32],
  ['empty fragments', started, more('', { fin: false }), {}, 32],
  ['fragments of a byte that nobody takes', started, more('x', { fin: false }), { wants: SKIP }, 32],
  ['small compressed messages', nothing, text(squeezed('x'), { rsv: 4 }), { deflate }, 1],
  ['compressed nothing', nothing, text(deflateRawSync('').subarray(0, 1), { rsv: 4 }), { deflate }, 1],
  ['texts through an extension', nothing, text('x'), through((frame) => frame), 1],
  ['pings through an extension', nothing, ping('p'), through((frame) => frame), 1],
  ['empty fragments through an extension', started, more('', { fin: false }), through((frame) => frame), 1],
  ['texts through an extension that answers in a microtask', nothing, text('x'), through(async (frame) => frame), 1],
  ['texts through an extension that answers with what is no promise', nothing, text('x'), through(thenable), 1],
];

function thenable(frame: Frame): Promise<Frame> {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  return { then: (done: (frame: Frame) => void) => done(frame) } as unknown as Promise<Frame>;
}

it.each(FLOODS)('[REL-11] %s', async (_what, first, each, how, between) => {
  const { reader, state } = reading({ wants: upTo(10_000), ...how });
  const total = FRAMES + (first.length > 0 ? 1 : 0);
  give(reader, Buffer.concat([first, ...Array<Buffer>(FRAMES).fill(each)]));
  const most = between * (LOOKS + 1);
  expect(reader.framesReceived).toBeLessThanOrEqual(most);
  let rounds = 0;
  for (let seen = 0; reader.framesReceived < total; seen = reader.framesReceived) {
    await turns(1);
    expect(reader.framesReceived - seen).toBeLessThanOrEqual(2 * most); // one slice in this turn, and one in the next
    expect(++rounds).toBeLessThan(10 * FRAMES);
  }
  expect(rounds).toBeGreaterThan(FRAMES / (2 * most) - 1);
  await turns(2);
  expect(state).toMatchObject({ held: false, defect: undefined });
});
