/** A flood on one connection, an echo on another: who is served in between, by a clock that goes on whenever somebody looks. [REL-11] */
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { OnMessage, ServerEndpoint } from 'margay';
import type { ExtensionFactory, Frame } from '../../src/transport/spi.js';
import { type FrameParts, frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { squeezed } from '../support/squeezing.js';
import { start } from '../support/start.js';

const { continuation, text, binary, ping, pong } = OPCODES;
const STEP = 0.8; // ms
const RSV2 = 2;

/** A slice of 2 ms is over at the third look, however long it takes in truth. */
beforeEach(() => {
  let now = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => {
    now += STEP;
    return now;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

const extension = (name: string, inbound: (frame: Frame) => Frame | Promise<Frame>): ExtensionFactory => ({
  name,
  build: () => ({ rsv: [2], parameters: [], inbound, outbound: (each) => each }),
});

@ServerEndpoint('/talk')
class Talk {
  @OnMessage
  text(message: string): string | undefined {
    return message.startsWith('echo') ? message : undefined;
  }
}

const DEFLATE = 'permessage-deflate';
const begun: FrameParts = { opcode: text, fin: false };

/** What is offered, what the flood begins with, what it consists of and how many. */
const FLOODS: readonly (readonly [what: string, offer: string | null, first: FrameParts | null, each: FrameParts, count: number])[] = [
  ['empty texts', null, null, { opcode: text }, 10_000],
  ['texts of a byte', null, null, { opcode: text, payload: 'x' }, 8000],
  ['messages that nobody takes', null, null, { opcode: binary, payload: 'x' }, 8000],
  ['pings', null, null, { opcode: ping, payload: 'p' }, 8000],
  ['pongs', null, null, { opcode: pong }, 10_000],
  ['empty fragments', null, begun, { opcode: continuation, fin: false }, 10_000],
  ['fragments of a byte', null, begun, { opcode: continuation, fin: false, payload: 'x' }, 8000],
  ['small compressed texts', DEFLATE, null, { opcode: text, rsv: 4, payload: squeezed('x') }, 500],
  ['texts through an extension', 'prompt', null, { opcode: text, rsv: RSV2, payload: 'x' }, 500],
  ['texts through an extension that answers in microtasks', 'hesitant', null, { opcode: text, rsv: RSV2, payload: 'x' }, 500],
];

it.each(FLOODS)(
  '[REL-11] %s, all in one packet or two: an echo comes back many times before they have been read',
  async (_what, offer, first, each, count) => {
    const extensions = [extension('prompt', (frame) => frame), extension('hesitant', async (frame) => frame)];
    const started = await start(Talk, { perMessageDeflate: true, extensions });
    const lines = offer === null ? [] : [`Sec-WebSocket-Extensions: ${offer}`];
    const bad = await RawPeer.open(started, '/talk', { lines });
    const good = await RawPeer.open(started, '/talk');
    good.text('echo 0');
    await good.received(1);
    const all = Array<Buffer>(count).fill(frame(each));
    bad.send(...(first === null ? [] : [first]), ...all, { opcode: ping, rsv: each.rsv === RSV2 ? RSV2 : 0, payload: 'that is all' });
    let echoes = 0;
    while (bad.pongs.at(-1) !== 'that is all') {
      good.text(`echo ${++echoes}`);
      await good.received(echoes + 1);
    }
    expect(echoes).toBeGreaterThanOrEqual(12);
  },
);
