/** How a connection ends. */
import { eachWay } from './messages.js';
import { type Engine, quiet, type Runner, settled } from './rig.js';

export function endingContract(engine: Engine, runner: Runner): void {
  const { describe, expect } = runner;

  describe('a mere end of the stream', () => {
    eachWay(
      runner,
      engine,
      '[LIF-14] is told behind all that came before it, and leaves the other direction open',
      async (sender, receiver) => {
        receiver.log.answersTheEnd();
        sender.channel.text('before');
        sender.channel.end();
        await receiver.log.until('ended');
        await quiet();
        expect(receiver.log.story).toEqual([['opened'], ['text', 'before'], ['ended']]);
        receiver.channel.text('after');
        receiver.channel.end();
        await Promise.all([sender.log.until('closed'), receiver.log.until('closed')]);
        expect(sender.log.story).toEqual([['opened'], ['text', 'after'], ['closed']]);
        expect(receiver.log.story).toEqual([['opened'], ['text', 'before'], ['ended'], ['closed']]);
      },
    );

    eachWay(runner, engine, 'is answered by the engine where the house does not listen for it', async (sender, receiver) => {
      sender.channel.end();
      await Promise.all([sender.log.until('closed'), receiver.log.until('closed')]);
      expect(receiver.log.story).toEqual([['opened'], ['closed']]);
    });
  });

  describe('a close', () => {
    eachWay(runner, engine, 'goes behind all data and reaches the other end once', async (sender, receiver) => {
      const big = Buffer.alloc(100_000);
      sender.channel.binary(big);
      sender.channel.text('last');
      const error = await settled((done) => sender.channel.close(4321, 'grüß dich', done));
      await receiver.log.until('closing');
      expect(error).toBe(null);
      expect(receiver.log.story.map(([event]) => event)).toEqual(['opened', 'binary', 'text', 'closing']);
      expect(receiver.log.all('closing')).toEqual([[4321, 'grüß dich']]);
    });

    eachWay(runner, engine, '[CLO-5] without a code is a 1005', async (sender, receiver) => {
      sender.channel.close(undefined, '');
      await receiver.log.until('closing');
      expect(receiver.log.all('closing')).toEqual([[1005, '']]);
    });

    eachWay(runner, engine, 'lets nothing follow it: later calls fail, and none throws', async (sender, receiver) => {
      const { channel } = sender;
      channel.close(1000, '');
      const errors = await Promise.all([
        settled((done) => channel.text('a', done)),
        settled((done) => channel.binary(Buffer.from('b'), done)),
        settled((done) => channel.part('text', 'c', true, true, done)),
        settled((done) => channel.ping(Buffer.from('d'), done)),
        settled((done) => channel.pong(Buffer.from('e'), done)),
        settled((done) => channel.write(channel.prepare('f'), done)),
        settled((done) => channel.close(1001, 'again', done)),
      ]);
      await receiver.log.until('closing');
      await quiet();
      expect(errors.map((error) => typeof error?.message)).toEqual(Array(7).fill('string'));
      expect(receiver.log.story).toEqual([['opened'], ['closing', 1000, '']]);
    });

    eachWay(
      runner,
      engine,
      'leaves the other direction open: what comes still arrives, and so does the answer',
      async (sender, receiver) => {
        sender.channel.close(1000, '');
        await receiver.log.until('closing');
        receiver.channel.text('one more');
        receiver.channel.close(1000, 'yes');
        await sender.log.until('closing');
        sender.channel.end();
        receiver.channel.end();
        await Promise.all([sender.log.until('closed'), receiver.log.until('closed')]);
        await quiet();
        expect(sender.log.story).toEqual([['opened'], ['text', 'one more'], ['closing', 1000, 'yes'], ['closed']]);
        expect(receiver.log.story).toEqual([['opened'], ['closing', 1000, ''], ['closed']]);
      },
    );

    eachWay(
      runner,
      engine,
      '[CLO-4] once there are both frames and the end of one direction, the other ends by itself, in whichever order they came',
      async (sender, receiver) => {
        sender.channel.close(1000, '');
        await receiver.log.until('closing');
        receiver.channel.close(1000, 'yes');
        await sender.log.until('closing');
        sender.channel.end();
        await Promise.all([sender.log.until('closed'), receiver.log.until('closed')]);
        expect(receiver.log.story).toEqual([['opened'], ['closing', 1000, ''], ['closed']]);
      },
    );

    eachWay(runner, engine, '[CLO-4] that answers one behind which the peer has ended ends both directions', async (sender, receiver) => {
      sender.channel.close(1000, '');
      sender.channel.end();
      await receiver.log.until('closing');
      await quiet();
      receiver.channel.close(1000, 'yes');
      await Promise.all([sender.log.until('closed'), receiver.log.until('closed')]);
      expect(sender.log.story).toEqual([['opened'], ['closing', 1000, 'yes'], ['closed']]);
    });

    eachWay(runner, engine, '[CLO-17] from both ends at once reaches both', async (sender, receiver) => {
      sender.channel.close(1000, 'a');
      receiver.channel.close(1001, 'b');
      await Promise.all([sender.log.until('closing'), receiver.log.until('closing')]);
      sender.channel.end();
      receiver.channel.end();
      await Promise.all([sender.log.until('closed'), receiver.log.until('closed')]);
      expect([sender.log.all('closing'), receiver.log.all('closing')]).toEqual([[[1001, 'b']], [[1000, 'a']]]);
    });
  });

  describe('an end', () => {
    eachWay(runner, engine, 'comes behind all that was sent; without a close frame onClosed has no error', async (sender, receiver) => {
      const big = Buffer.alloc(1_000_000, 3);
      sender.channel.binary(big);
      sender.channel.text('last');
      sender.channel.end();
      await Promise.all([receiver.log.until('closed'), sender.log.until('closed')]);
      await quiet();
      expect(receiver.log.story.map(([event]) => event)).toEqual(['opened', 'binary', 'text', 'closed']);
      expect([sender.log.all('closed'), receiver.log.all('closed')]).toEqual([[[]], [[]]]);
    });

    eachWay(runner, engine, '[CLO-4] behind a close frame waits for our answer', async (sender, receiver) => {
      sender.channel.close(1000, '');
      sender.channel.end();
      await receiver.log.until('closing');
      await quiet();
      expect(receiver.log.count('closed')).toBe(0);
      receiver.channel.close(1000, '');
      receiver.channel.end();
      await Promise.all([receiver.log.until('closed'), sender.log.until('closed')]);
      expect(sender.log.story).toEqual([['opened'], ['closing', 1000, ''], ['closed']]);
    });

    eachWay(runner, engine, 'lets nothing follow it, and may be repeated', async (sender, receiver) => {
      sender.channel.end();
      sender.channel.end();
      const errors = await Promise.all([
        settled((done) => sender.channel.text('a', done)),
        settled((done) => sender.channel.close(1000, '', done)),
      ]);
      await Promise.all([receiver.log.until('closed'), sender.log.until('closed')]);
      expect(errors.map((error) => error === null)).toEqual([false, false]);
      expect(receiver.log.story).toEqual([['opened'], ['closed']]);
    });

    eachWay(runner, engine, 'after a failure throws away what still comes', async (sender, receiver) => {
      receiver.log.want = { mode: 'whole', limit: 3 };
      sender.channel.text('four');
      await receiver.log.until('failed');
      receiver.channel.close(1009, 'too big');
      receiver.channel.end();
      await sender.log.until('closing');
      sender.channel.text('still talking');
      sender.channel.close(1009, '');
      sender.channel.end();
      await Promise.all([receiver.log.until('closed'), sender.log.until('closed')]);
      expect(receiver.log.story).toEqual([['opened'], ['failed', 1009], ['closed']]);
      expect(sender.log.story).toEqual([['opened'], ['closing', 1009, 'too big'], ['closed']]);
    });
  });

  describe('terminate', () => {
    eachWay(runner, engine, 'drops the connection, and onClosed is the last to be heard, once, at both ends', async (sender, receiver) => {
      receiver.channel.pause();
      const message = Buffer.alloc(500_000);
      const lost: boolean[] = [];
      for (let i = 0; i < 40; i++) sender.channel.binary(message, (error) => lost.push(error !== undefined && error !== null));
      await quiet();
      const left = lost.length;
      sender.log.at.onClosed = () => lost.push(false);
      sender.channel.terminate();
      sender.channel.terminate();
      expect(sender.log.count('closed')).toBe(0);
      await sender.log.until('closed');
      expect([lost.length, lost.slice(left, -1).every(Boolean), lost.at(-1), sender.channel.bufferedAmount]).toEqual([41, true, false, 0]);
      expect(left < 40).toBe(true);
      receiver.channel.resume();
      await receiver.log.until('closed');
      await quiet();
      expect([sender.log.count('closed'), receiver.log.count('closed')]).toEqual([1, 1]);
      expect([sender.log.heard.at(-1)?.[0], receiver.log.heard.at(-1)?.[0]]).toEqual(['closed', 'closed']);
    });

    eachWay(runner, engine, 'fails what has not left', async (sender, receiver) => {
      const error = settled((done) => sender.channel.text('never', done));
      sender.channel.terminate();
      expect(typeof (await error)?.message).toBe('string');
      await Promise.all([receiver.log.until('closed'), sender.log.until('closed')]);
      expect(receiver.log.count('text')).toBe(0);
    });

    eachWay(runner, engine, 'inside an event is the end of events', async (sender, receiver) => {
      receiver.log.at.onText = () => receiver.channel.terminate();
      sender.channel.text('a');
      sender.channel.text('b');
      await receiver.log.until('closed');
      expect(receiver.log.story).toEqual([['opened'], ['text', 'a'], ['closed']]);
    });

    eachWay(runner, engine, 'leaves a channel on which every call is harmless', async (sender, receiver) => {
      const { channel } = sender;
      channel.terminate();
      await Promise.all([sender.log.until('closed'), receiver.log.until('closed')]);
      channel.pause();
      channel.resume();
      channel.flush();
      channel.end();
      channel.terminate();
      const errors = await Promise.all([
        settled((done) => channel.text('a', done)),
        settled((done) => channel.close(1000, '', done)),
        settled((done) => channel.ping(Buffer.alloc(0), done)),
      ]);
      await quiet();
      expect(errors.map((error) => error === null)).toEqual([false, false, false]);
      expect([channel.bufferedAmount, sender.log.count('closed')]).toEqual([0, 1]);
    });
  });
}
