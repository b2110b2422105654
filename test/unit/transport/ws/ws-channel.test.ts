import { setImmediate as turn } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { WsChannel } from '../../../../src/transport/ws/ws-channel.js';
import { deflateParameters, event } from '../../../support/raw-channel.js';
import { Recorder } from '../../../support/recorder.js';
import { SlowSocket } from '../../../support/slow-socket.js';
import { binary, close, parse, ping, text } from '../../../support/wire-frames.js';

const squeeze = (payload: Buffer): Buffer => deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

function open(socket = new SlowSocket(), deflate: ReturnType<typeof deflateParameters> | null = null) {
  const house = new Recorder();
  const channel = new WsChannel(socket, { isServer: true, deflate });
  channel.begin(house, []);
  return { socket, house, channel };
}

async function drain(socket: SlowSocket): Promise<void> {
  do await turn();
  while (socket.readOut());
  await turn();
}

it('[REL-10] a stuck peer gets one pong, in front of what waits, and none after our close frame', async () => {
  const { socket, channel } = open();
  socket.prompt = false;
  channel.text('first');
  await turn();
  channel.text('second');
  for (let i = 0; i < 100; i++) socket.push(ping(String(i)));
  await turn();
  expect(channel.bufferedAmount).toBe(7 + 8);
  await drain(socket);
  expect(parse(socket.bytes).map(({ payload }) => payload.toString())).toEqual(['first', '99', 'second']);

  channel.binary(Buffer.alloc(600_000));
  await turn();
  socket.push(ping('owed'));
  await turn();
  channel.close(1000, 'bye');
  socket.push(ping('too late'));
  await drain(socket);
  expect(
    parse(socket.bytes)
      .slice(3)
      .map(({ opcode, payload }) => [opcode, payload.length]),
  ).toEqual([
    [2, 600_000],
    [10, 4],
    [8, 5],
  ]);
});

it('[LIF-14] a socket that closes by itself at the end of the stream is not gone before all has been delivered', async () => {
  const { socket, house } = open(new SlowSocket({ allowHalfOpen: false }), deflateParameters());
  socket.push(Buffer.concat([binary(squeeze(Buffer.alloc(3_000_000)), { rsv: 4 }), text('after')]));
  socket.push(null);
  await event(house, 'closed');
  expect(socket.closed).toBe(true);
  expect(house.events.map(([name]) => name)).toEqual(['binary', 'text', 'closed']);
});

it('[LIF-10] after a plain end of the stream an error is no longer one', async () => {
  const { socket, house } = open(new SlowSocket({ allowHalfOpen: true }), deflateParameters());
  socket.push(binary(squeeze(Buffer.alloc(3_000_000)), { rsv: 4 }));
  socket.push(null);
  await new Promise((resolve) => socket.once('end', resolve));
  socket.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
  expect(await event(house, 'closed')).toEqual(['closed', undefined]);
  expect(house.events.map(([name]) => name)).toEqual(['binary', 'closed']);
});

it('[LIF-10] before it, an error ends everything at once', async () => {
  const { socket, house, channel } = open();
  channel.pause();
  socket.push(text('never delivered'));
  await turn();
  socket.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  expect(await event(house, 'closed')).toEqual(['closed', 'ECONNRESET']);
  channel.resume();
  await turn();
  expect(house.events).toHaveLength(1);
});

it('[LIF-14] a peer that reads nothing after its end is waited for 2 s at most', async () => {
  const { socket, house, channel } = open(new SlowSocket({ allowHalfOpen: true }));
  socket.prompt = false;
  channel.text('nobody reads this');
  socket.push(null);
  const began = performance.now();
  await event(house, 'closed');
  expect(performance.now() - began).toBeGreaterThan(1500);
  expect(performance.now() - began).toBeLessThan(4000);
});

it('[REL-7] what came with the handshake is delivered first, and not within begin()', async () => {
  const house = new Recorder();
  const socket = new SlowSocket();
  const channel = new WsChannel(socket, { isServer: true, deflate: null });
  socket.push(Buffer.concat([text('3'), close(1000)]));
  channel.begin(house, [text('1').subarray(0, 3), Buffer.concat([text('1').subarray(3), text('2')])]);
  expect(house.events).toEqual([]);
  await event(house, 'closing');
  expect(house.events.map(([, data]) => data)).toEqual(['1', '2', '3', 1000]);
});

it('[LIF-8] pause() holds the socket, resume() lets it go', async () => {
  const { socket, house, channel } = open();
  channel.pause();
  for (let i = 0; i < 10; i++) socket.push(text(String(i)));
  await turn();
  expect(socket.isPaused()).toBe(true);
  channel.resume();
  await event(house, 'text', 10);
  expect(socket.isPaused()).toBe(false);
});
