/** What compression does to others on the same thread, or in the same queue: next to nothing. [REL-11, REL-15] */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

const zlib = await import('node:zlib');

/** What zlib was asked for: bytes at once in one turn of the event loop, and streams. */
const asked = { deflated: 0, inflated: 0, mostDeflated: 0, mostInflated: 0, streams: 0, largestWrite: 0, written: 0 };

function atOnce(kind: 'deflated' | 'inflated', bytes: number): void {
  const most = kind === 'deflated' ? 'mostDeflated' : 'mostInflated';
  if (asked[kind] === 0) {
    setImmediate(() => {
      asked[kind] = 0;
    });
  }
  asked[kind] += bytes;
  asked[most] = Math.max(asked[most], asked[kind]);
}

jest.unstable_mockModule('node:zlib', () => ({
  ...zlib,
  deflateRawSync: (bytes: Buffer, options: object) => {
    atOnce('deflated', bytes.length);
    return zlib.deflateRawSync(bytes, options);
  },
  inflateRawSync: (bytes: Buffer, options: object) => {
    const inflated = zlib.inflateRawSync(bytes, options);
    atOnce('inflated', inflated.length);
    return inflated;
  },
  createDeflateRaw: (options: object) => {
    asked.streams++;
    const stream = zlib.createDeflateRaw(options);
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = ((bytes: Buffer, ...rest: unknown[]) => {
      asked.written += bytes.length;
      asked.largestWrite = Math.max(asked.largestWrite, bytes.length);
      return write(bytes, ...rest);
    }) as typeof stream.write;
    return stream;
  },
}));
const { closeAll, deflateParameters, event, eventually, receiving, serveRaw } = await import('../support/raw-channel.js');
const { noise } = await import('../support/squeezing.js');
const { frame, more, parse } = await import('../support/wire-frames.js');

const KiB = 1024;
const RSV1 = 4;
const deflate = deflateParameters();
const flushed = (payload: string | Buffer): Buffer => zlib.deflateRawSync(payload, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
const squeeze = (payload: string | Buffer): Buffer => flushed(payload).subarray(0, -4);
const sides = (count: number) => Promise.all(Array.from({ length: count }, () => serveRaw({ deflate })));
const text = (size: number): string => 'what is compressed well, '.repeat(Math.ceil(size / 25)).slice(0, size);
const NOISE = noise(40_000);

beforeEach(() => {
  Object.assign(asked, { mostDeflated: 0, mostInflated: 0, streams: 0, largestWrite: 0, written: 0 });
});
afterEach(closeAll);

describe('[REL-15] in one turn of the event loop', () => {
  it('no more than 256 KiB are compressed, however much is sent in a loop; all of it leaves, in order', async () => {
    const all = await sides(20);
    const received = all.map(({ peer }) => receiving(peer));
    for (let i = 0; i < 20; i++) for (const { server } of all) server.channel.text(String(i).padStart(2) + text(16_000));
    for (const each of received) {
      await eventually(() => parse(each()).length === 20);
      const texts = parse(each()).map(({ payload }) =>
        zlib.inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]), { finishFlush: zlib.constants.Z_SYNC_FLUSH }),
      );
      expect(texts.map((bytes) => Number(bytes.toString('utf8', 0, 2)))).toEqual(Array.from({ length: 20 }, (_, i) => i));
    }
    expect(asked.mostDeflated).toBeGreaterThan(128 * KiB);
    expect(asked.mostDeflated).toBeLessThanOrEqual((256 + 16) * KiB);
  });

  it('no more than 2 MiB are inflated, however small what they were compressed to', async () => {
    const count = 30;
    const bomb = frame({ opcode: 2, rsv: RSV1, payload: squeeze(Buffer.alloc(200 * KiB)) });
    const all = await sides(5);
    for (const { peer } of all) peer.write(Buffer.concat(Array.from({ length: count }, () => bomb)));
    for (const { server } of all) await event(server.house, 'binary', count);
    expect(asked.mostInflated).toBeGreaterThan(KiB);
    expect(asked.mostInflated).toBeLessThanOrEqual((2048 + 256) * KiB);
  });
});

describe('[REL-15] on the way to the threads', () => {
  it('60 messages of 1 MB that are inflated at the same time do not end all in the same turn', async () => {
    const bomb = frame({ opcode: 1, rsv: RSV1, payload: squeeze(Buffer.alloc(1_000_000, 'x')) });
    const all = await sides(60);
    const turns: number[] = [];
    for (const { server } of all) {
      server.house.after = () => {
        if (turns.push(performance.now()) === 1) setImmediate(next);
      };
    }
    let most = 0;
    const next = (): void => {
      most = Math.max(most, turns.splice(0).length);
    };
    for (const { peer } of all) peer.write(bomb);
    for (const { server } of all) await event(server.house, 'text');
    expect(most).toBeLessThanOrEqual(5);
  });

  it('[EXT-14] who gets the streams of another connection gets nothing of what it has said', async () => {
    const secret = NOISE.slice(0, 20_000);
    const sizes: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { server, peer } = await serveRaw({ deflate });
      const received = receiving(peer);
      server.channel.text(secret);
      peer.write(frame({ opcode: 1, rsv: RSV1, payload: squeeze(NOISE) }));
      await event(server.house, 'text');
      await eventually(() => parse(received()).length === 1);
      sizes.push(parse(received())[0]?.payload.length as number);
    }
    expect(sizes).toEqual([sizes[0], sizes[0], sizes[0]]); // a window that still knew it would need next to nothing
    expect(asked.streams).toBeLessThanOrEqual(1);
    const { server, peer } = await serveRaw({ deflate });
    const reaching = zlib.deflateRawSync(NOISE.slice(-20_000), { dictionary: Buffer.from(NOISE.slice(-32_768)) });
    peer.write(frame({ opcode: 1, rsv: RSV1, payload: Buffer.concat([reaching, Buffer.alloc(9000)]) }));
    expect(await event(server.house, 'failed')).toEqual(['failed', 1002]);
  });

  it('40 messages of 1 MB need the memory of a few, and who has little to say does not wait for them', async () => {
    const all = await sides(40);
    const small = await serveRaw({ deflate });
    const order: string[] = [];
    for (const { peer } of [...all, small]) receiving(peer);
    for (const { server } of all) server.channel.text(text(1_000_000), () => order.push('large'));
    for (let i = 0; i < 10; i++) small.server.channel.text(text(20_000), () => order.push('small'));
    await eventually(() => order.length === 50);
    expect(asked.streams).toBeLessThanOrEqual(8);
    expect(asked.largestWrite).toBeLessThanOrEqual(256 * KiB);
    expect(order.slice(0, 25).filter((each) => each === 'small')).toHaveLength(10);
  });

  it('a prepared message is compressed once for many, and holds none of them up', async () => {
    const all = await sides(60);
    const other = await serveRaw({ deflate });
    const order: string[] = [];
    for (const { peer } of [...all, other]) receiving(peer);
    const [first] = all;
    const prepared = (first as (typeof all)[0]).server.channel.prepare(text(4_000_000));
    for (const { server } of all) server.channel.write(prepared, () => order.push('broadcast'));
    other.server.channel.text(text(20_000), () => order.push('other'));
    await eventually(() => order.length === 61);
    expect(order[0]).toBe('other');
    expect(asked.written).toBeLessThan(5_000_000);
  });

  it('[REL-14] what waits for connections that are gone is not compressed', async () => {
    const all = await sides(40);
    for (const { server } of all) server.channel.text(text(1_000_000));
    for (const { server } of all) server.channel.terminate();
    for (const { server } of all) await event(server.house, 'closed');
    const { server, peer } = await serveRaw({ deflate });
    const received = receiving(peer);
    server.channel.text(text(1_000_000));
    await eventually(() => parse(received()).length === 1);
    expect(asked.written).toBeLessThan(10_000_000);
  });

  it('messages that are never finished, in either direction, keep nobody waiting', async () => {
    const all = await sides(100);
    for (const { server, peer } of all) {
      receiving(peer);
      server.channel.part('text', text(100_000), true, false);
      peer.write(frame({ opcode: 1, rsv: RSV1, fin: false, payload: flushed(text(100_000)) }));
    }
    const { server, peer } = await serveRaw({ deflate });
    const received = receiving(peer);
    server.channel.text(text(1_000_000));
    peer.write(frame({ opcode: 1, rsv: RSV1, payload: squeeze(text(1_000_000)) }));
    await eventually(() => parse(received()).length === 1);
    await event(server.house, 'text');
    for (const each of all) {
      each.server.channel.part('text', 'the end', false, true);
      each.peer.write(more(squeeze('the end')));
    }
    for (const each of all) await event(each.server.house, 'text');
  });
});
