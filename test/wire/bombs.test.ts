/** Little that becomes much, or takes long: nobody else waits for it, and it is not held. [REL-8, REL-11, REL-15, EXT-14] */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, ServerEndpoint } from 'margay';
import { eventually } from '../support/eventually.js';
import { type FrameParts, OPCODES } from '../support/frames.js';
import { held } from '../support/memory.js';
import { RawPeer } from '../support/raw-peer.js';
import { squeezed } from '../support/squeezing.js';
import { start } from '../support/start.js';
import { heard, withDiary } from './diary.js';

const { continuation, text, binary, ping } = OPCODES;
const RSV1 = 4;
const DEFLATE = { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] };
const MB = 2 ** 20;

/** Compressed text only: there is nobody for bytes. */
@ServerEndpoint('/talk')
class Talk {
  @OnMessage
  text(message: string): string {
    return message;
  }
}

/** Stored blocks without a byte, none the last. */
const EMPTY_STORED = Buffer.alloc(60_000, Buffer.from([0, 0, 0, 0xff, 0xff]));
/** Blocks with a table of codes each, and nothing else: 75 bits, eight of which are 75 bytes. */
const EMPTY_DYNAMIC = ((): Buffer => {
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let i = 0; i < count; i++) bits.push((value >> i) & 1);
  };
  for (let i = 0; i < 8; i++) {
    put(0b100, 3); // not the last; a table of its own
    put(0, 5); // 257 codes for what is said
    put(0, 5); // one for distances
    put(14, 4); // 18 lengths follow, of which those of "1" and "many zeros" are not nothing
    for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]) put(symbol === 18 || symbol === 1 ? 1 : 0, 3);
    for (const zeros of [138, 118]) put(1 | ((zeros - 11) << 1), 8);
    put(0, 2); // the end of a block has one bit, and so has the distance
    put(0, 1); // the end
  }
  const once = Buffer.alloc(bits.length / 8);
  for (const [i, bit] of bits.entries()) once[i >> 3] = (once[i >> 3] as number) | (bit << (i & 7));
  return once;
})();
const dynamic = (size: number): Buffer =>
  Buffer.concat([Buffer.alloc(size - (size % EMPTY_DYNAMIC.length), EMPTY_DYNAMIC), Buffer.from([0])]);

describe('[REL-8, REL-11] a bomb that nobody takes', () => {
  const bomb = squeezed(Buffer.alloc(50 * MB));
  it.each<[string, FrameParts[]]>([
    ['in one frame', [{ opcode: binary, rsv: RSV1, fin: false, payload: bomb }]],
    [
      'in many',
      Array.from({ length: 100 }, (_, i) => ({
        opcode: i === 0 ? binary : continuation,
        rsv: i === 0 ? RSV1 : 0,
        fin: false,
        payload: bomb.subarray(Math.floor((i * bomb.length) / 100), Math.floor(((i + 1) * bomb.length) / 100)),
      })),
    ],
  ])('%s is not held, others are served until it has gone off, and the connection with it', async (_how, frames) => {
    const started = await start(Talk, { perMessageDeflate: true });
    const bad = await RawPeer.open(started, '/talk', DEFLATE);
    const good = await RawPeer.open(started, '/talk');
    const before = await held();
    bad.send(...frames, { opcode: ping, payload: 'all of it' });
    for (let echoes = 1; echoes <= 50; echoes++) {
      good.text('echo');
      await good.received(echoes);
    }
    expect(bad.pongs).toEqual([]); // it becomes 6,400 slices, and another has its turn between any two
    await bad.ponged();
    expect((await held()) - before).toBeLessThan(8 * MB);
    bad.send({ opcode: continuation });
    bad.text('here');
    await eventually(() => expect(bad.frames.filter(({ opcode }) => opcode === text)).toHaveLength(1));
  });
});

describe('[EXT-14, REL-11] compressed nothing', () => {
  it.each([
    ['stored blocks', EMPTY_STORED],
    ['blocks with tables, short', dynamic(4000)],
    ['blocks with tables, long', dynamic(60_000)],
  ])('%s: an empty message', async (_what, payload) => {
    const { meet } = await withDiary({ perMessageDeflate: true });
    const { peer, told } = await meet(DEFLATE);
    peer.send({ opcode: text, rsv: RSV1, payload }, { opcode: text, payload: 'behind' });
    await eventually(() => expect(told.texts).toEqual(['', 'behind']));
    expect(told.ends).toEqual([]);
  });
});

it('[REL-8] forty bombs at once, none of them finished: 1009 for each', async () => {
  const payload = squeezed(Buffer.alloc(20 * MB));
  const { meet } = await withDiary({ perMessageDeflate: true, maxBinaryMessageBufferSize: 64 * 1024 });
  const all = await Promise.all(Array.from({ length: 40 }, () => meet(DEFLATE)));
  for (const { peer } of all) peer.send({ opcode: binary, rsv: RSV1, payload, fin: false });
  for (const { peer, told } of all) {
    expect((await peer.closeFrame())?.code).toBe(1009);
    expect(await heard(told, 2)).toEqual(['MARGAY_TOO_BIG', 1009]);
  }
});
