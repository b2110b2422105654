/** Pause, resume, wait, and what a slow reader does to the sender. */
import { eachWay } from './messages.js';
import { type Engine, PARTS, quiet, type Runner, WAIT, WHOLE } from './rig.js';

export function flowContract(engine: Engine, runner: Runner): void {
  const { describe, expect } = runner;

  describe('a paused channel', () => {
    eachWay(
      runner,
      engine,
      'is silent at once, even about bytes already read; resume goes on later, in order',
      async (sender, receiver) => {
        receiver.log.at.onText = (text) => {
          if (text === 'b' || text === 'd') receiver.channel.pause();
        };
        for (const text of ['a', 'b', 'c', 'd', 'e']) sender.channel.text(text);
        await receiver.log.until('text', 2);
        await quiet();
        expect(receiver.log.all('text')).toEqual([['a'], ['b']]);
        receiver.channel.resume();
        expect(receiver.log.count('text')).toBe(2);
        await receiver.log.until('text', 4);
        await quiet();
        receiver.channel.resume();
        await receiver.log.until('text', 5);
        expect(receiver.log.all('text').flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
      },
    );

    eachWay(runner, engine, 'may be resumed inside the event that paused it', async (sender, receiver) => {
      receiver.log.at.onText = () => {
        receiver.channel.pause();
        receiver.channel.resume();
      };
      for (const text of ['a', 'b', 'c']) sender.channel.text(text);
      await receiver.log.until('text', 3);
      expect(receiver.log.all('text').flat()).toEqual(['a', 'b', 'c']);
    });

    eachWay(runner, engine, 'stops between the parts of a message', async (sender, receiver) => {
      receiver.log.want = PARTS;
      receiver.log.at.onPart = () => receiver.channel.pause();
      const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 253));
      sender.channel.binary(bytes);
      let parts = 0;
      while (receiver.log.all('part').at(-1)?.[2] !== true) {
        await receiver.log.until('part', ++parts);
        if (parts < 3) await quiet();
        expect(receiver.log.count('part')).toBe(parts);
        receiver.channel.resume();
      }
      expect(Buffer.compare(Buffer.concat(receiver.log.all('part').map(([, part]) => part as Buffer)), bytes)).toBe(0);
      expect(parts > 1).toBe(true);
    });

    eachWay(runner, engine, 'inside the question about a message delivers it after resume', async (sender, receiver) => {
      receiver.log.at.intake = () => {
        receiver.channel.pause();
        return WHOLE;
      };
      sender.channel.text('a');
      await receiver.log.until('intake');
      await quiet();
      expect(receiver.log.count('text')).toBe(0);
      receiver.channel.resume();
      await receiver.log.until('text');
    });

    eachWay(runner, engine, '[LIF-8] still answers pings before the next data or pong, none behind it', async (sender, receiver) => {
      for (const behind of ['text', 'pong'] as const) {
        const from = sender.log.count('pong');
        receiver.channel.pause();
        sender.channel.ping(Buffer.from('1'));
        await sender.log.until('pong', from + 1);
        if (behind === 'text') sender.channel.text('a');
        else sender.channel.pong(Buffer.from('a'));
        sender.channel.ping(Buffer.from('2'));
        sender.channel.pong(Buffer.from('b'));
        await quiet();
        expect([sender.log.all('pong').slice(from).flat(), receiver.log.count(behind)]).toEqual([['1'], behind === 'text' ? 0 : 1]);
        receiver.channel.resume();
        await sender.log.until('pong', from + 2);
        await receiver.log.until('pong', behind === 'text' ? 1 : 3);
        expect(receiver.log.story.slice(-2)).toEqual([
          [behind, 'a'],
          ['pong', 'b'],
        ]);
      }
    });

    eachWay(runner, engine, '[LIF-8] keeps the close and the end of the stream behind a pong', async (sender, receiver) => {
      receiver.channel.pause();
      sender.channel.pong(Buffer.from('a'));
      sender.channel.close(1000, 'bye');
      sender.channel.end();
      await quiet();
      expect(receiver.log.story).toEqual([['opened']]);
      receiver.channel.resume();
      await receiver.log.until('closing');
      expect(receiver.log.story).toEqual([['opened'], ['pong', 'a'], ['closing', 1000, 'bye']]);
    });

    eachWay(runner, engine, 'hears a close with nothing before it', async (sender, receiver) => {
      receiver.channel.pause();
      sender.channel.close(1001, 'off');
      await receiver.log.until('closing');
      expect(receiver.log.all('closing')).toEqual([[1001, 'off']]);
    });

    eachWay(runner, engine, '[LIF-14] keeps the close and the end of the stream behind the data', async (sender, receiver) => {
      receiver.channel.pause();
      sender.channel.text('a');
      sender.channel.text('b');
      sender.channel.close(1000, 'bye');
      sender.channel.end();
      await quiet();
      expect(receiver.log.story).toEqual([['opened']]);
      receiver.channel.resume();
      await receiver.log.until('closing');
      receiver.channel.close(1000, 'bye');
      receiver.channel.end();
      await Promise.all([receiver.log.until('closed'), sender.log.until('closed')]);
      expect(receiver.log.story).toEqual([['opened'], ['text', 'a'], ['text', 'b'], ['closing', 1000, 'bye'], ['closed']]);
    });

    eachWay(runner, engine, '[LIF-14] keeps a plain end of the stream behind the data', async (sender, receiver) => {
      receiver.channel.pause();
      sender.channel.text('a');
      sender.channel.end();
      await quiet();
      expect(receiver.log.story).toEqual([['opened']]);
      receiver.channel.resume();
      await receiver.log.until('closed');
      expect(receiver.log.story).toEqual([['opened'], ['text', 'a'], ['closed']]);
    });

    eachWay(runner, engine, 'may be ended for good', async (sender, receiver) => {
      receiver.channel.pause();
      sender.channel.text('a'.repeat(100_000));
      await quiet();
      receiver.channel.terminate();
      await Promise.all([receiver.log.until('closed'), sender.log.until('closed')]);
      expect(receiver.log.story).toEqual([['opened'], ['closed']]);
    });
  });

  describe('a message told to wait', () => {
    eachWay(runner, engine, 'is asked about again after resume, and holds back what follows', async (sender, receiver) => {
      receiver.log.want = WAIT;
      sender.channel.text('a');
      sender.channel.ping(Buffer.from('behind'));
      sender.channel.text('b');
      await receiver.log.until('intake');
      await quiet();
      expect([receiver.log.count('intake'), receiver.log.count('text'), sender.log.count('pong')]).toEqual([1, 0, 0]);
      receiver.channel.resume();
      await receiver.log.until('intake', 2);
      await quiet();
      receiver.log.want = WHOLE;
      expect(receiver.log.count('intake')).toBe(2);
      receiver.channel.resume();
      await receiver.log.until('text', 2);
      await sender.log.until('pong');
      expect([receiver.log.count('intake'), receiver.log.all('text').flat()]).toEqual([4, ['a', 'b']]);
    });
  });

  describe('a reader who does not read', () => {
    eachWay(runner, engine, 'makes bufferedAmount grow, and onDrained tells of its shrinking', async (sender, receiver) => {
      receiver.channel.pause();
      const message = Buffer.alloc(100_000);
      const count = 200;
      let left = 0;
      for (let i = 0; i < count; i++) sender.channel.binary(message, (error) => error ?? left++);
      expect(sender.channel.bufferedAmount > message.length).toBe(true);
      await quiet();
      const stuck = sender.channel.bufferedAmount;
      const [leftBefore, drainsBefore] = [left, sender.log.count('drained')];
      expect([stuck > message.length, leftBefore < count]).toEqual([true, true]);
      let isNeverLarger = true;
      let last = stuck;
      sender.log.at.onDrained = () => {
        isNeverLarger &&= sender.channel.bufferedAmount <= last;
        last = sender.channel.bufferedAmount;
      };
      receiver.channel.resume();
      await receiver.log.until('binary', count);
      await quiet();
      expect([isNeverLarger, sender.channel.bufferedAmount, left, sender.log.count('drained') > drainsBefore]).toEqual([
        true,
        0,
        count,
        true,
      ]);
    });

    eachWay(runner, engine, '[REL-12] makes a congestion that nobody but it can change', async (sender, receiver) => {
      sender.channel.text('a');
      await receiver.log.until('text');
      await quiet();
      expect(sender.channel.congestion).toBe(0);
      receiver.channel.pause();
      const message = Buffer.alloc(100_000);
      for (let i = 0; i < 200; i++) sender.channel.binary(message);
      let stuck = 0;
      do {
        stuck = sender.channel.congestion;
        await quiet(); // the kernel takes what it can
      } while (stuck !== sender.channel.congestion || stuck === 0);
      expect([stuck > 0, stuck <= sender.channel.bufferedAmount + 100_000]).toEqual([true, true]);
      for (let i = 0; i < 5; i++) sender.channel.binary(message);
      await quiet();
      expect(sender.channel.congestion).toBe(stuck);
      receiver.channel.resume();
      await receiver.log.until('binary', 205);
      await quiet();
      expect(sender.channel.congestion).toBe(0);
    });

    eachWay(runner, engine, 'lets flush write what it can', async (sender, receiver) => {
      sender.channel.text('a');
      const before = sender.channel.bufferedAmount;
      sender.channel.flush();
      expect([before > 0, receiver.log.count('text')]).toEqual([true, 0]);
      await receiver.log.until('text');
      await quiet();
      expect(sender.channel.bufferedAmount).toBe(0);
    });
  });
}
