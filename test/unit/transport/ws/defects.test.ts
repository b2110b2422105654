/** A house, or one that waits for its bytes, that throws where nobody of the engine's is above it: the connection goes, nothing else. */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Transformation } from '../../../../src/transport/spi.js';
import { refuse } from '../../../../src/transport/ws/refusal.js';
import { closeAll, deflateParameters, event, serveRaw } from '../../../support/raw-channel.js';
import { PARTS, Recorder, WHOLE } from '../../../support/recorder.js';
import { SlowSocket } from '../../../support/slow-socket.js';
import { squeezed } from '../../../support/squeezing.js';
import { binary, text } from '../../../support/wire-frames.js';

afterEach(closeAll);

/** Throws at the first event of a name. */
function breaking(name: string, wants = WHOLE): Recorder {
  const house = new Recorder(wants);
  house.after = ([event]) => {
    if (event === name) throw new Error('a defect');
  };
  return house;
}

const later: Transformation = {
  rsv: [],
  parameters: [],
  inbound: (frame) => new Promise((resolve) => setImmediate(resolve, frame)),
  outbound: (frame) => frame,
};

describe('[REL-1, LIF-11] a defect of the house', () => {
  it.each([
    ['at a part that was inflated', 'part', PARTS, binary(squeezed(Buffer.alloc(300_000)), { rsv: 4 }), []],
    ['at a message that was inflated', 'text', WHOLE, text(squeezed('hello'), { rsv: 4 }), []],
    ['at what cannot be inflated', 'failed', WHOLE, text(Buffer.from([0xff, 0xff, 0xff]), { rsv: 4 }), []],
    ['at much that cannot be inflated', 'failed', PARTS, binary(Buffer.alloc(100_000, 7), { rsv: 4 }), []], // no such type of block
    ['at what an extension answers later', 'text', WHOLE, text('hello'), [later]],
  ] as const)('%s costs the connection', async (_what, name, wants, bytes, transformations) => {
    const house = breaking(name, wants);
    const { peer } = await serveRaw({ house, deflate: deflateParameters(), transformations });
    peer.write(bytes);
    expect((await event(house, 'closed'))[1]).toBe('a defect');
    expect(house.events.map(([each]) => each)).toEqual(['opened', name, 'closed']);
  });

  it('at a frame that an extension refuses to send costs the connection', async () => {
    const house = breaking('failed');
    const refusing: Transformation = {
      ...later,
      outbound() {
        throw new Error('refused');
      },
    };
    const { server } = await serveRaw({ house, transformations: [refusing] });
    server.channel.text('hello');
    expect((await event(house, 'closed'))[1]).toBe('a defect');
  });

  it('at a message that was being compressed when the socket went keeps it from nobody else', async () => {
    const { server } = await serveRaw({ deflate: deflateParameters() });
    const heard: string[] = [];
    const large = randomBytes(200_000);
    server.channel.binary(large, () => {
      heard.push('first');
      throw new Error('a defect');
    });
    server.channel.binary(large, (error) => heard.push(`second ${error === undefined}`));
    server.channel.terminate();
    await event(server.house, 'closed');
    expect(heard).toEqual(['first', 'second false']);
  });
});

it('[REL-5] a refusal to a client that cannot be written to any more only lets the socket go', () => {
  const socket = new SlowSocket();
  socket.end();
  refuse(socket, { status: 400, headers: [], body: 'no' });
  expect([socket.destroyed, socket.taken]).toEqual([true, []]);
});

it('[REL-5] an answer that is long has as long as its reader takes pieces of it, and no longer', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
  try {
    for (const isStuck of [false, true]) {
      const socket = new SlowSocket();
      socket.prompt = false;
      refuse(socket, { status: 200, headers: [], body: 'x'.repeat(300_000) });
      for (let i = 0; i < 4; i++) {
        jest.advanceTimersByTime(29_000);
        socket.readOut();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(socket.destroyed).toBe(false);
      jest.advanceTimersByTime(isStuck ? 30_000 : 29_000);
      expect(socket.destroyed).toBe(isStuck);
      if (isStuck) continue;
      socket.readOut();
      await new Promise((resolve) => setImmediate(resolve));
      expect(socket.bytes.length).toBeGreaterThan(300_000);
      jest.advanceTimersByTime(2000); // and who has it all leaves
      expect(socket.destroyed).toBe(true);
    }
  } finally {
    jest.useRealTimers();
  }
});
