/** A channel with extensions of its own, against a raw peer. [EXT-16] */

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OPCODES } from '../support/frames.js';
import { closeAll, deflateParameters, event, eventually, receiving, type SideOptions, serveRaw } from '../support/raw-channel.js';
import { PARTS, Recorder, SKIP, upTo, WAIT, WHOLE } from '../support/recorder.js';
import { binary, close, frame, more, parse, ping, pong, text } from '../support/wire-frames.js';
import { Xor, type XorOptions } from '../support/xor-extension.js';

afterEach(closeAll);

const RSV2 = 2;
const hex = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('hex');
const squeeze = (bytes: string | Uint8Array): Buffer => deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const swell = (bytes: Uint8Array): Buffer =>
  inflateRawSync(Buffer.concat([bytes, Buffer.from([0, 0, 255, 255])]), { finishFlush: constants.Z_SYNC_FLUSH });

async function xored(options: XorOptions = {}, rest: SideOptions = {}) {
  const extension = new Xor(options);
  const { server, peer } = await serveRaw({ transformations: [extension], ...rest });
  const received = receiving(peer);
  const frames = () => parse(received());
  return { extension, server, house: server.house, peer, frames };
}

/** How they are called, and how fast they are. */
const BOTH = [
  ['at once', false],
  ['later', true],
] as const;

describe.each(BOTH)('[EXT-16] an extension that answers %s', (_what, slow) => {
  const extension = new Xor();
  const hidden = (payload: string | Uint8Array): Buffer => extension.turn(Buffer.from(payload));
  const BIT = { rsv: RSV2 };

  it('rewrites what comes in: whole, fragmented, with control frames between, in order', async () => {
    const { house, peer, frames } = await xored({ slow });
    peer.write(
      Buffer.concat([
        text(hidden('a long one'), BIT),
        text(hidden(''), BIT),
        binary(hidden('one '), { ...BIT, fin: false }),
        ping(hidden('?'), BIT),
        more(hidden(''), { ...BIT, fin: false }),
        pong(hidden('!'), BIT),
        more(hidden('two'), BIT),
        text(hidden('你好'), BIT),
        close(undefined, '', BIT),
      ]),
    );
    await event(house, 'closing');
    expect(house.events.slice(1)).toEqual([
      ['text', 'a long one'],
      ['text', ''],
      ['pong', hex('!')],
      ['binary', hex('one two')],
      ['text', '你好'],
      ['closing', 1005, ''],
    ]);
    await eventually(() => frames().length === 1);
    expect(frames()[0]).toMatchObject({ opcode: OPCODES.pong, rsv: RSV2, payload: hidden('?') });
  });

  it('rewrites what goes out: text, bytes, parts, prepared, control and close frames, in order', async () => {
    const { server, peer, frames, extension } = await xored({ slow });
    const { channel } = server;
    const done: string[] = [];
    const large = Buffer.alloc(50_000, 7);
    channel.text('a long one', (error) => done.push(`text ${error}`));
    channel.binary(large, (error) => done.push(`large ${error}`));
    channel.ping(Buffer.from('?'));
    channel.part('text', 'one ', true, false);
    channel.pong(Buffer.from('!'));
    channel.part('text', 'two', false, true);
    channel.write(channel.prepare('for many'), (error) => done.push(`prepared ${error}`));
    expect(channel.bufferedAmount).toBeGreaterThan(50_000);
    channel.close(1000, 'bye', (error) => done.push(`close ${error}`));
    await eventually(() => frames().length === 8);
    expect(frames().every(({ rsv, masked }) => rsv === RSV2 && !masked)).toBe(true);
    expect(
      frames().map(({ opcode, fin, payload }) => [opcode, fin, payload.length > 100 ? payload.length : String(extension.turn(payload))]),
    ).toEqual([
      [1, true, 'a long one'],
      [2, true, 50_000],
      [9, true, '?'],
      [1, false, 'one '],
      [10, true, '!'],
      [0, true, 'two'],
      [1, true, 'for many'],
      [8, true, '\u0003\ufffdbye'],
    ]);
    await eventually(() => done.length === 4);
    expect(done).toEqual(['text undefined', 'large undefined', 'prepared undefined', 'close undefined']);
    expect(large.every((byte) => byte === 7)).toBe(true);
    expect([channel.counters.framesSent, channel.counters.messagesSent, channel.bufferedAmount]).toEqual([8, 4, 0]);
    peer.end();
  });

  it('sees compressed frames, both ways: permessage-deflate stands next to the application', async () => {
    const long = 'one two '.repeat(5000);
    const { server, house, peer, frames, extension } = await xored({ slow }, { deflate: deflateParameters() });
    const squeezed = squeeze(long);
    peer.write(
      Buffer.concat([
        text(hidden(squeezed.subarray(0, 10)), { rsv: 4 | RSV2, fin: false }),
        ping(hidden('?'), BIT),
        more(hidden(squeezed.subarray(10)), BIT),
        text(hidden(squeeze('small')), { rsv: 4 | RSV2 }),
        text(hidden('plain'), BIT),
      ]),
    );
    await event(house, 'text', 3);
    expect(house.events.slice(1)).toEqual([
      ['text', long],
      ['text', 'small'],
      ['text', 'plain'],
    ]);
    server.channel.text(long);
    server.channel.text('');
    server.channel.close(1000, '');
    await eventually(() => frames().length === 4);
    const [first, second, third] = frames().filter(({ opcode }) => opcode !== OPCODES.pong);
    expect([first?.rsv, second?.rsv, third?.opcode]).toEqual([4 | RSV2, RSV2, OPCODES.close]);
    expect(swell(extension.turn(first?.payload as Buffer)).toString()).toBe(long);
  });

  it('that throws or rejects for a frame of the peer’s breaks the stream with 1002 and its error', async () => {
    const { extension, server, house, peer, frames } = await xored({ slow });
    extension.refuses = 'no';
    peer.write(Buffer.concat([text(hidden('yes'), BIT), text(hidden('no'), BIT), text(hidden('never seen'), BIT)]));
    await event(house, 'failed');
    expect([house.events.slice(1), house.error?.message]).toEqual([
      [
        ['text', 'yes'],
        ['failed', 1002],
      ],
      'refused',
    ]);
    server.channel.close(1002, '');
    await eventually(() => frames().length === 1);
    expect(extension.turn(frames()[0]?.payload as Buffer).readUInt16BE(0)).toBe(1002);
  });

  it('that throws or rejects for a frame of ours: nothing of it or behind it leaves but the close frame', async () => {
    const { extension, server, house, frames } = await xored({ slow });
    extension.refuses = 'no';
    const done: string[] = [];
    for (const each of ['yes', 'no', 'never sent']) server.channel.text(each, (error) => done.push(`${each} ${error?.message}`));
    expect(house.events).toHaveLength(1); // never on the caller's stack
    await event(house, 'failed');
    expect(house.events.slice(1)).toEqual([['failed', 1002]]);
    server.channel.close(1002, '', (error) => done.push(`close ${error}`));
    await eventually(() => done.length === 4);
    expect(done.sort()).toEqual([
      'close undefined',
      'never sent Nothing can be sent any more',
      'no Nothing can be sent any more',
      'yes undefined',
    ]);
    await eventually(() => frames().length === 2);
    expect(frames().map(({ opcode }) => opcode)).toEqual([1, 8]);
    expect(server.channel.bufferedAmount).toBe(0);
  });

  it('holds nothing beyond the limit of the message, which holds for what comes of it', async () => {
    for (const size of [100, 101, 100_000]) {
      const { house, peer } = await xored({ slow }, { house: new Recorder(upTo(100)) });
      const bytes = binary(hidden(Buffer.alloc(size)), BIT);
      peer.write(size === 100_000 ? bytes.subarray(0, 14) : bytes); // the header alone tells
      if (size === 100) expect(await event(house, 'binary')).toEqual(['binary', hex(Buffer.alloc(100))]);
      else expect(await event(house, 'failed')).toEqual(['failed', 1009]);
    }
  });

  it('pause and wait hold data and pongs, pings before them are answered, and the end waits', async () => {
    const house = new Recorder();
    const { server, peer, frames } = await xored({ slow }, { house });
    server.channel.pause();
    peer.write(Buffer.concat([ping(hidden('1'), BIT), text(hidden(''), BIT), ping(hidden('2'), BIT), pong(hidden('p'), BIT)]));
    peer.end();
    await eventually(() => frames().length === 1);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect([house.events, frames().length]).toEqual([[['opened']], 1]);
    let asked = 0;
    house.wants = () => (++asked < 3 ? WAIT : WHOLE);
    server.channel.resume();
    await eventually(() => asked === 1);
    server.channel.resume();
    await eventually(() => asked === 2);
    expect(house.events).toHaveLength(1);
    house.after = ([name]) => {
      if (name === 'text') server.channel.pause();
    };
    server.channel.resume();
    await event(house, 'text');
    await eventually(() => frames().length === 2);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(house.events).toHaveLength(2);
    server.channel.resume();
    await event(house, 'closed');
    expect(house.events.slice(1)).toEqual([
      ['text', ''],
      ['pong', hex('p')],
      ['closed', undefined],
    ]);
  });

  it('serves a message in parts and a skipped one, large ones too', async () => {
    const house = new Recorder((kind) => (kind === 'text' ? SKIP : PARTS));
    const { peer } = await xored({ slow }, { house });
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    peer.write(Buffer.concat([text(hidden('x'.repeat(100_000)), BIT), binary(hidden(bytes), BIT), ping(hidden(''), BIT)]));
    await eventually(() => house.events.at(-1)?.[3] === true);
    const parts = house.events.slice(1).map(([, , data]) => Buffer.from(data as string, 'hex'));
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
  });

  it('[LIF-9] nobody is asked about a message while parts of the one before still come', async () => {
    const house = new Recorder();
    house.wants = (kind) => {
      house.events.push(['intake', kind]);
      return PARTS;
    };
    const { peer } = await xored({ slow }, { house, deflate: deflateParameters() });
    const squeezed = squeeze(Buffer.alloc(100_000));
    peer.write(Buffer.concat([binary(hidden(squeezed), { rsv: 4 | RSV2 }), text(hidden('x'), BIT), ping(hidden(''), BIT)]));
    await eventually(() => house.events.at(-1)?.[1] === 'text' && house.events.at(-1)?.[0] === 'part');
    const asked = house.events.findIndex(([name, kind]) => name === 'intake' && kind === 'text');
    expect(house.events[asked - 1]?.slice(0, 2)).toEqual(['part', 'binary']);
    expect(house.events[asked - 1]?.[3]).toBe(true);
  });

  it('is closed once, when the connection is gone, and what it still says then is not heard', async () => {
    const { extension, server, peer, house } = await xored({ slow });
    const done: string[] = [];
    peer.write(text(hidden('12345678'), BIT));
    server.channel.text('12345678', (error) => done.push(String(error?.message)));
    server.channel.terminate();
    expect(extension.closed).toBe(0);
    await event(house, 'closed');
    await new Promise((resolve) => setTimeout(resolve, 30));
    server.channel.terminate();
    expect([extension.closed, house.events.map(([name]) => name), done]).toEqual([1, ['opened', 'closed'], ['The connection is gone']]);
  });
});

describe('[EXT-16] what extensions make of a frame', () => {
  it('passes through all of them: outwards in their order, inwards in the other', async () => {
    const order: string[] = [];
    const named = (name: string, rsv: 2 | 3) => {
      const each = new Xor({ rsv, key: rsv });
      for (const way of ['inbound', 'outbound'] as const) {
        each[way] = (frame) => {
          order.push(`${name} ${way}`);
          return Xor.prototype[way].call(each, frame);
        };
      }
      return each;
    };
    const { server, peer } = await serveRaw({ transformations: [named('inner', 2), named('outer', 3)] });
    const frames = receiving(peer);
    server.channel.text('a');
    await eventually(() => frames().length > 0);
    expect(parse(frames())[0]).toMatchObject({ rsv: 3, payload: Buffer.from([0x61 ^ 2 ^ 3]) });
    peer.write(text(Buffer.from([0x61 ^ 2 ^ 3]), { rsv: 3 }));
    expect(await event(server.house, 'text')).toEqual(['text', 'a']);
    expect(order).toEqual(['inner outbound', 'outer outbound', 'outer inbound', 'inner inbound']);
  });

  it.each([
    ['RSV3, which nobody uses', text('a', { rsv: 2 | 1 })],
    ['RSV1 without compression', text('a', { rsv: 2 | 4 })],
    ['a long control frame', ping('a'.repeat(126), { rsv: 2 })],
    ['a fragmented one', ping('a', { rsv: 2, fin: false })],
    ['a continuation of nothing', more('a', { rsv: 2 })],
    ['a message in another', Buffer.concat([text('a', { rsv: 2, fin: false }), text('b', { rsv: 2 })])],
    ['an unmasked frame', text('a', { rsv: 2, mask: null })],
    ['a frame that the extension refuses', text('a')],
  ])('[CLO-15] %s is still a 1002', async (_what, bytes) => {
    const { house, peer } = await xored();
    peer.write(bytes);
    expect(await event(house, 'failed')).toEqual(['failed', 1002]);
    expect(house.events.filter(([name]) => name !== 'opened')).toHaveLength(1);
  });

  it.each([
    ['nothing', () => undefined],
    ['no bytes', () => ({ opcode: 1, fin: true, payload: 'text' })],
    ['an opcode that is none', (frame: object) => ({ ...frame, opcode: 99 })],
    ['a reserved opcode', (frame: object) => ({ ...frame, opcode: 3 })],
    ['a bit that is not its own', (frame: object) => ({ ...frame, rsv3: true })],
    ['a control frame that is too long', (frame: object) => ({ ...frame, opcode: 9, payload: Buffer.alloc(126) })],
    ['half a message and then another', (frame: object) => ({ ...frame, fin: false })],
  ])('%s is no frame: 1002, either way', async (_what, wrong) => {
    for (const way of ['inbound', 'outbound'] as const) {
      const { extension, server, house, peer } = await xored();
      extension[way] = wrong as unknown as Xor['inbound'];
      for (const each of ['a', 'b']) {
        if (way === 'inbound') peer.write(text(each, { rsv: 2 }));
        else server.channel.text(each);
      }
      expect(await event(house, 'failed')).toEqual(['failed', 1002]);
    }
  });

  it('[REL-10] pings of a peer that does not read cost one answer, not one each', async () => {
    const { server, peer, extension } = await xored();
    peer.pause();
    const block = Buffer.alloc(1_000_000);
    for (let i = 0; i < 8; i++) server.channel.binary(block);
    server.channel.flush();
    const before = extension.seen.length;
    for (let i = 0; i < 300; i++) peer.write(ping(extension.turn(Buffer.from(String(i))), { rsv: 2 }));
    await eventually(() => extension.seen.filter((each) => each.startsWith('in 9')).length === 300);
    expect(extension.seen.slice(before).filter((each) => each.startsWith('out'))).toEqual(['out 10 0']);
    peer.resume();
    await eventually(() => extension.seen.at(-1) === 'out 10 299');
  });

  it('[REL-1] a bad frame, the end of the stream and a reset while an extension thinks are told in order', async () => {
    const { house, peer } = await xored({ slow: true });
    const extension = new Xor();
    peer.write(Buffer.concat([text(extension.turn(Buffer.from('12345678')), { rsv: 2 }), frame({ opcode: 3 })]));
    peer.end();
    await event(house, 'failed');
    expect(house.events.slice(1)).toEqual([
      ['text', '12345678'],
      ['failed', 1002],
    ]);
  });
});
