import { once } from 'node:events';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeAll, deflateParameters, dialWs, event, eventually, receiving, serveRaw, serveWs } from '../support/raw-channel.js';
import { PARTS, Recorder, SKIP, upTo } from '../support/recorder.js';
import { noise as noiseOf } from '../support/squeezing.js';
import { frame, more, parse, ping, text } from '../support/wire-frames.js';

afterEach(closeAll);

const squeeze = (payload: string | Buffer): Buffer => deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const unsqueeze = (payload: Buffer): string =>
  inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
const source = noiseOf(3_000_000);
const noise = (size: number): string => source.slice(0, size);

const sizes = [0, 1, 100, 5000, 16_384, 17_000, 200_000];

describe.each([
  ['no context takeover', deflateParameters()],
  ['context takeover', deflateParameters({ serverNoContextTakeover: false, clientNoContextTakeover: false })],
  ['takeover by the server only', deflateParameters({ serverNoContextTakeover: false })],
  ['small windows', deflateParameters({ serverMaxWindowBits: 9, clientMaxWindowBits: 10 })],
  [
    'small windows, kept',
    deflateParameters({ serverNoContextTakeover: false, clientNoContextTakeover: false, serverMaxWindowBits: 9, clientMaxWindowBits: 9 }),
  ],
])('[EXT-14] with ws as its peer, %s', (_name, deflate) => {
  it.each(['server', 'client'] as const)('as %s sends and receives messages of every size, in order', async (end) => {
    const { channel, house, peer } = await (async () => {
      if (end === 'client') {
        const { client, peer } = await dialWs({ deflate });
        return { ...client, peer };
      }
      const { server, peer } = await serveWs({ deflate });
      return { ...server, peer };
    })();
    expect(peer.extensions).toContain('permessage-deflate');
    const got: string[] = [];
    peer.on('message', (data, isBinary) => got.push((isBinary ? 'b' : 't') + String(data)));
    const want: string[] = [];
    for (const size of sizes) {
      const each = noise(size);
      channel.text(each);
      channel.binary(Buffer.from(each));
      channel.part('text', each.slice(0, size >> 1), true, false);
      channel.part('text', '', false, false);
      channel.part('text', each.slice(size >> 1), false, true);
      channel.write(channel.prepare(each));
      channel.part('text', each, true, false);
      channel.part('text', '', false, true);
      want.push(`t${each}`, `b${each}`, `t${each}`, `t${each}`, `t${each}`);
      peer.send(each);
      peer.send(each.slice(0, size >> 1), { fin: false, binary: true });
      peer.send(each.slice(size >> 1), { fin: true, binary: true });
    }
    const closed = once(peer, 'close');
    await event(house, 'binary', sizes.length);
    channel.close(1000, 'done');
    expect((await closed)[0]).toBe(1000);
    expect(got.length).toBe(want.length);
    expect(got.every((each, i) => each === want[i])).toBe(true);
    const back = house.events.filter(([name]) => name === 'text' || name === 'binary').map(([, data]) => data);
    expect(back.length).toBe(sizes.length * 2);
    expect(
      back.every(
        (data, i) => data === (i % 2 === 0 ? noise(sizes[i >> 1] as number) : Buffer.from(noise(sizes[i >> 1] as number)).toString('hex')),
      ),
    ).toBe(true);
  });
});

describe('[EXT-14] on the wire', () => {
  it('text that is given as bytes, as a Writer does, is a text message', async () => {
    const { server, peer } = await serveWs({ deflate: deflateParameters() });
    const got: [string, boolean][] = [];
    peer.on('message', (data, isBinary) => got.push([String(data), isBinary]));
    server.channel.part('text', Buffer.from('你好 🐾'), true, true);
    server.channel.part('text', Buffer.from('你好 '), true, false);
    server.channel.part('text', Buffer.from('🐾'), false, true);
    await eventually(() => got.length === 2);
    expect(got).toEqual([
      ['你好 🐾', false],
      ['你好 🐾', false],
    ]);
  });

  it('every message but an empty one is compressed, RSV1 is on its first frame only, control frames are not touched', async () => {
    const { server, peer } = await serveRaw({ deflate: deflateParameters() });
    const received = receiving(peer);
    const { channel } = server;
    channel.text('x');
    channel.text('');
    channel.binary(Buffer.alloc(0));
    channel.part('text', '', true, false);
    channel.part('text', '', false, true);
    channel.part('text', 'one', true, false);
    channel.part('text', 'two', false, false);
    channel.part('text', '', false, true);
    channel.text('y'.repeat(50_000));
    await eventually(() => parse(received()).length >= 8);
    channel.ping(Buffer.from('ping'));
    await eventually(() => parse(received()).length >= 9);
    const frames = parse(received());
    expect(frames.map(({ fin, rsv, opcode }) => [fin, rsv, opcode])).toEqual([
      [true, 4, 1],
      [true, 0, 1],
      [true, 0, 2],
      [true, 0, 1],
      [false, 4, 1],
      [false, 0, 0],
      [true, 0, 0],
      [true, 4, 1],
      [true, 0, 9],
    ]);
    expect(unsqueeze(frames[0]?.payload as Buffer)).toBe('x');
    expect(unsqueeze(Buffer.concat(frames.slice(4, 7).map(({ payload }) => payload)))).toBe('onetwo');
    expect(frames[7]?.payload.length).toBeLessThan(1000);
  });

  it('ping and pong overtake what is being compressed; data and close do not', async () => {
    const { server, peer } = await serveRaw({ deflate: deflateParameters() });
    const received = receiving(peer);
    server.channel.text(noise(3_000_000));
    server.channel.text('small');
    server.channel.ping(Buffer.from('first'));
    const order: string[] = [];
    server.channel.close(1000, '', () => order.push('closed'));
    expect(server.channel.bufferedAmount).toBeGreaterThan(3_000_000);
    server.channel.text('never', (error) => order.push(error === undefined ? 'sent' : 'refused'));
    await eventually(() => parse(received()).length === 4);
    expect(parse(received()).map(({ opcode }) => opcode)).toEqual([9, 1, 1, 8]);
    await eventually(() => order.length === 2);
    expect(order).toEqual(['refused', 'closed']);
    expect(server.channel.bufferedAmount).toBe(0);
  });

  it('what is sent while something is being compressed is copied as ever', async () => {
    const { server, peer } = await serveRaw({ deflate: deflateParameters() });
    const received = receiving(peer);
    server.channel.text(noise(400_000));
    const bytes = Buffer.from('mine');
    server.channel.binary(bytes);
    bytes.fill(0);
    await eventually(() => parse(received()).length === 2);
    expect(unsqueeze(parse(received())[1]?.payload as Buffer)).toBe('mine');
  });

  it('an uncompressed message from the peer is legal', async () => {
    const { server, peer } = await serveRaw({ deflate: deflateParameters() });
    peer.write(Buffer.concat([text('plain'), text(squeeze('squeezed'), { rsv: 4 }), text('plain')]));
    await event(server.house, 'text', 3);
    expect(server.house.events.slice(1).map(([, data]) => data)).toEqual(['plain', 'squeezed', 'plain']);
  });

  it('a block marked as the last is legal', async () => {
    for (const clientNoContextTakeover of [true, false]) {
      const { server, peer } = await serveRaw({ deflate: deflateParameters({ clientNoContextTakeover }) });
      const marked = Buffer.concat([deflateRawSync('final'), Buffer.from([0])]);
      peer.write(Buffer.concat([text(marked, { rsv: 4 }), text(squeeze('next'), { rsv: 4 })]));
      await event(server.house, 'text', 2);
      expect(server.house.events.slice(1).map(([, data]) => data)).toEqual(['final', 'next']);
    }
  });

  it.each([
    ['small', Buffer.from('ffffffffff', 'hex'), true],
    ['small, with takeover', Buffer.from('ffffffffff', 'hex'), false],
    ['large', Buffer.concat([squeeze(noise(40_000)), Buffer.alloc(9000, 0xff)]), true],
  ])('what cannot be inflated => 1002 with the error of zlib (%s)', async (_name, payload, clientNoContextTakeover) => {
    const { server, peer } = await serveRaw({ deflate: deflateParameters({ clientNoContextTakeover }) });
    peer.write(Buffer.concat([text(payload, { rsv: 4 }), text('after')]));
    expect(await event(server.house, 'failed')).toEqual(['failed', 1002]);
    expect((server.house.error as NodeJS.ErrnoException).code).toMatch(/^Z_/);
    server.channel.close(1002, '');
    peer.end();
    await event(server.house, 'closed');
    expect(server.house.events.map(([name]) => name)).toEqual(['opened', 'failed', 'closed']);
  });
});

describe('[REL-8] deflate bombs', () => {
  const bomb = squeeze(Buffer.alloc(60_000_000)); // 60 KB
  const small = squeeze(Buffer.alloc(2_000_000)); // 2 KB

  it.each([
    ['one frame', [frame({ opcode: 2, rsv: 4, payload: bomb })], true],
    ['one small frame', [frame({ opcode: 2, rsv: 4, payload: small })], true],
    ['with context takeover', [frame({ opcode: 2, rsv: 4, payload: bomb })], false],
    ['fragments', [frame({ opcode: 2, rsv: 4, fin: false, payload: bomb.subarray(0, 100) }), more(bomb.subarray(100))], true],
  ])('[EXT-14] are refused by their inflated size, while they are inflated (%s)', async (_name, frames, clientNoContextTakeover) => {
    const house = new Recorder(upTo(1_000_000));
    const { peer } = await serveRaw({ deflate: deflateParameters({ clientNoContextTakeover }), house });
    const before = process.memoryUsage().arrayBuffers;
    peer.write(Buffer.concat(frames));
    expect(await event(house, 'failed')).toEqual(['failed', 1009]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
  });

  it('a limit is what comes out: just below it is taken', async () => {
    for (const size of [0, 1, 10, 255_000, 300_000]) {
      const house = new Recorder(upTo(size));
      const { peer } = await serveRaw({ deflate: deflateParameters(), house });
      peer.write(
        Buffer.concat([
          frame({ opcode: 2, rsv: 4, payload: squeeze(Buffer.alloc(size)) }),
          frame({ opcode: 2, rsv: 4, payload: squeeze(Buffer.alloc(size + 1)) }),
        ]),
      );
      await event(house, 'failed');
      expect(house.events.map(([name, data]) => [name, name === 'binary' ? (data as string).length / 2 : data])).toEqual([
        ['opened', undefined],
        ['binary', size],
        ['failed', 1009],
      ]);
    }
  });

  it('[SES-28] in parts a bomb is no bomb: slices, and none while the house has paused', async () => {
    const house = new Recorder(PARTS);
    const { server, peer } = await serveRaw({ deflate: deflateParameters(), house });
    let bytes = 0;
    let last = false;
    let paused = false;
    house.onPart = (_kind, data, isLast) => {
      expect(paused).toBe(false);
      expect(data.length).toBeLessThanOrEqual(16_384);
      bytes += data.length;
      last = isLast;
      if (bytes % 1_000_000 > 10_000) return;
      paused = true;
      server.channel.pause();
      setTimeout(() => {
        paused = false;
        server.channel.resume();
      }, 1);
    };
    peer.write(Buffer.concat([frame({ opcode: 2, rsv: 4, payload: squeeze(Buffer.alloc(5_000_000)) }), ping()]));
    await eventually(() => last);
    expect(bytes).toBe(5_000_000);
  });

  it('in parts it is refused where the limit of all parts is, and nothing beyond is told', async () => {
    const house = new Recorder(Object.freeze({ mode: 'parts', limit: 1_000_000 }));
    const { peer } = await serveRaw({ deflate: deflateParameters(), house });
    let bytes = 0;
    house.onPart = (_kind, data) => {
      bytes += data.length;
    };
    peer.write(frame({ opcode: 2, rsv: 4, payload: bomb }));
    expect(await event(house, 'failed')).toEqual(['failed', 1009]);
    expect(bytes).toBeGreaterThan(1_000_000 - 16_384);
    expect(bytes).toBeLessThanOrEqual(1_000_000);
  });

  it('a skipped message is inflated and checked, but not kept', async () => {
    const house = new Recorder((kind) => (kind === 'text' ? SKIP : upTo(10)));
    const { peer } = await serveRaw({ deflate: deflateParameters({ clientNoContextTakeover: false }), house });
    peer.write(
      Buffer.concat([
        text(squeeze('a'.repeat(100_000)), { rsv: 4 }),
        frame({ opcode: 2, payload: 'x' }),
        text(squeeze(Buffer.from([0xff])), { rsv: 4 }),
      ]),
    );
    await event(house, 'failed');
    expect(house.events.slice(1)).toEqual([
      ['binary', '78'],
      ['failed', 1007],
    ]);
  });
});

describe('the end', () => {
  it.each([true, false])(
    'terminate() in the middle of compressing: each done gets an error, and nothing happens later',
    async (noContextTakeover) => {
      const { server, peer } = await serveRaw({ deflate: deflateParameters({ serverNoContextTakeover: noContextTakeover }) });
      receiving(peer);
      const outcomes: boolean[] = [];
      const note = (error?: Error) => void outcomes.push(error !== undefined);
      server.channel.text(noise(2_000_000), note);
      server.channel.text('waiting', note);
      server.channel.write(server.channel.prepare(noise(500_000)), note);
      server.channel.part('text', 'x', true, false, note);
      server.channel.close(1000, '', note);
      await new Promise((resolve) => setTimeout(resolve, 2));
      server.channel.terminate();
      await event(server.house, 'closed');
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(outcomes).toEqual([true, true, true, true, true]);
      expect(server.house.events.at(-1)?.[0]).toBe('closed');
    },
  );

  it('terminate() in the middle of inflating', async () => {
    for (const clientNoContextTakeover of [true, false]) {
      const house = new Recorder(PARTS);
      const { server, peer } = await serveRaw({ deflate: deflateParameters({ clientNoContextTakeover }), house });
      house.after = ([name]) => {
        if (name === 'part') server.channel.terminate();
      };
      peer.write(frame({ opcode: 2, rsv: 4, payload: squeeze(Buffer.alloc(3_000_000)) }));
      await event(house, 'closed');
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(house.events.map(([name]) => name)).toEqual(['opened', 'part', 'closed']);
    }
  });

  it('the end of the stream waits for what is still being inflated', async () => {
    const { server, peer } = await serveRaw({ deflate: deflateParameters() });
    peer.end(Buffer.concat([text(squeeze(noise(1_000_000)), { rsv: 4 }), text('after')]));
    await event(server.house, 'closed');
    expect(server.house.events.map(([name]) => name)).toEqual(['opened', 'text', 'text', 'closed']);
  });
});

it('a prepared message is compressed once for all who compress alike', async () => {
  const deflate = deflateParameters();
  const sides = await Promise.all([
    serveRaw({ deflate }),
    serveRaw({ deflate }),
    serveRaw({ deflate: deflateParameters({ serverMaxWindowBits: 10 }) }),
    serveRaw(),
  ]);
  const received = sides.map(({ peer }) => receiving(peer));
  const [first] = sides;
  for (const message of ['short', noise(200_000)]) {
    const prepared = (first as (typeof sides)[0]).server.channel.prepare(message);
    for (const { server } of sides) server.channel.write(prepared);
  }
  for (const [i, each] of received.entries()) {
    await eventually(() => parse(each()).length === 2);
    const frames = parse(each());
    const plain = frames.map(({ rsv, payload }) => (rsv === 0 ? payload.toString() : unsqueeze(payload)));
    expect(plain).toEqual(['short', noise(200_000)]);
    expect(frames.map(({ rsv }) => rsv)).toEqual(i === 3 ? [0, 0] : [4, 4]);
  }
});
