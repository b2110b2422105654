import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { FrameWriter } from '../../../../src/transport/ws/frame-writer.js';
import { PreparedMessage } from '../../../../src/transport/ws/prepared-message.js';
import { WriteQueue } from '../../../../src/transport/ws/write-queue.js';
import { held } from '../../../support/memory.js';
import { randomFrom } from '../../../support/random-streams.js';
import { SlowSocket } from '../../../support/slow-socket.js';
import { frame, parse, text } from '../../../support/wire-frames.js';

function writing(isServer = true) {
  const socket = new SlowSocket();
  const told = { written: 0, defect: undefined as unknown };
  const queue = new WriteQueue(socket, {
    onWritten: () => told.written++,
    onDefect: (error) => {
      told.defect = error;
    },
  });
  return { socket, queue, writer: new FrameWriter(queue, isServer), told };
}

const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;

/** Lets a slow peer read everything. */
async function drain(socket: SlowSocket): Promise<void> {
  do await turn();
  while (socket.readOut());
  await turn();
}

describe('frames', () => {
  const texts = [
    '',
    'a',
    'x'.repeat(125),
    'x'.repeat(126),
    'é'.repeat(41),
    'é'.repeat(42),
    'é'.repeat(62),
    'é'.repeat(63),
    `${'x'.repeat(123)}é`,
    `${'x'.repeat(124)}é`,
    '€'.repeat(42),
    '€'.repeat(5461),
    '€'.repeat(5462),
    'x'.repeat(16_384),
    'x'.repeat(16_385),
    '😀'.repeat(30_000),
  ];

  it.each([true, false])('every bit of the first byte is written, whatever the length (server: %s)', async (isServer) => {
    const { socket, writer } = writing(isServer);
    for (const size of [1, 200, 20_000, 70_000]) writer.bytes(0xf2, Buffer.alloc(size));
    await drain(socket);
    expect(parse(socket.bytes).map(({ rsv, payload }) => [rsv, payload.length])).toEqual([1, 200, 20_000, 70_000].map((size) => [7, size]));
  });

  it.each([true, false])('text of every length and width has the shortest header (server: %s)', async (isServer) => {
    const { socket, writer } = writing(isServer);
    for (const each of texts) writer.text(FIN_TEXT, each);
    await drain(socket);
    const frames = parse(socket.bytes);
    expect(frames.map(({ payload }) => payload.toString())).toEqual(texts);
    expect(frames.every(({ masked, opcode, fin }) => masked === !isServer && opcode === 1 && fin)).toBe(true);
    const sizes = texts.map((each) => text(each, isServer ? { mask: null } : {}).length);
    expect(socket.bytes.length).toBe(sizes.reduce((a, b) => a + b));
    expect([writer.framesSent, writer.messagesSent]).toEqual([texts.length, texts.length]);
  });

  it.each([true, false])('bytes of every length, and the caller keeps them as they were (server: %s)', async (isServer) => {
    const { socket, writer } = writing(isServer);
    const given = [0, 1, 125, 126, 16_384, 16_385, 65_535, 65_536, 300_000].map((length) => new Uint8Array(length).fill(length));
    for (const each of given) writer.bytes(FIN_BINARY, each);
    await drain(socket);
    expect(parse(socket.bytes).map(({ payload }) => payload.length)).toEqual(given.map(({ length }) => length));
    expect(parse(socket.bytes).every(({ payload }, i) => payload.equals(given[i] as Uint8Array))).toBe(true);
    expect(given.every((each) => each.every((byte) => byte === (each.length & 0xff)))).toBe(true);
  });

  it('a client masks each frame with a key of its own', async () => {
    const { socket, writer } = writing(false);
    for (let i = 0; i < 100; i++) writer.text(FIN_TEXT, 'same');
    await drain(socket);
    const keys = new Set(Array.from({ length: 100 }, (_, i) => socket.bytes.toString('hex', i * 10 + 2, i * 10 + 6)));
    expect(keys.size).toBeGreaterThan(98);
  });
});

describe('writes', () => {
  it('[D-26] one for each channel and turn, however their frames were mixed', async () => {
    const channels = Array.from({ length: 20 }, () => writing());
    for (let i = 0; i < 50; i++) for (const [n, { writer }] of channels.entries()) writer.text(FIN_TEXT, `${n}:${i}:${'x'.repeat(n * 3)}`);
    await turn();
    for (const [n, { socket }] of channels.entries()) {
      expect(socket.writes).toHaveLength(1);
      expect(parse(socket.bytes).map(({ payload }) => payload.toString())).toEqual(
        Array.from({ length: 50 }, (_, i) => `${n}:${i}:${'x'.repeat(n * 3)}`),
      );
    }
  });

  it('[D-26] a broadcast of prepared messages too', async () => {
    const channels = Array.from({ length: 20 }, () => writing());
    const prepared = Array.from({ length: 30 }, (_, i) => new PreparedMessage(`message ${i}`));
    for (const each of prepared) for (const { writer } of channels) writer.frame(each.frame);
    await turn();
    for (const { socket } of channels) {
      expect(socket.writes).toHaveLength(1);
      expect(parse(socket.bytes).map(({ payload }) => payload.toString())).toEqual(prepared.map(({ payload }) => payload.toString()));
    }
  });

  it('[REL-10] none is larger than 256 KiB, and the next waits for it', async () => {
    const { socket, writer, queue } = writing();
    socket.prompt = false;
    writer.text(FIN_TEXT, 'before');
    const large = Buffer.alloc(1_000_000, 7);
    writer.bytes(FIN_BINARY, large);
    writer.text(FIN_TEXT, 'after');
    for (let i = 0; i < 30_000; i++) writer.text(FIN_TEXT, 'small ones in between');
    const total = queue.waiting;
    await turn();
    expect(socket.writes).toHaveLength(1);
    await drain(socket);
    expect(Math.max(...socket.writes)).toBeLessThanOrEqual(256 * 1024);
    expect(socket.bytes.length).toBe(total);
    const frames = parse(socket.bytes);
    expect(frames.length).toBe(30_003);
    expect(frames[1]?.payload.equals(large)).toBe(true);
    expect(queue.waiting).toBe(0);
  });

  it('[D-26] beyond 256 KiB it does not wait for the end of the turn', () => {
    const { socket, writer } = writing();
    for (let i = 0; i < 5000; i++) writer.text(FIN_TEXT, 'x'.repeat(100));
    expect(socket.bytes.length).toBeGreaterThan(255 * 1024);
    expect(socket.writes[0]).toBeGreaterThan(250 * 1024);
  });

  it('[D-26] memory of the turn is used again, and never while somebody still reads from it', async () => {
    const random = randomFrom(5);
    const channels = Array.from({ length: 12 }, (_, n) => ({ ...writing(), want: [] as string[], slow: n % 3 }));
    const prepared = [new PreparedMessage('for all'), new PreparedMessage('y'.repeat(700)), new PreparedMessage('z'.repeat(40_000))];
    for (let round = 0; round < 300; round++) {
      for (const channel of channels) {
        channel.socket.prompt = channel.slow === 0 || (channel.slow === 1 && random(2) === 0);
        if (channel.slow > 0 && random(3) === 0) channel.socket.readOut();
      }
      for (let i = random(40); i > 0; i--) {
        const channel = channels[random(channels.length)] as (typeof channels)[0];
        const kind = random(8);
        if (kind === 0) {
          const each = prepared[random(3)] as PreparedMessage;
          channel.writer.frame(each.frame);
          channel.want.push(each.payload.toString());
        } else if (kind === 1) {
          const each = String.fromCharCode(97 + random(26)).repeat(random(30_000));
          channel.writer.bytes(FIN_BINARY, Buffer.from(each));
          channel.want.push(each);
        } else {
          const each = `${round}.${i}${'é'.repeat(random(200))}`;
          channel.writer.text(FIN_TEXT, each);
          channel.want.push(each);
        }
        if (random(20) === 0) channel.queue.pump();
      }
      if (random(3) > 0) await turn();
    }
    for (const { socket, want } of channels) {
      socket.prompt = true;
      await drain(socket);
      const got = parse(socket.bytes).map(({ payload }) => payload.toString());
      expect(got.length).toBe(want.length);
      expect(got.every((each, i) => each === want[i])).toBe(true);
    }
  });
});

describe('a peer that does not read', () => {
  it('[REL-10] costs about its bytes, however small the messages', async () => {
    const { socket, writer, queue } = writing();
    socket.prompt = false;
    writer.text(FIN_TEXT, 'stuck');
    await turn();
    const before = await held();
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 100; i++) writer.text(FIN_TEXT, 'x'.repeat(48));
      writer.frame(new PreparedMessage('y'.repeat(48)).frame);
      await turn();
    }
    expect(queue.waiting).toBe(7 + 20_200 * 50);
    expect((await held()) - before).toBeLessThan(2 * 20_200 * 50); // and noise; 200 turns' blocks would be 13 MB
    expect(socket.writes).toHaveLength(1);
    await drain(socket);
    expect(parse(socket.bytes)).toHaveLength(20_201);
  });

  it('[REL-10] what is shared by many is held once', async () => {
    const channels = Array.from({ length: 50 }, () => writing());
    for (const { socket, writer } of channels) {
      socket.prompt = false;
      writer.text(FIN_TEXT, 'stuck');
    }
    await turn();
    const before = await held();
    for (let i = 0; i < 20; i++) {
      const prepared = new PreparedMessage('y'.repeat(10_000));
      for (const { writer } of channels) writer.frame(prepared.frame);
    }
    expect((await held()) - before).toBeLessThan(3_000_000); // 10 MB if each had its own
  });

  it('[REL-10] only its latest ping is answered, at the next edge between two frames', async () => {
    const { socket, writer } = writing();
    socket.prompt = false;
    writer.text(FIN_TEXT, 'first');
    await turn();
    writer.bytes(FIN_BINARY, Buffer.alloc(600_000));
    for (let i = 0; i < 1000; i++) writer.pong(Buffer.from(`ping ${i}`));
    await drain(socket);
    expect(parse(socket.bytes).map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
      [1, 5],
      [10, 8],
      [2, 600_000],
    ]);
    expect(parse(socket.bytes)[1]?.payload.toString()).toBe('ping 999');
    expect(writer.framesSent).toBe(3);
  });

  it('[REL-10] a pong does not get between the pieces of a frame', async () => {
    const { socket, writer } = writing();
    socket.prompt = false;
    writer.bytes(FIN_BINARY, Buffer.alloc(600_000));
    await turn();
    writer.text(FIN_TEXT, 'after');
    writer.pong(Buffer.from('!'));
    await drain(socket);
    const frames = parse(socket.bytes);
    expect(frames.map(({ payload }) => payload.length).sort()).toEqual([1, 5, 600_000]);
    expect(frames[0]?.opcode).toBe(2);
  });

  it('each ping is answered while the peer reads', async () => {
    const { socket, writer } = writing();
    for (let i = 0; i < 5; i++) writer.pong(Buffer.from(String(i)));
    await drain(socket);
    expect(parse(socket.bytes).map(({ payload }) => payload.toString())).toEqual(['0', '1', '2', '3', '4']);
  });
});

describe('done', () => {
  it('comes when the bytes have gone, in order, never before', async () => {
    const { socket, writer, queue } = writing();
    socket.prompt = false;
    const gone: string[] = [];
    writer.text(FIN_TEXT, 'a');
    queue.whenGone(() => gone.push('a'));
    await turn();
    writer.text(FIN_TEXT, 'b');
    queue.whenGone(() => gone.push('b'));
    writer.bytes(FIN_BINARY, Buffer.alloc(600_000));
    queue.whenGone(() => gone.push('large'));
    writer.pong(Buffer.from('overtakes'));
    await turn();
    expect(gone).toEqual([]);
    socket.readOut();
    await turn();
    expect(gone).toEqual(['a']);
    while (socket.readOut()) {
      await turn();
      const bytes = socket.bytes.length;
      expect(gone).toEqual(['a', 'b', 'large'].slice(0, bytes < 20 ? 1 : bytes < 600_000 ? 2 : 3));
    }
    expect(gone).toEqual(['a', 'b', 'large']);
  });

  it('comes for what needed no byte', async () => {
    const { queue } = writing();
    let gone = false;
    queue.whenGone(() => {
      gone = true;
    });
    expect(gone).toBe(false);
    await turn();
    expect(gone).toBe(true);
  });

  it('gets an error if the bytes never leave, and one that throws does not keep the others from theirs', async () => {
    const { socket, writer, queue, told } = writing();
    socket.prompt = false;
    const errors: (Error | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      writer.text(FIN_TEXT, 'x');
      queue.whenGone((error) => {
        errors.push(error);
        if (i === 1) throw new Error('mine');
      });
    }
    await turn();
    queue.abort(new Error('gone'));
    expect(errors.map((error) => error?.message)).toEqual(['gone', 'gone', 'gone']);
    expect((told.defect as Error).message).toBe('mine');
    socket.readOut();
    await turn();
    expect(errors).toHaveLength(3);
  });
});

it('[CLO-15] nothing follows a close frame, an owed pong least of all', async () => {
  const { socket, writer, queue } = writing();
  socket.prompt = false;
  writer.bytes(FIN_BINARY, Buffer.alloc(600_000));
  await turn();
  writer.pong(Buffer.from('owed'));
  queue.lineUp();
  writer.bytes(0x88, Buffer.alloc(0));
  queue.end();
  const ended = new Promise((resolve) => socket.once('finish', resolve));
  await drain(socket);
  await ended;
  expect(parse(socket.bytes).map(({ opcode }) => opcode)).toEqual([2, 10, 8]);
  expect(frame({ opcode: 8, mask: null }).equals(socket.bytes.subarray(-2))).toBe(true);
});
