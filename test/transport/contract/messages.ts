/** Whole messages, control frames, `done` and the counters. */
import { type End, type Engine, type Pair, type PairOptions, quiet, Recorder, type Runner, SKIP, settled, upTo, withPair } from './rig.js';

type Body = (sender: End, receiver: End, pair: Pair) => Promise<void>;

/** Runs a test in both directions: either end of a connection owes the same. */
export function eachWay({ it }: Runner, engine: Engine, title: string, body: Body, options: PairOptions = {}): void {
  it(`${title} (client to server)`, () => withPair(engine, options, (pair) => body(pair.client, pair.server, pair)));
  it(`${title} (server to client)`, () => withPair(engine, options, (pair) => body(pair.server, pair.client, pair)));
}

export function messageContract(engine: Engine, runner: Runner): void {
  const { describe, expect } = runner;

  describe('a message', () => {
    eachWay(runner, engine, 'arrives whole, and in order with all others', async (sender, receiver) => {
      const long = 'ä€😀x'.repeat(20_000);
      const bytes = Buffer.alloc(300_000, 7);
      sender.channel.text('');
      sender.channel.text('a');
      sender.channel.binary(Buffer.alloc(0));
      sender.channel.text(long);
      sender.channel.binary(bytes);
      sender.channel.text('z');
      await receiver.log.until('text', 4);
      const story = receiver.log.story.slice(1);
      expect(story.map(([event]) => event)).toEqual(['text', 'text', 'binary', 'text', 'binary', 'text']);
      expect(receiver.log.all('text')).toEqual([[''], ['a'], [long], ['z']]);
      expect((story[2] as [string, Buffer])[1].length).toBe(0);
      expect(Buffer.compare((story[4] as [string, Buffer])[1], bytes)).toBe(0);
    });

    eachWay(runner, engine, 'of bytes may come from any view, and arrives as a Buffer', async (sender, receiver) => {
      const memory = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
      sender.channel.binary(memory.buffer);
      sender.channel.binary(new DataView(memory.buffer, 2, 3));
      sender.channel.binary(new Uint16Array(memory.buffer, 4, 2));
      await receiver.log.until('binary', 3);
      const arrived = receiver.log.all('binary').map(([bytes]) => bytes as Buffer);
      expect(arrived.map((bytes) => Buffer.isBuffer(bytes))).toEqual([true, true, true]);
      expect(arrived.map((bytes) => [...bytes])).toEqual([
        [0, 1, 2, 3, 4, 5, 6, 7],
        [2, 3, 4],
        [4, 5, 6, 7],
      ]);
    });

    eachWay(runner, engine, 'of up to 16 KiB is copied during the call', async (sender, receiver) => {
      const bytes = Buffer.alloc(16_384, 1);
      const small = Buffer.from('small');
      sender.channel.binary(bytes);
      sender.channel.part('binary', small, true, true);
      sender.channel.ping(small);
      bytes.fill(2);
      small.fill(2);
      await Promise.all([receiver.log.until('binary', 2), sender.log.until('pong')]);
      const [first, second] = receiver.log.all('binary').map(([given]) => given as Buffer);
      expect(first?.every((byte) => byte === 1)).toBe(true);
      expect(second?.toString()).toBe('small');
      expect(sender.log.all('pong')).toEqual([['small']]);
    });

    eachWay(runner, engine, 'is asked about once, by its kind', async (sender, receiver) => {
      sender.channel.text('a');
      sender.channel.part('binary', Buffer.from('b'), true, false);
      sender.channel.part('binary', Buffer.from('c'), false, true);
      sender.channel.text('d');
      await receiver.log.until('text', 2);
      expect(
        receiver.log.heard.filter(([event]) => event !== 'drained').map(([event, kind]) => (event === 'intake' ? kind : event)),
      ).toEqual(['opened', 'text', 'text', 'binary', 'binary', 'text', 'text']);
    });

    eachWay(runner, engine, 'that is to be skipped is; the next one is asked about anew', async (sender, receiver) => {
      receiver.log.at.intake = (kind) => (kind === 'binary' ? SKIP : upTo(10));
      sender.channel.binary(Buffer.alloc(100_000));
      sender.channel.part('binary', Buffer.from('b'), true, false);
      sender.channel.part('binary', Buffer.from('c'), false, true);
      sender.channel.text('seen');
      await receiver.log.until('text');
      expect(receiver.log.story).toEqual([['opened'], ['text', 'seen']]);
    });

    for (const [kind, message] of [
      ['text', 'äx'.repeat(1000)],
      ['binary', Buffer.alloc(3000, 1)],
    ] as const) {
      eachWay(
        runner,
        engine,
        `[REL-8] of ${kind} is measured in bytes: 3000 are 3000, one less allowed is a 1009`,
        async (sender, receiver) => {
          const send = () => (typeof message === 'string' ? sender.channel.text(message) : sender.channel.binary(message));
          receiver.log.want = upTo(3000);
          send();
          await receiver.log.until(kind);
          receiver.log.want = upTo(2999);
          send();
          sender.channel.text('never seen');
          await receiver.log.until('failed');
          await quiet();
          expect(receiver.log.all('failed')).toEqual([[1009]]);
          expect(receiver.log.story.map(([event]) => event)).toEqual(['opened', kind, 'failed']);
        },
      );
    }

    eachWay(
      runner,
      engine,
      'encoded once can be written many times, and every listener may keep what it gets',
      async (sender, receiver) => {
        const bytes = Buffer.from([1, 2, 3]);
        const prepared = sender.channel.prepare(bytes);
        const text = sender.channel.prepare('€uro');
        bytes.fill(9);
        expect([prepared.kind, prepared.size, text.kind, text.size]).toEqual(['binary', 3, 'text', 6]);
        const error = await settled((done) => sender.channel.write(prepared, done));
        sender.channel.write(text);
        sender.channel.write(prepared);
        await receiver.log.until('binary', 2);
        const [first, second] = receiver.log.all('binary').map(([given]) => given as Buffer);
        first?.fill(8);
        expect([error, [...(second as Buffer)], receiver.log.all('text')]).toEqual([null, [1, 2, 3], [['€uro']]]);
      },
    );

    eachWay(runner, engine, 'tells once, later, that it has left', async (sender, receiver) => {
      const told: (Error | undefined)[] = [];
      let isCalling = true;
      const tell = (error?: Error): void => {
        if (isCalling) throw new Error('done came inside the call');
        told.push(error);
      };
      sender.channel.text('a', tell);
      sender.channel.binary(Buffer.alloc(50_000), tell);
      sender.channel.part('text', 'b', true, true, tell);
      sender.channel.ping(Buffer.alloc(0), tell);
      sender.channel.pong(Buffer.alloc(0), tell);
      sender.channel.write(sender.channel.prepare('c'), tell);
      isCalling = false;
      await receiver.log.until('text', 3);
      await receiver.log.until('pong');
      await quiet();
      expect(told.map((error) => error === undefined || error === null)).toEqual([true, true, true, true, true, true]);
    });
  });

  describe('a control frame', () => {
    eachWay(runner, engine, 'ping is answered by the engine, with its bytes', async (sender, receiver) => {
      sender.channel.ping(Buffer.from('are you there'));
      await sender.log.until('pong');
      expect(sender.log.story).toEqual([['opened'], ['pong', 'are you there']]);
      expect(receiver.log.story).toEqual([['opened']]);
    });

    eachWay(runner, engine, 'pong comes through, asked for or not', async (sender, receiver) => {
      sender.channel.pong(Buffer.alloc(125, 65));
      sender.channel.pong(new Uint8Array(0));
      await receiver.log.until('pong', 2);
      expect(receiver.log.all('pong')).toEqual([['A'.repeat(125)], ['']]);
    });
  });

  describe('the counters', () => {
    eachWay(runner, engine, 'count the frames and bytes that pass, headers included', async (sender, receiver, { client }) => {
      const mask = sender === client ? 4 : 0;
      sender.channel.text('a');
      sender.channel.binary(Buffer.alloc(126));
      sender.channel.part('binary', Buffer.alloc(70_000), true, false);
      sender.channel.part('binary', Buffer.alloc(0), false, true);
      sender.channel.pong(Buffer.from('p'));
      await receiver.log.until('pong');
      const bytes = 1 + 2 + 126 + 4 + 70_000 + 10 + 2 + 1 + 2 + 5 * mask;
      const { messagesSent, framesSent, bytesSent } = sender.channel.counters;
      const { messagesReceived, framesReceived, bytesReceived } = receiver.channel.counters;
      expect([messagesSent, framesSent, bytesSent]).toEqual([3, 5, bytes]);
      expect([messagesReceived, framesReceived, bytesReceived]).toEqual([3, 5, bytes]);
      expect([receiver.channel.counters.bytesSent, sender.channel.counters.bytesReceived]).toEqual([0, 0]);
    });

    eachWay(runner, engine, 'are joined by the times of the last bytes', async (sender, receiver) => {
      await quiet();
      const before = performance.now();
      sender.channel.text('a');
      await receiver.log.until('text');
      await quiet();
      const after = performance.now();
      const isBetween = (time: number): boolean => before <= time && time <= after;
      expect([isBetween(sender.channel.lastWritten), isBetween(receiver.channel.lastRead)]).toEqual([true, true]);
      expect([isBetween(sender.channel.lastRead), isBetween(receiver.channel.lastWritten)]).toEqual([false, false]);
    });
  });

  describe('a listener', () => {
    for (const event of ['onText', 'onPong', 'intake', 'onDrained', 'onClosing'] as const) {
      const broken = new Recorder();
      const fail = (): never => {
        throw new Error('a defect');
      };
      runner.it(`that throws in ${event} loses its connection, and nothing else happens`, () =>
        withPair(engine, { server: broken }, async ({ server, client }) => {
          broken.at[event] = fail;
          if (event === 'onDrained') server.channel.text('a');
          else if (event === 'onPong') client.channel.pong(Buffer.from('p'));
          else if (event === 'onClosing') client.channel.close(1000, '');
          else client.channel.text('a');
          await Promise.all([broken.until('closed'), client.log.until('closed')]);
          expect([broken.count('closed'), client.log.count('closed')]).toEqual([1, 1]);
        }),
      );
    }

    runner.it('that throws in onClosed ends nothing but itself', () => {
      const broken = new Recorder();
      broken.at.onClosed = () => {
        throw new Error('a defect');
      };
      return withPair(engine, { server: broken }, async ({ client }) => {
        client.channel.terminate();
        await Promise.all([broken.until('closed'), client.log.until('closed')]);
        await quiet(); // what it threw would be an uncaught exception by now
        expect([broken.count('closed'), client.log.count('closed')]).toEqual([1, 1]);
      });
    });

    runner.it('that throws in onOpened loses its connection', async () => {
      const broken = new Recorder();
      broken.at.onOpened = () => {
        throw new Error('a defect');
      };
      await withPair(engine, { server: broken }, async ({ client }) => {
        await Promise.all([broken.until('closed'), client.log.until('closed')]);
        expect(broken.count('closed')).toBe(1);
      });
    });
  });
}
