/** Giving up what a peer does not read. [REL-10] */
import { eachWay } from './messages.js';
import { type End, type Engine, eventually, quiet, type Runner, settled } from './rig.js';

/** Bytes: much larger than a single write. */
const LARGE = 2_000_000;
/** Bytes: more than the kernel takes for somebody who does not read. */
const MOST = 40_000_000;

export function discardingContract(engine: Engine, runner: Runner): void {
  const { describe, expect } = runner;

  describe('a channel that discards', () => {
    eachWay(
      runner,
      engine,
      '[REL-10] sends none of what waited, tells each done, and a close frame may follow',
      async (sender, receiver) => {
        receiver.channel.pause();
        const sent = await stuff(sender);
        const last = settled((done) => sender.channel.text('never', done));
        const before = sender.channel.bufferedAmount;
        const error = new Error('given up');
        expect(sender.channel.discard(error)).toBe(true);
        expect(sender.channel.bufferedAmount < before).toBe(true);
        expect(await last).toBe(error);
        const closed = settled((done) => sender.channel.close(1008, 'slow reader', done));
        receiver.channel.resume();
        await receiver.log.until('closing');
        expect(await closed).toBe(null);
        const received = receiver.log.all('text').flat();
        expect(received.length < sent.length).toBe(true);
        expect(received.every((text, i) => text === sent[i])).toBe(true);
        expect(receiver.log.all('closing')).toEqual([[1008, 'slow reader']]);
        expect(sender.channel.bufferedAmount).toBe(0);
      },
    );

    eachWay(
      runner,
      engine,
      '[REL-10] within a message says whether anything can follow, and no more of it comes',
      async (sender, receiver) => {
        receiver.channel.pause();
        await stuff(sender);
        sender.channel.binary(Buffer.alloc(LARGE));
        await quiet();
        if (sender.channel.discard(new Error('given up'))) sender.channel.close(1008, '');
        else sender.channel.terminate();
        receiver.channel.resume();
        await eventually(
          () => receiver.log.count('closing') + receiver.log.count('closed') > 0,
          () => 'the end',
        );
        expect(receiver.log.count('binary')).toBe(0);
        expect(receiver.log.count('failed')).toBe(0);
      },
    );

    eachWay(runner, engine, 'has nothing to say once nothing more may be sent', async (sender) => {
      sender.channel.close(1000, '');
      expect(sender.channel.discard(new Error('too late'))).toBe(false);
      sender.channel.terminate();
      await sender.log.until('closed');
      expect(sender.channel.discard(new Error('too late'))).toBe(false);
    });
  });
}

/** Sends to somebody who does not read until much waits here; what was sent. */
async function stuff({ channel }: End): Promise<string[]> {
  const sent: string[] = [];
  for (let i = 0; channel.bufferedAmount < 1_000_000 && i < MOST / 10_000; i++) {
    const text = `${i} ${'x'.repeat(10_000)}`;
    sent.push(text);
    channel.text(text);
    if (i % 50 === 0) await turn(channel);
  }
  return sent;
}

async function turn(channel: End['channel']): Promise<void> {
  channel.flush();
  await new Promise((resolve) => setImmediate(resolve));
}
