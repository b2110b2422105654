/** Notices: the administrator's door, and the pages that wait, without a page. */
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UnsupportedOperationException } from 'margay';
import { NotifyWebSocketServlet } from '../../examples/notify/notify.js';
import { CONNECTIONS } from '../../examples/tc7/notify/notify-web-socket-servlet.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

const SUCCESS = 'Send success!\n';
const EMPTY = 'The message is empty!\n';

/** The two doors of an application, which was written twice. */
function at(context: '/test' | '/tc7/test') {
  const door = `${context}/PushMessageServlet`;
  const post = (examples: Running, body: string | URLSearchParams, headers = {}, query = ''): Promise<Response> =>
    fetch(examples.url + door + query, {
      method: 'POST',
      body: String(body),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    });
  return {
    door,
    post,
    push: async (examples: Running, message: string): Promise<string> => (await post(examples, new URLSearchParams({ message }))).text(),
    pages: (examples: Running, count: number): Promise<Peer[]> =>
      Promise.all(Array.from({ length: count }, () => examples.dial(`${context}/NotifyWebSocketServlet`))),
  };
}

/** By hand, as fetch would not have it. */
const raw = ({ url }: Running, text: string): Socket => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(text);
  return socket;
};

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

describe.each(['/test', '/tc7/test'] as const)('PushMessageServlet below %s', (context) => {
  const { door, pages, post, push } = at(context);

  it.each(['Tea is ready', '茶好了 🍵', '<b>&amp;</b> + %41 =', 'two\r\nlines', ' ', '喵'.repeat(5000)])(
    '[EX-N1] [EX-N2] gives the notice %j to every open page as it is, with GET and POST alike',
    async (message) => {
      const examples = await run();
      const all = await pages(examples, 3);
      const [form, query] = [new URLSearchParams({ message }), `?${new URLSearchParams({ message: message.slice(0, 1000) })}`];
      const posted = await post(examples, form);
      expect([posted.status, posted.headers.get('content-type'), await posted.text()]).toEqual([200, 'text/html;charset=UTF-8', SUCCESS]);
      const got = await fetch(examples.url + door + query);
      expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/html;charset=UTF-8', SUCCESS]);
      for (const page of all) expect(await page.take(2)).toEqual([message, message.slice(0, 1000)]);
    },
  );

  it.each<[string, (examples: Running) => Promise<Response>, string]>([
    ['in the query of a POST', (examples) => post(examples, '', {}, '?message=%E5%96%B5'), '喵'],
    ['in the query before the form', (examples) => post(examples, 'message=no', {}, '?message=%E5%96%B5'), '喵'],
    ['the first of several', (examples) => post(examples, 'a=b&message=%E5%96%B5&message=no'), '喵'],
    [
      'with a charset',
      (examples) => post(examples, 'message=喵+🐾', { 'Content-Type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8' }),
      '喵 🐾',
    ],
  ])('[EX-N1] finds the parameter %s', async (_where, ask, message) => {
    const examples = await run();
    const [page] = (await pages(examples, 1)) as [Peer];
    expect(await (await ask(examples)).text()).toBe(SUCCESS);
    expect(await page.next()).toBe(message);
  });

  it.each<[string, (examples: Running) => Promise<Response>]>([
    ['missing', (examples) => fetch(examples.url + door)],
    ['empty', (examples) => fetch(`${examples.url + door}?message=`)],
    ['missing in a form', (examples) => post(examples, 'Message=x&text=y')],
    ['empty in a form', (examples) => post(examples, 'message=')],
    ['in a body that is no form', (examples) => post(examples, 'message=x', { 'Content-Type': 'text/plain' })],
    ['in the body of a GET, which has none', (examples) => fetch(`${examples.url + door}?other=message`)],
  ])('[EX-N1] sends nothing when the message is %s, and says so', async (_how, ask) => {
    const examples = await run();
    const [page] = (await pages(examples, 1)) as [Peer];
    const response = await ask(examples);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'text/html;charset=UTF-8', EMPTY]);
    await push(examples, '完');
    expect(await page.next()).toBe('完');
  });

  it('[EX-N1] succeeds when no page is open', async () => {
    expect(await push(await run(), '有人吗？')).toBe(SUCCESS);
  });

  it('[EX-N1] a page that is dead, and one that does not read, keep no notice from the others, nor the answer from the administrator', async () => {
    const examples = await run();
    const [slow, dead] = (await pages(examples, 2)) as [Peer, Peer]; // who come first are told first
    const [good] = (await pages(examples, 1)) as [Peer];
    slow.socket.pause();
    dead.socket.pause();
    const said = Array.from({ length: 120 }, (_, i) => `${i} ${'x'.repeat(60_000)}`); // 7 MB: more than the buffers of two sockets hold
    for (const [i, message] of said.entries()) {
      if (i === 80) dead.socket.terminate();
      expect(await push(examples, message)).toBe(SUCCESS);
    }
    const numbers = (received: unknown[]) => received.map((text) => Number(String(text).split(' ')[0]));
    const all = [...said.keys()];
    expect(numbers(await good.take(120))).toEqual(all);
    slow.socket.resume();
    await Promise.race([eventually(() => expect(slow.received).toHaveLength(120)), slow.closed]); // closed, if it took longer than patience
    expect(numbers(slow.received)).toEqual(all.slice(0, slow.received.length));
  });

  it('[EX-N1] answers other methods, and forms that are too large, without a notice', async () => {
    const examples = await run();
    const [page] = (await pages(examples, 1)) as [Peer];
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(`${examples.url + door}?message=no`, { method });
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD, POST']);
    }
    expect((await post(examples, `message=${'x'.repeat(70_000)}`)).status).toBe(413);
    expect((await fetch(`${examples.url}${door}/?message=no`)).status).toBe(404);
    await push(examples, '完');
    expect(await page.next()).toBe('完');
  });

  it('[EX-N1] sends nothing of an administrator who leaves in the middle of the form', async () => {
    const examples = await run();
    const [page] = (await pages(examples, 1)) as [Peer];
    const socket = raw(
      examples,
      `POST ${door} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nmessage=half`,
    );
    await new Promise((resolve) => socket.once('connect', resolve));
    await push(examples, 'before');
    socket.destroy();
    await push(examples, '完');
    expect(await page.take(2)).toEqual(['before', '完']);
  });
});

describe('NotifyWebSocketServlet', () => {
  const said: [string, string | Buffer][] = [
    ['text', '我也有话说'],
    ['binary', Buffer.from('🐾')],
  ];

  it.each(said)(
    '[EX-N3] refuses a page that sends %s with UnsupportedOperationException, which goes to @OnError; it still gets notices',
    async (kind, message) => {
      const { pages, push } = at('/test');
      const examples = await run();
      const [page, other] = (await pages(examples, 2)) as [Peer, Peer];
      page.send(message);
      await eventually(() => expect(errorLines).toHaveLength(1));
      const [[who, error]] = errorLines.splice(0) as [[string, Error]];
      expect(who).toBe('NotifyWebSocketServlet:');
      expect(error).toBeInstanceOf(UnsupportedOperationException);
      expect(error.message).toContain(kind);
      await push(examples, '还在');
      for (const each of [page, other]) {
        expect(await each.next()).toBe('还在');
        expect(each.received).toHaveLength(1);
      }
    },
  );

  it('[EX-N3] refuses each text of a page that goes on talking, and says so in one error line', async () => {
    const { pages } = at('/test');
    const refused = jest.spyOn(NotifyWebSocketServlet.prototype, 'failed');
    const [page] = (await pages(await run(), 1)) as [Peer];
    for (let i = 0; i < 20; i++) page.send(`${i} 🐾`);
    await eventually(() => expect(refused).toHaveBeenCalledTimes(20));
    expect(errorLines.splice(0)).toHaveLength(1);
  });

  it.each(said)(
    '[EX-N3] [TC7-4] written for Tomcat 7, drops a page that sends %s, without a close frame, and forgets it',
    async (kind, message) => {
      const { pages, push } = at('/tc7/test');
      const examples = await run();
      const [page, other] = (await pages(examples, 2)) as [Peer, Peer];
      page.send(message);
      expect(await page.closed).toMatchObject({ code: 1006 });
      await eventually(() => expect(errorLines).toHaveLength(1));
      expect(String(errorLines.splice(0)[0])).toMatch(new RegExp(`NotifyMessageInbound failed.*sends no ${kind}`));
      const connections = examples.containers.map(({ attributes }) => attributes.get(CONNECTIONS)).find((each) => each !== undefined);
      await eventually(() => expect((connections as ReadonlySet<unknown>).size).toBe(1));
      await push(examples, '还在');
      expect(await other.next()).toBe('还在');
      expect(page.received).toEqual([]);
    },
  );

  it('[TC7-8] is written twice, and each has pages of its own', async () => {
    const examples = await run();
    const [old] = (await at('/tc7/test').pages(examples, 1)) as [Peer];
    const [page] = (await at('/test').pages(examples, 1)) as [Peer];
    await at('/test').push(examples, '新');
    await at('/tc7/test').push(examples, '旧');
    expect([await page.next(), await old.next()]).toEqual(['新', '旧']);
    expect([page.received, old.received]).toEqual([['新'], ['旧']]);
  });

  it.each(['/test', '/tc7/test'] as const)('[EX-N2] below %s, sends nothing but notices', async (context) => {
    const { pages, push } = at(context);
    const examples = await run();
    const [first] = (await pages(examples, 1)) as [Peer];
    const [second] = (await pages(examples, 1)) as [Peer];
    await second.close(1000);
    await push(examples, '完');
    await first.next();
    expect(first.received).toEqual(['完']);
  });
});
