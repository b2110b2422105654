/** What a channel forgets when a peer is given up, and the size of its writes until then. [REL-10] */
import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { WsChannelOptions } from '../../../../src/transport/ws/sending.js';
import { WsChannel } from '../../../../src/transport/ws/ws-channel.js';
import { eventually, gate } from '../../../support/eventually.js';
import { deflateParameters } from '../../../support/raw-channel.js';
import { Recorder } from '../../../support/recorder.js';
import { SlowSocket } from '../../../support/slow-socket.js';
import { parse } from '../../../support/wire-frames.js';
import { Xor } from '../../../support/xor-extension.js';

const KiB = 1024;
const error = new Error('given up');

/** A channel whose peer does not read. */
function stuck(options: Partial<WsChannelOptions> = {}) {
  const socket = new SlowSocket();
  socket.prompt = false;
  const channel = new WsChannel(socket, { isServer: true, deflate: null, ...options });
  const house = new Recorder();
  channel.begin(house, []);
  return { socket, channel, house };
}

async function drain(socket: SlowSocket): Promise<void> {
  do await turn();
  while (socket.readOut());
  await turn();
}

const opcodes = (socket: SlowSocket): number[] => parse(socket.bytes).map(({ opcode }) => opcode);

describe('discarding', () => {
  it('[REL-10] keeps what the socket has, with its done; the rest is forgotten, a pong too, and each done hears why', async () => {
    const { socket, channel } = stuck();
    const dones: [string, Error | undefined][] = [];
    const done = (what: string) => (failed?: Error) => void dones.push([what, failed]);
    channel.text('first', done('first'));
    await turn();
    channel.text('second', done('second'));
    channel.binary(Buffer.alloc(100 * KiB), done('third'));
    channel.pong(Buffer.from('fourth'), done('fourth'));
    socket.push(Buffer.from([0x89, 0x80, 0, 0, 0, 0])); // a ping
    await turn();
    const counted = channel.counters.bytesSent;
    expect(channel.discard(error)).toBe(true);
    expect(channel.bufferedAmount).toBe(7);
    expect(dones).toEqual(['second', 'third', 'fourth'].map((what) => [what, error]));
    channel.close(1008, 'slow reader', done('close'));
    await drain(socket);
    expect(dones.slice(3)).toEqual([
      ['first', undefined],
      ['close', undefined],
    ]);
    expect(opcodes(socket)).toEqual([1, 8]);
    expect(channel.counters.bytesSent).toBeGreaterThanOrEqual(counted); // a count never falls
    expect(channel.bufferedAmount).toBe(0);
  });

  it('[REL-10] a done whose bytes the socket has waits for them, whatever else was given up', async () => {
    const { socket, channel } = stuck();
    const gone: string[] = [];
    const done = (what: string) => () => void gone.push(what);
    socket.prompt = true;
    channel.text('taken', done('taken'));
    channel.flush(); // which is told in the next tick
    socket.prompt = false;
    channel.text('with the socket', done('with the socket'));
    channel.flush();
    channel.binary(Buffer.alloc(50_000));
    channel.discard(error);
    await turn();
    expect(gone).toEqual(['taken']);
    socket.readOut();
    await turn();
    expect(gone).toEqual(['taken', 'with the socket']);
  });

  it.each<[string, (channel: WsChannel) => void]>([
    ['a frame larger than a write', (channel) => channel.binary(Buffer.alloc(300 * KiB))],
    ['a text larger than a write', (channel) => channel.text('x'.repeat(300 * KiB))],
    ['a prepared message larger than a write', (channel) => channel.write(channel.prepare('x'.repeat(300 * KiB)))],
    ['a part larger than a write', (channel) => channel.part('binary', Buffer.alloc(300 * KiB), true, false)],
  ])('[REL-10] nothing can follow the beginning of %s', async (_what, send) => {
    const { channel } = stuck();
    send(channel);
    await turn();
    expect(channel.discard(error)).toBe(false);
  });

  it('[REL-10] a close frame may follow the first part of a message', async () => {
    const { socket, channel } = stuck();
    channel.part('text', 'begun', true, false);
    await turn();
    channel.part('text', 'ended', false, true);
    expect(channel.discard(error)).toBe(true);
    channel.close(1008, '');
    await drain(socket);
    expect(parse(socket.bytes).map(({ opcode, fin }) => [opcode, fin])).toEqual([
      [1, false],
      [8, true],
    ]);
  });

  it.each([
    ['small', 100],
    ['large', 300 * KiB],
  ])(
    '[REL-10] a compression of %s messages that is under way comes to nothing, and the close frame does not wait for it',
    async (_what, size) => {
      const { socket, channel, house } = stuck({ deflate: deflateParameters({ serverNoContextTakeover: false }) });
      const failed: unknown[] = [];
      for (let i = 0; i < 5; i++) channel.binary(randomBytes(size), (why) => void failed.push(why));
      expect(channel.bufferedAmount).toBeGreaterThan(0);
      expect(channel.discard(error)).toBe(true);
      expect(channel.bufferedAmount).toBe(0);
      expect(failed).toEqual(Array(5).fill(error));
      channel.close(1008, '');
      await drain(socket);
      expect(opcodes(socket)).toEqual([8]);
      await new Promise((resolve) => setTimeout(resolve, 30)); // for the thread pool
      await drain(socket);
      expect(opcodes(socket)).toEqual([8]);
      expect(house.events.map(([event]) => event)).not.toContain('closed');
    },
  );

  it('[REL-10] what an extension still turns over is thrown away, and the close frame takes its turn behind it', async () => {
    const hold = gate();
    const extension = new Xor();
    const plain = extension.outbound.bind(extension);
    extension.outbound = (frame) => (frame.opcode === 8 ? plain(frame) : hold.promise.then(() => plain(frame)));
    const { socket, channel } = stuck({ transformations: [extension] });
    const failed: unknown[] = [];
    for (let i = 0; i < 3; i++) channel.text(`${i}`, (why) => void failed.push(why));
    expect(channel.bufferedAmount).toBe(3);
    expect(channel.discard(error)).toBe(true);
    expect([channel.bufferedAmount, failed]).toEqual([0, [error, error, error]]);
    channel.close(1008, '');
    await drain(socket);
    expect(socket.bytes).toHaveLength(0);
    hold.open();
    await eventually(async () => {
      await drain(socket);
      expect(opcodes(socket)).toEqual([8]);
    });
    expect(channel.bufferedAmount).toBe(0);
  });
});

describe('a single write', () => {
  const MiB = KiB * KiB;
  it.each<[string, Partial<WsChannelOptions>, (channel: WsChannel) => void]>([
    ['large bytes, which are not copied', {}, (channel) => channel.binary(Buffer.alloc(MiB))],
    ['a large text', {}, (channel) => channel.text('ä'.repeat(MiB / 2))],
    ['a large frame of a client', { isServer: false }, (channel) => channel.binary(Buffer.alloc(MiB))],
    [
      'many small messages',
      {},
      (channel) => {
        for (let i = 0; i < 20_000; i++) channel.text('x'.repeat(50));
      },
    ],
    [
      'many of a middle size',
      {},
      (channel) => {
        for (let i = 0; i < 40; i++) channel.binary(Buffer.alloc(30_000));
      },
    ],
    ['a prepared message', {}, (channel) => channel.write(channel.prepare(Buffer.alloc(MiB)))],
    ['large bytes, deflated', { deflate: deflateParameters() }, (channel) => channel.binary(randomBytes(MiB))],
    ['a prepared message, deflated', { deflate: deflateParameters() }, (channel) => channel.write(channel.prepare(randomBytes(MiB)))],
    ['large bytes through an extension', { transformations: [new Xor()] }, (channel) => channel.binary(Buffer.alloc(MiB))],
  ])('[REL-10] is never larger than 256 KiB, and each that finishes is told: %s', async (_what, options, send) => {
    const { socket, channel, house } = stuck(options);
    send(channel);
    await eventually(async () => {
      await drain(socket);
      expect(socket.bytes.length).toBeGreaterThan(MiB * 0.9);
    });
    expect(Math.max(...socket.writes)).toBeLessThanOrEqual(256 * KiB);
    expect(socket.writes.length).toBeGreaterThanOrEqual(4);
    expect(house.drained).toBeGreaterThanOrEqual(socket.writes.length);
    expect(channel.bufferedAmount).toBe(0);
  });
});
