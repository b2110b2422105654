/** Whatever is queued, by whomever, while the peers read or do not: all of it leaves in its order, in writes of a bounded size. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WriteQueue } from '../../../../src/transport/ws/write-queue.js';
import { holdsInTime, seed } from '../../../support/property.js';
import { SlowSocket } from '../../../support/slow-socket.js';

const LARGEST_WRITE = 256 * 1024;

/** One of two connections, which share the memory of a turn. */
class Sender {
  readonly socket = new SlowSocket();
  readonly queue: WriteQueue;
  readonly sent: Buffer[] = [];
  /** How much had been queued before each `done` that was called, in the order of the calls. */
  readonly gone: number[] = [];
  asked = 0;
  readonly early: string[] = [];
  #total = 0;

  constructor() {
    this.queue = new WriteQueue(this.socket, { onWritten: () => {}, onDefect: (error) => this.early.push(String(error)) });
    this.socket.on('drain', () => this.queue.pump());
  }

  frame(size: number, fill: number): void {
    const block = this.queue.room(size);
    block.bytes.fill(fill, block.used, block.used + size);
    this.queue.commit(size);
    this.#note(Buffer.alloc(size, fill));
  }

  push(size: number, fill: number): void {
    this.queue.push(Buffer.alloc(size, fill));
    this.#note(Buffer.alloc(size, fill));
  }

  whenGone(): void {
    const mark = this.#total;
    this.asked++;
    this.queue.whenGone((error) => {
      this.gone.push(mark);
      if (error !== undefined || this.taken < mark) this.early.push(`${mark} of ${this.taken}: ${error}`);
    });
  }

  get taken(): number {
    return this.socket.taken.reduce((sum, { length }) => sum + length, 0);
  }

  /** The peer reads everything. */
  async drain(): Promise<void> {
    this.socket.prompt = true;
    do {
      this.queue.pump();
      this.socket.readOut();
      await turn();
    } while (this.queue.waiting > 0);
    await turn();
  }

  #note(bytes: Buffer): void {
    this.sent.push(bytes);
    this.#total += bytes.length;
  }
}

const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 3, arbitrary: fc.integer({ min: 200, max: 20_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(511, 512, 16_384, 16_385, 60_000) },
);
const large = fc.oneof(size, fc.integer({ min: 100_000, max: 300_000 }));
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('frame' as const), size }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('frame' as const), size: fc.integer({ min: 40_000, max: 65_536 }) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('push' as const), size: large }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('gone', 'turn', 'read', 'deaf', 'deaf', 'prompt'), size: fc.constant(0) }) },
);

it(`[REL-10, REM-15, D-26] nothing is lost, doubled or overtaken, and no write is larger than 256 KiB (seed ${seed})`, async () => {
  await holdsInTime(
    fc.array(fc.tuple(fc.nat(1), step), { maxLength: 40 }),
    async (steps) => {
      const senders = [new Sender(), new Sender()] as const;
      let fill = 0;
      for (const [which, { what, size: bytes }] of steps) {
        const sender = senders[which] as Sender;
        fill = (fill % 250) + 1;
        if (what === 'frame') sender.frame(bytes, fill);
        else if (what === 'push') sender.push(bytes, fill);
        else if (what === 'gone') sender.whenGone();
        else if (what === 'turn') await turn();
        else if (what === 'read') sender.socket.readOut();
        else sender.socket.prompt = what === 'prompt';
      }
      for (const sender of senders) {
        await sender.drain();
        expect(Buffer.compare(sender.socket.bytes, Buffer.concat(sender.sent))).toBe(0);
        expect(Math.max(0, ...sender.socket.writes)).toBeLessThanOrEqual(LARGEST_WRITE);
        expect([sender.early, sender.gone.length, sender.queue.waiting]).toEqual([[], sender.asked, 0]);
        expect(sender.gone).toEqual([...sender.gone].sort((a, b) => a - b));
      }
    },
    120,
  );
});

it.each([
  ['beside larger buffers', [100_000], [60_000]],
  ['in more runs than one write takes', [], [60_000, 60_000, 60_000, 60_000, 60_000, 60_000]],
])(
  '[REL-10] frames that a stuck peer has not read, %s, are not those that others write in the next turns',
  async (_what, buffers, frames) => {
    const [stuck, other] = [new Sender(), new Sender()];
    stuck.socket.prompt = false;
    for (const bytes of buffers) stuck.push(bytes, 1);
    for (const bytes of frames) stuck.frame(bytes, 2);
    for (let i = 0; i < 8; i++) {
      await turn();
      for (let j = 0; j < 4; j++) other.frame(60_000, 3);
    }
    await stuck.drain();
    await other.drain();
    for (const sender of [stuck, other]) expect(Buffer.compare(sender.socket.bytes, Buffer.concat(sender.sent))).toBe(0);
  },
);

it('[REM-7] what the kernel refuses in the turn’s only write has not gone', async () => {
  const socket = new SlowSocket();
  const told: unknown[] = [];
  const queue = new WriteQueue(socket, { onWritten: () => void told.push('written'), onDefect: (error) => void told.push(error) });
  socket.on('error', (error) => queue.abort(error));
  const say = (text: string): void => {
    queue.room(text.length).bytes.write(text, queue.room(text.length).used);
    queue.commit(text.length);
    queue.whenGone((error) => void told.push(error?.message ?? text));
  };
  say('one');
  await turn();
  expect(told).toEqual(['one', 'written']);
  socket._write = (_chunk, _encoding, callback) => (callback as (error: Error) => void)(new Error('EPIPE'));
  say('two');
  await turn();
  await turn();
  expect(told.slice(2)).toEqual(['EPIPE']);
});
