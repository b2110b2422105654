/** What many are sent in one turn is encoded once, and held once. [REL-10, D-26] */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { FrameWriter } from '../../../../src/transport/ws/frame-writer.js';
import { WriteQueue } from '../../../../src/transport/ws/write-queue.js';
import { randomFrom } from '../../../support/random-streams.js';
import { SlowSocket } from '../../../support/slow-socket.js';
import { parse } from '../../../support/wire-frames.js';

const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;

function writing(prompt = true) {
  const socket = new SlowSocket();
  socket.prompt = prompt;
  const queue = new WriteQueue(socket, { onWritten() {}, onDefect() {} });
  return { socket, queue, writer: new FrameWriter(queue, true) };
}

async function drain(socket: SlowSocket): Promise<void> {
  do await turn();
  while (socket.readOut());
  await turn();
}

const payloads = (socket: SlowSocket): string[] => parse(socket.bytes).map(({ payload }) => payload.toString());

afterEach(() => void jest.restoreAllMocks());

/** How often text was written into bytes. */
function encodings() {
  const spies = [jest.spyOn(Buffer.prototype, 'write'), jest.spyOn(Buffer.prototype, 'set')];
  return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
}

describe('a loop over many sockets', () => {
  it.each([10, 2_000, 100_000])('encodes a text of %i characters once', async (size) => {
    const all = Array.from({ length: 50 }, () => writing());
    const encoded = encodings();
    const text = 'x'.repeat(size);
    for (const { writer } of all) writer.text(FIN_TEXT, text);
    expect(encoded()).toBe(1);
    await turn();
    for (const { socket } of all) expect([payloads(socket), socket.writes.length]).toEqual([[text], 1]);
  });

  it('copies bytes once, and again if they were changed in between', async () => {
    const all = Array.from({ length: 4 }, () => writing());
    const encoded = encodings();
    const bytes = Buffer.from('first');
    for (const { writer } of all.slice(0, 2)) writer.bytes(FIN_BINARY, bytes);
    bytes.write('other');
    for (const { writer } of all.slice(2)) writer.bytes(FIN_BINARY, bytes);
    expect(encoded()).toBe(3); // one of them is the test's own
    await turn();
    expect(all.map(({ socket }) => payloads(socket)[0])).toEqual(['first', 'first', 'other', 'other']);
  });

  it('makes one piece of what many are sent by many in one turn', async () => {
    const all = Array.from({ length: 30 }, () => writing());
    for (let i = 0; i < 30; i++) for (const { writer } of all) writer.text(FIN_TEXT, `from ${i}`);
    const copies = encodings();
    await turn();
    expect(copies()).toBe(0); // the pieces lie side by side already: nothing is gathered
    for (const { socket } of all) {
      expect(socket.writes).toHaveLength(1);
      expect(payloads(socket)).toEqual(Array.from({ length: 30 }, (_, i) => `from ${i}`));
    }
  });

  it('copies a message that comes twice once more for all, not for each', async () => {
    const all = Array.from({ length: 30 }, () => writing());
    const moved = jest.spyOn(Buffer.prototype, 'copyWithin');
    for (let i = 0; i < 8; i++) for (const { writer } of all) writer.text(FIN_TEXT, 'the same');
    expect(moved).toHaveBeenCalledTimes(7);
    const copies = encodings();
    await turn();
    expect(copies()).toBe(0);
    for (const { socket } of all) expect([socket.writes.length, payloads(socket)]).toEqual([1, Array(8).fill('the same')]);
  });

  it('holds a long text once for all who do not read', async () => {
    const all = Array.from({ length: 20 }, () => writing(false));
    for (const { writer } of all) writer.text(FIN_TEXT, 'before');
    await turn();
    const text = 'y'.repeat(4_000);
    const spy = jest.spyOn(Buffer, 'allocUnsafeSlow');
    for (const { writer } of all) writer.text(FIN_TEXT, text);
    expect(spy.mock.calls.length).toBeLessThanOrEqual(1);
    for (const { socket } of all) {
      await drain(socket);
      expect(payloads(socket)).toEqual(['before', text]);
    }
  });

  it('is not fooled by a place that has been given to others meanwhile', async () => {
    const [first, stuck, other, last] = [writing(), writing(false), writing(), writing()];
    stuck.writer.text(FIN_TEXT, 'before');
    await turn(); // it is congested now
    first.writer.text(FIN_TEXT, 'said to all');
    stuck.writer.text(FIN_TEXT, 'said to all'); // in memory of its own
    first.queue.pump(); // whose place in the turn's memory is free
    new FrameWriter(other.queue, false).text(FIN_TEXT, 'overwrites'); // a client's frame is not remembered, and lies there now
    last.writer.text(FIN_TEXT, 'said to all');
    await drain(stuck.socket);
    expect([first, stuck, other, last].map(({ socket }) => payloads(socket))).toEqual([
      ['said to all'],
      ['before', 'said to all'],
      ['overwrites'],
      ['said to all'],
    ]);
  });

  it.each<[string, (writer: FrameWriter, said: Buffer) => void]>([
    ['text', (writer, said) => writer.text(FIN_TEXT, said.toString())],
    ['bytes', (writer, said) => writer.bytes(FIN_BINARY, said)],
  ])('is not fooled by a place that was free again at once, behind %s that made one write too much', async (_what, say) => {
    const [first, client, last] = [writing(), writing(), writing()];
    const left = (): number => 256 * 1024 - first.queue.bytesQueued;
    for (let i = 0; left() > 2_000; i++) say(first.writer, Buffer.from(`${i}`.padEnd(900)));
    say(first.writer, Buffer.alloc(left() - 4, '.'));
    expect([left(), first.socket.writes]).toEqual([0, []]);
    const said = Buffer.from('said to all');
    say(first.writer, said);
    expect(first.socket.writes).not.toEqual([]);
    const masking = new FrameWriter(client.queue, false); // its frames are not remembered, and lie there now
    for (let i = 0; i < 1_000; i++) masking.text(FIN_TEXT, `somebody else's ${i}`);
    say(last.writer, said);
    await turn();
    expect([first, last].map(({ socket }) => payloads(socket).at(-1))).toEqual(['said to all', 'said to all']);
  });

  it('bytes whose length has changed are another message', async () => {
    const [one, two, three] = [writing(), writing(), writing()];
    type Resizable = ArrayBuffer & { resize(size: number): void };
    const room: Resizable = Reflect.construct(ArrayBuffer, [100, { maxByteLength: 1_000 }]);
    const bytes = new Uint8Array(room);
    one.writer.bytes(FIN_BINARY, bytes);
    room.resize(50);
    two.writer.bytes(FIN_BINARY, bytes);
    room.resize(1_000);
    three.writer.bytes(FIN_BINARY, bytes);
    await turn();
    expect([one, two, three].map(({ socket }) => payloads(socket).map(({ length }) => length))).toEqual([[100], [50], [1_000]]);
  });

  it('holds bytes once for all who do not read', async () => {
    const all = Array.from({ length: 20 }, () => writing(false));
    for (const { writer } of all) writer.text(FIN_TEXT, 'before');
    await turn();
    const bytes = Buffer.alloc(4_000, 'y');
    const spy = jest.spyOn(Buffer, 'allocUnsafeSlow');
    for (const { writer } of all) writer.bytes(FIN_BINARY, bytes);
    expect(spy.mock.calls.length).toBeLessThanOrEqual(1);
    bytes.fill('z'); // they were copied
    for (const { socket } of all) {
      await drain(socket);
      expect(payloads(socket)).toEqual(['before', 'y'.repeat(4_000)]);
    }
  });

  it('the same text as another kind of frame is another frame', async () => {
    const [one, two] = [writing(), writing()];
    one.writer.text(FIN_TEXT, 'same');
    two.writer.text(0x01, 'same');
    await turn();
    expect([one, two].map(({ socket }) => socket.bytes[0])).toEqual([FIN_TEXT, 0x01]);
  });
});

describe('whatever is mixed', () => {
  const { FUZZ_SEED } = process.env;
  const base = FUZZ_SEED === undefined ? Date.now() % 1_000_000_000 : Number(FUZZ_SEED);

  it(`everybody gets what he was sent, in order (seed ${base})`, async () => {
    for (let run = 0; run < 60; run++) {
      const random = randomFrom(base + run);
      const all = Array.from({ length: 2 + random(6) }, () => ({ ...writing(random(3) > 0), sent: [] as string[] }));
      const said = ['', 'a', 'b'.repeat(100), 'c'.repeat(700), 'd'.repeat(5_000), 'é'.repeat(300), 'e'.repeat(20_000), 'f'.repeat(90_000)];
      for (let step = 0; step < 80; step++) {
        const text = said[random(said.length)] as string;
        const bytes = Buffer.from(text);
        const what = random(4);
        for (const each of all) {
          if (what === 0 && random(2) === 0) continue;
          if (what === 1) each.writer.bytes(FIN_BINARY, bytes);
          else each.writer.text(FIN_TEXT, text);
          each.sent.push(text);
          if (random(8) === 0) {
            each.writer.text(FIN_TEXT, `own ${step}`);
            each.sent.push(`own ${step}`);
          }
          if (random(20) === 0) each.queue.pump();
        }
        if (random(6) === 0) await turn();
        if (random(6) === 0) all[random(all.length)]?.socket.readOut();
      }
      for (const each of all) {
        await drain(each.socket);
        expect([run, payloads(each.socket).join() === each.sent.join()]).toEqual([run, true]);
      }
    }
  });
});
