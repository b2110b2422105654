/** The chat, as its guests see it. Guests are numbered by the process, so the first test here is the first to meet one. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

const PATH = '/examples/websocket/chat';

/** Opens the chat, and reads the line about itself. */
async function join(examples: Running): Promise<{ peer: Peer; name: string }> {
  const peer = await examples.dial(PATH);
  const [, name] = /^\* (Guest\d+) has joined\.$/.exec(String(await peer.next())) ?? [];
  return { peer, name: String(name) };
}

/** All that a guest has read so far but not been asked for must be this. */
async function reads(peer: Peer, ...lines: string[]): Promise<void> {
  expect(await peer.take(lines.length)).toEqual(lines);
}

/** More than the buffers between two sockets hold: 80 lines of 300 kB, heard by whoever said them, and then forgotten. */
async function flood(peer: Peer): Promise<void> {
  const big = '喵'.repeat(100_000);
  for (let i = 0; i < 80; i++) peer.send(`${i} ${big}`);
  await peer.take(80);
  peer.received.fill('(a big line)', peer.received.length - 80);
}

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('chat', () => {
  it('[EX-C1] calls its guests Guest0, Guest1, … in the order in which they come', async () => {
    const examples = await run();
    expect([(await join(examples)).name, (await join(examples)).name]).toEqual(['Guest0', 'Guest1']);
    await examples.close();
    expect((await join(await run())).name).toBe('Guest2');
  });

  it('[EX-C2] tells everyone who has joined, the newcomer included', async () => {
    const examples = await run();
    const first = await join(examples);
    const second = await join(examples);
    await reads(first.peer, `* ${second.name} has joined.`);
  });

  it('[EX-C3] tells everyone what somebody said, the speaker included', async () => {
    const examples = await run();
    const [first, second] = [await join(examples), await join(examples)];
    second.peer.send('你好，世界 🐾');
    await reads(first.peer, `* ${second.name} has joined.`, `${second.name}: 你好，世界 🐾`);
    await reads(second.peer, `${second.name}: 你好，世界 🐾`);
  });

  it.each([
    ['<b>&"\'', "&lt;b&gt;&amp;&quot;'"],
    ['&lt;', '&amp;lt;'],
    ['', ''],
    ['<script>alert("1")</script>', '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'],
  ])('[EX-C3] writes %j as %j', async (text, line) => {
    const { peer, name } = await join(await run());
    peer.send(text);
    await reads(peer, `${name}: ${line}`);
  });

  it('[EX-C4] tells the rest who has left, and how they left makes no difference', async () => {
    const examples = await run();
    const first = await join(examples);
    for (const leave of [(peer: Peer) => peer.close(1000), (peer: Peer) => peer.close(), (peer: Peer) => peer.socket.terminate()]) {
      const other = await join(examples);
      void leave(other.peer);
      await reads(first.peer, `* ${other.name} has joined.`, `* ${other.name} has disconnected.`);
      expect(other.peer.received).toHaveLength(1);
    }
    first.peer.send('alone');
    await reads(first.peer, `${first.name}: alone`);
  });

  it('[EX-C5] discards binary messages', async () => {
    const { peer, name } = await join(await run());
    peer.send(Buffer.from('bytes'));
    peer.send('text');
    await reads(peer, `${name}: text`);
  });

  it('[EX-C5] gives a flood to everyone who reads it, in order', async () => {
    const examples = await run();
    const [first, second] = [await join(examples), await join(examples)];
    await first.peer.next();
    const said = Array.from({ length: 2000 }, (_, i) => `${i} ${'喵'.repeat(50)}`);
    for (const text of said) second.peer.send(text);
    const expected = said.map((text) => `${second.name}: ${text}`);
    expect(await first.peer.take(said.length)).toEqual(expected);
    expect(await second.peer.take(said.length)).toEqual(expected);
  });

  it('[EX-C5] tells a guest who has not read for long how many lines were skipped, and lets nobody else wait', async () => {
    const examples = await run();
    const [slow, quick] = [await join(examples), await join(examples)];
    await slow.peer.next();
    slow.peer.socket.pause();
    await flood(quick.peer);

    slow.peer.socket.resume();
    let said = 80; // the next line after it is free again tells it; nobody outside knows when that is
    const notice = await eventually(async () => {
      quick.peer.send(`${said++} again`);
      await quick.peer.next();
      const at = slow.peer.received.findIndex((line) => String(line).startsWith('Skipped '));
      expect(slow.peer.received.length).toBeGreaterThan(at + 1);
      return at >= 0 ? at : Promise.reject(new Error('nothing was skipped yet'));
    });
    const skipped = Number(/^Skipped \[(\d+)\] messages due to slow client$/.exec(String(slow.peer.received[notice]))?.[1]);
    expect(skipped).toBeGreaterThanOrEqual(11);
    const numbers = slow.peer.received.map((line) => Number(String(line).split(' ')[1]));
    const read = notice - 2; // it has read two of joining, and these
    expect(numbers.slice(2, notice)).toEqual(Array.from({ length: read }, (_, i) => i));
    expect(numbers[notice + 1]).toBe(read + skipped);
  });

  it('[EX-C4] puts out a guest who can be sent nothing, and tells the rest', async () => {
    const examples = await run();
    const [slow, quick] = [await join(examples), await join(examples)];
    slow.peer.socket.pause();
    await flood(quick.peer);
    slow.peer.socket.terminate(); // lines are waiting for it
    expect((await quick.peer.take(2)).sort()).toEqual([`* ${slow.name} has been disconnected.`, `* ${slow.name} has disconnected.`]);
    quick.peer.send('gone');
    await reads(quick.peer, `${quick.name}: gone`);
  });

  it('says goodbye to everyone when it stops', async () => {
    const examples = await run();
    const guests = [await join(examples), await join(examples), await join(examples)];
    await examples.close();
    for (const { peer } of guests) expect(await peer.closed).toMatchObject({ code: 1001 });
  });
});
