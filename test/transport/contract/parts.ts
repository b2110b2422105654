/** Messages in parts, both ways of them: sent in parts, and received in parts. */
import { eachWay } from './messages.js';
import { type Engine, eventually, PARTS, quiet, type Runner, SKIP, upTo } from './rig.js';

export function partContract(engine: Engine, runner: Runner): void {
  const { describe, expect } = runner;

  describe('a message sent in parts', () => {
    eachWay(runner, engine, 'is one message to who wants it whole', async (sender, receiver) => {
      const { channel } = sender;
      channel.part('text', 'one ', true, false);
      channel.part('text', '', false, false);
      channel.part('text', 'two', false, true);
      channel.part('binary', Buffer.from([1]), true, false);
      channel.part('binary', new Uint8Array([2, 3]), false, false);
      channel.part('binary', Buffer.alloc(0), false, true);
      channel.part('text', '', true, true);
      await receiver.log.until('text', 2);
      expect(receiver.log.story.map(([event, data]) => [event, Buffer.isBuffer(data) ? [...data] : data])).toEqual([
        ['opened', undefined],
        ['text', 'one two'],
        ['binary', [1, 2, 3]],
        ['text', ''],
      ]);
      expect(receiver.channel.counters.messagesReceived).toBe(3);
    });

    eachWay(runner, engine, 'lets pings and pongs slip between', async (sender, receiver) => {
      sender.channel.part('text', 'a', true, false);
      sender.channel.ping(Buffer.from('between'));
      sender.channel.pong(Buffer.from('too'));
      await Promise.all([sender.log.until('pong'), receiver.log.until('pong')]);
      expect(receiver.log.count('text')).toBe(0);
      sender.channel.part('text', 'b', false, true);
      await receiver.log.until('text');
      expect(receiver.log.all('text')).toEqual([['ab']]);
    });

    eachWay(runner, engine, 'may be text as bytes, characters cut anywhere', async (sender, receiver) => {
      const text = '\u{feff}aä€😀z';
      const bytes = Buffer.from(text);
      for (const [i, byte] of bytes.entries()) sender.channel.part('text', Uint8Array.of(byte), i === 0, i === bytes.length - 1);
      await receiver.log.until('text');
      receiver.log.want = PARTS;
      for (const [i, byte] of bytes.entries()) sender.channel.part('text', Uint8Array.of(byte), i === 0, i === bytes.length - 1);
      sender.channel.pong(Buffer.alloc(0));
      await receiver.log.until('pong');
      const parts = receiver.log.all('part') as [string, string, boolean][];
      expect(receiver.log.all('text')).toEqual([[text]]);
      expect(parts.map(([, part]) => part).join('')).toBe(text);
      expect(parts.every(([, part]) => part.isWellFormed())).toBe(true);
      expect(parts.every(([, part, last]) => last || part.length > 0)).toBe(true);
      expect(parts.map(([, , last]) => last).indexOf(true)).toBe(parts.length - 1);
    });

    for (const [what, bytes] of [
      ['a byte that never occurs', [0x61, 0xff]],
      ['a character cut off by the end', [0x61, 0xc3]],
      ['half a pair of surrogates', [0xed, 0xa0, 0x80]],
    ] as const) {
      for (const intake of [upTo(100), PARTS, SKIP]) {
        eachWay(runner, engine, `with ${what} is a 1007, ${intake.mode}`, async (sender, receiver) => {
          receiver.log.want = intake;
          sender.channel.part('text', Uint8Array.from(bytes), true, false);
          sender.channel.part('text', '', false, true);
          sender.channel.text('never seen');
          await receiver.log.until('failed');
          await quiet();
          expect(receiver.log.all('failed')).toEqual([[1007]]);
          expect(receiver.log.count('text')).toBe(0);
          expect(receiver.log.heard.at(-1)?.[0]).toBe('failed');
        });
      }
    }

    eachWay(runner, engine, '[REL-8] is over its limit as soon as its parts are, not at its end', async (sender, receiver) => {
      receiver.log.want = upTo(5);
      sender.channel.part('binary', Buffer.alloc(3), true, false);
      sender.channel.part('binary', Buffer.alloc(3), false, false);
      await receiver.log.until('failed');
      expect(receiver.log.story).toEqual([['opened'], ['failed', 1009]]);
    });
  });

  describe('a message received in parts', () => {
    eachWay(runner, engine, 'ends with the one part that is the last', async (sender, receiver) => {
      const text = 'ä€😀xyz'.repeat(9000);
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
      receiver.log.want = PARTS;
      sender.channel.text(text);
      sender.channel.binary(bytes);
      sender.channel.pong(Buffer.alloc(0));
      await receiver.log.until('pong');
      const parts = receiver.log.all('part') as [string, string | Buffer, boolean][];
      const strings = parts.filter(([kind]) => kind === 'text');
      const buffers = parts.filter(([kind]) => kind === 'binary');
      expect(strings.map(([, part]) => part).join('')).toBe(text);
      expect(strings.every(([, part]) => (part as string).isWellFormed())).toBe(true);
      expect(Buffer.compare(Buffer.concat(buffers.map(([, part]) => part as Buffer)), bytes)).toBe(0);
      for (const some of [strings, buffers]) expect(some.map(([, , last]) => last)).toEqual(some.map((_, i) => i === some.length - 1));
      expect(receiver.log.count('text') + receiver.log.count('binary')).toBe(0);
    });

    eachWay(runner, engine, '[REL-8] has the limit it is asked with: 1009 before anything beyond it', async (sender, receiver) => {
      receiver.log.want = { mode: 'parts', limit: 20_000 };
      const parts = () => receiver.log.all('part').map(([, part]) => (part as Buffer).length);
      sender.channel.binary(Buffer.alloc(20_000));
      await eventually(
        () => parts().reduce((a, b) => a + b, 0) === 20_000,
        () => '20000 bytes',
      );
      sender.channel.part('binary', Buffer.alloc(15_000), true, false);
      sender.channel.part('binary', Buffer.alloc(5_001), false, true);
      await receiver.log.until('failed');
      await quiet();
      expect(parts().reduce((a, b) => a + b, 0) <= 35_000).toBe(true);
      expect([receiver.log.all('failed'), receiver.log.story.at(-1)]).toEqual([[[1009]], ['failed', 1009]]);
    });

    eachWay(runner, engine, 'brings every frame as it comes', async (sender, receiver) => {
      receiver.log.want = PARTS;
      sender.channel.part('text', 'a', true, false);
      await receiver.log.until('part');
      sender.channel.part('text', 'b', false, false);
      await receiver.log.until('part', 2);
      sender.channel.part('text', '', false, true);
      await receiver.log.until('part', 3);
      sender.channel.binary(Buffer.alloc(0));
      await receiver.log.until('part', 4);
      const [a, b, c, d = []] = receiver.log.all('part');
      expect([a, b, c]).toEqual([
        ['text', 'a', false],
        ['text', 'b', false],
        ['text', '', true],
      ]);
      expect([d[0], (d[1] as Buffer).length, d[2]]).toEqual(['binary', 0, true]);
    });
  });
}
