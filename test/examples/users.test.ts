/** The windows of users, without a page. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Session } from 'margay';
import { Windows } from '../../examples/users/windows.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

const windowOf = (examples: Running, uid: string): Promise<Peer> => examples.dial(`/WebSocketTest/websocket/${encodeURIComponent(uid)}`);

const count = async ({ url }: Running): Promise<string> => (await fetch(`${url}/WebSocketTest/count`)).text();

const printed: unknown[][] = [];
const errorLines: unknown[][] = [];

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'log').mockImplementation((...line) => void printed.push(line));
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

describe('the windows of users', () => {
  it('[EX-U1] holds no more than what is connected', () => {
    const windows = new Windows();
    const [first, second, other] = [{}, {}, {}] as [Session, Session, Session];
    windows.add('小明', first);
    windows.add('小明', second);
    windows.add('小红', other);
    expect([windows.besides('小明', first), windows.besides('小红', other), windows.besides('谁', first)]).toEqual([[second], [], []]);
    windows.remove('小明', second);
    windows.remove('小明', second);
    windows.remove('谁', first);
    expect(windows.besides('小明', first)).toEqual([]);
    windows.remove('小明', first);
    expect([...windows['of'].keys()]).toEqual(['小红']);
  });
});

describe('users', () => {
  it.each(['anna', '小明', '阿豹 🐾', 'a/b', 'a:b', '50%', '<b>&"', '__proto__', 'constructor', '...', 'ANNA', 'x'.repeat(500)])(
    '[EX-U1] gives the text of %j to all windows of that user, the sender included, and to nobody else',
    async (uid) => {
      const examples = await run();
      const [first, second, other] = [await windowOf(examples, uid), await windowOf(examples, uid), await windowOf(examples, 'anna ')];
      first.send('你好 🐾');
      second.send('');
      for (const peer of [first, second]) expect((await peer.take(2)).toSorted()).toEqual([`${uid}:`, `${uid}:你好 🐾`]);
      other.send('alone');
      await other.next();
      expect(other.received).toEqual(['anna :alone']);
    },
  );

  it('[EX-U1] sends nothing else: not who comes, not who goes, no binary', async () => {
    const examples = await run();
    const [first, second] = [await windowOf(examples, 'quiet 静'), await windowOf(examples, 'quiet 静')];
    await (await windowOf(examples, 'quiet 静')).close(1000);
    first.send(Buffer.from('bytes'));
    first.send('end');
    for (const peer of [first, second]) {
      await peer.next();
      expect(peer.received).toEqual(['quiet 静:end']);
    }
  });

  it('[EX-U1] prints how many are online at each open and close, whoever they are', async () => {
    const examples = await run();
    const first = await windowOf(examples, '小明');
    const second = await windowOf(examples, '小明');
    const third = await windowOf(examples, '小红');
    await second.close(1000);
    await eventually(() => expect(printed).toHaveLength(4));
    third.socket.terminate();
    await eventually(() => expect(printed).toHaveLength(5));
    await first.close();
    await eventually(() => expect(printed).toHaveLength(6));
    expect(printed).toEqual([1, 2, 3, 2, 1, 0].map((total) => [`users: ${total} online`]));
  });

  it('[EX-U1] serves the number online to whoever asks', async () => {
    const examples = await run();
    expect(await count(examples)).toBe('0');
    const [first] = [await windowOf(examples, '小明'), await windowOf(examples, '小红')];
    expect(await count(examples)).toBe('2');
    await first.close(1000);
    await eventually(async () => expect(await count(examples)).toBe('1'));

    const response = await fetch(`${examples.url}/WebSocketTest/count?_=1`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const head = await fetch(`${examples.url}/WebSocketTest/count`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '1', '']);
    const post = await fetch(`${examples.url}/WebSocketTest/count`, { method: 'POST', body: '5' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${examples.url}/WebSocketTest/counts`)).status).toBe(404);
  });

  it('[EX-U1] forgets the windows that have gone', async () => {
    const examples = await run();
    const stays = await windowOf(examples, '来去');
    for (let i = 0; i < 5; i++) {
      const goes = await windowOf(examples, '来去');
      goes.send(`${i}`);
      goes.socket.terminate(); // which cannot hear itself any more
      expect(await stays.next()).toBe(`来去:${i}`);
    }
    await eventually(async () => expect(await count(examples)).toBe('1'));
    const others = jest.spyOn(Windows.prototype, 'besides');
    stays.send('still here');
    expect(await stays.next()).toBe('来去:still here');
    expect(others.mock.results.map(({ value }) => value)).toEqual([[]]);
  });

  it('[EX-U1] lets no window wait for one that does not read', async () => {
    const examples = await run();
    const [slow, quick] = [await windowOf(examples, '慢'), await windowOf(examples, '慢')];
    slow.socket.pause();
    const big = '喵'.repeat(100_000);
    for (let i = 0; i < 30; i++) quick.send(`${i} ${big}`);
    await quick.take(30);
    slow.socket.terminate();
    await eventually(async () => expect(await count(examples)).toBe('1'));
    quick.send('快');
    expect(await quick.next()).toBe('慢:快');
  });

  it('[EX-U1] has no window without a user', async () => {
    const examples = await run();
    await expect(examples.dial('/WebSocketTest/websocket/')).rejects.toMatchObject({ status: 404 });
  });
});
