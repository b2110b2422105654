/** The notifications, as the pages of the Java original meet them. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

const PATH = '/testwebSocket/mywebsocket';

const pages = (examples: Running, count: number): Promise<Peer[]> => Promise.all(Array.from({ length: count }, () => examples.dial(PATH)));

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) {
    jest.spyOn(console, level).mockImplementation((...line) => {
      if (!String(line[0]).includes('MARGAY_SLOW_PEER')) errorLines.push(line); // a page that does not read may be given up meanwhile
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('push', () => {
  it.each([['小心#A margay is in the tree 🐾'], ['no title'], ['#'], ['a#b#c'], [''], ['<b>&amp;"\'</b>#\0\n\u2028']])(
    '[EX-P1] gives %j to everybody as it is, its sender included',
    async (text) => {
      const [first, second, third] = (await pages(await run(), 3)) as [Peer, Peer, Peer];
      second.send(text);
      for (const peer of [first, second, third]) expect(await peer.next()).toBe(text);
    },
  );

  it('[EX-P1] sends nothing else: not who comes, not who goes, no binary', async () => {
    const examples = await run();
    const [first, second] = (await pages(examples, 2)) as [Peer, Peer];
    await (await examples.dial(PATH)).close(1000);
    second.send(Buffer.from('bytes#🐾'));
    second.send('the end#完');
    await first.next();
    await second.next();
    expect([first.received, second.received]).toEqual([['the end#完'], ['the end#完']]);
  });

  it('[EX-P1] keeps the order of each sender', async () => {
    const [first, second, third] = (await pages(await run(), 3)) as [Peer, Peer, Peer];
    const said = Array.from({ length: 300 }, (_, i) => `${i}#${'喵'.repeat(i)}`);
    for (const text of said) {
      first.send(`a${text}`);
      second.send(`b${text}`);
    }
    for (const peer of [first, second, third]) {
      const heard = (await peer.take(600)) as string[];
      for (const sender of ['a', 'b']) {
        expect(heard.filter((text) => text.startsWith(sender))).toEqual(said.map((text) => sender + text));
      }
    }
  });

  it('[EX-P1] reaches the rest when others leave in the middle of it, and a sender who is gone', async () => {
    const examples = await run();
    const [first, second, leaver] = (await pages(examples, 3)) as [Peer, Peer, Peer];
    for (let i = 0; i < 20; i++) {
      first.send(`${i}#一`);
      if (i === 10) leaver.socket.terminate();
    }
    const gone = await examples.dial(PATH);
    gone.send('last words#再见');
    gone.socket.terminate();
    expect((await second.take(21)).toSorted()).toEqual([...Array.from({ length: 20 }, (_, i) => `${i}#一`), 'last words#再见'].toSorted());
  });

  it('[EX-P1] lets nobody wait for a page that does not read, which finds in order what came, when it does', async () => {
    const [slow, quick] = (await pages(await run(), 2)) as [Peer, Peer];
    slow.socket.pause();
    const big = '喵'.repeat(100_000);
    for (let i = 0; i < 30; i++) quick.send(`${i}#${big}`); // 9 MB: more than the buffers between two sockets hold
    const numbers = (received: unknown[]) => received.map((text) => Number(String(text).split('#')[0]));
    const all = Array.from({ length: 30 }, (_, i) => i);
    expect(numbers(await quick.take(30))).toEqual(all);
    slow.socket.resume();
    await Promise.race([eventually(() => expect(slow.received).toHaveLength(30)), slow.closed]); // closed, if it took longer than patience
    expect(numbers(slow.received)).toEqual(all.slice(0, slow.received.length));
  });

  it('[EX-P1] drops a page that dies with much to read', async () => {
    const examples = await run();
    const [dead, quick] = (await pages(examples, 2)) as [Peer, Peer];
    dead.socket.pause();
    const big = '喵'.repeat(100_000);
    for (let i = 0; i < 30; i++) quick.send(`${i}#${big}`);
    await quick.take(30);
    dead.socket.terminate();
    await eventually(() => expect(examples.containers.reduce((open, each) => open + each.statistics().open, 0)).toBe(1));
    quick.send('alone#🌙');
    expect(await quick.next()).toBe('alone#🌙');
  });
});
