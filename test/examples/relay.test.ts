/** The relay's near side, its form, and how both sides start and stop. */
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Class, DeploymentException, OnClose, OnMessage, PathParam, ServerEndpoint, Session } from 'margay';
import { Access } from '../../examples/relay/access.js';
import { RelayRemote } from '../../examples/relay/remote.js';
import { start as startExamples } from '../../examples/server.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { backTo, handles } from '../support/handles.js';
import { rawServer } from '../support/raw-server.js';
import { type Started, start } from '../support/start.js';
import { wiretap } from '../support/wiretap.js';
import { run } from './running.js';

const PATH = '/websocket/{relationId}/{userCode}';
const answerTo = (text: string) => `Got your message (${text}).Thanks !`;
const remote = (endpoint: Class = RelayRemote): Promise<Started> => start(endpoint, { contextPath: '/testWebsocket' });

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

/** A port on which nobody listens. */
async function deserted(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a promise rejects with. */
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    (value) => Promise.reject(new Error(`it resolved with ${value}`)),
    (error: Error) => error,
  );

describe('getAccess', () => {
  // The first here: what an earlier call had left would be counted as there before.
  it('[EX-R2] leaves neither a socket nor a timer behind', async () => {
    const server = await remote();
    const before = handles();
    expect(await new Access(server.port, 60_000).getAccess('hello')).toBe(answerTo('hello'));
    await eventually(() => expect(server.container.statistics()).toMatchObject({ open: 0, opened: 1 }));
    await backTo(before);
  });

  it.each(['hello', '', '你好，世界 🐾', '(a).Thanks !', 'Hello', answerTo('Hello'), answerTo('x')])(
    '[EX-R2] asks for %j in four frames, and resolves with the last',
    async (text) => {
      const tap = await wiretap((await remote()).port);
      const answer = await new Access(tap.port).getAccess(text);
      const [{ up, down }] = tap.connections as [(typeof tap.connections)[0]];
      expect(answer).toBe(answerTo(text));
      expect([up.texts, down.texts]).toEqual([
        ['Hello', text],
        ['Hello', answerTo('Hello'), text, answerTo(text)],
      ]);
      expect(up.head).toMatch(/^GET \/\/testWebsocket\/websocket\/userSever\/8080 HTTP\/1\.1\r\nHost: localhost:\d+\r\n/);
      await eventually(() => expect(tap.connections.map(({ isClosed }) => isClosed)).toEqual([true]));
    },
  );

  it('[EX-R2] does not take the answer to its Hello for that to its text when the text is Hello, too', async () => {
    const second = gate();
    const said: string[] = [];
    @ServerEndpoint(PATH)
    class Pensive {
      @OnMessage
      async text(text: string): Promise<string> {
        if (said.push(text) === 2) await second.promise;
        return answerTo(text);
      }
    }
    let answer: string | null = null;
    const asking = new Access((await remote(Pensive)).port).getAccess('Hello').then((text) => {
      answer = text;
    });
    await eventually(() => expect(said).toEqual(['Hello', 'Hello']));
    await sleep(50);
    expect(answer).toBe(null);
    second.open(undefined);
    await asking;
    expect(answer).toBe(answerTo('Hello'));
  });

  it('[EX-R2] gives each of many calls at once its own answer, by a connection each', async () => {
    const tap = await wiretap((await remote()).port);
    const access = new Access(tap.port);
    const texts = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 'the same' : i % 3 === 1 ? `text ${i}` : answerTo(`text ${i - 1}`)));
    expect(await Promise.all(texts.map((text) => access.getAccess(text)))).toEqual(texts.map(answerTo));
    await eventually(() => expect(tap.connections.every(({ isClosed }) => isClosed)).toBe(true));
    expect(tap.connections).toHaveLength(60);
    const seen = tap.connections.map(({ down }) => down.texts.filter((text) => text.endsWith(').Thanks !')).length);
    expect(Math.min(...seen)).toBe(2); // Hello's and its own, of which none was taken from another
    const read = tap.connections.flatMap(({ down }) => down.texts.filter((text) => !text.startsWith('Got your')));
    expect(read.length).toBeGreaterThan(0); // what others said came their way, and was taken for no answer
  });

  it('[EX-R2] waits for the answer to its own text, whatever others say to it meanwhile', async () => {
    const toldTo: Session[] = [];
    @ServerEndpoint(PATH)
    class Gossip {
      @OnMessage
      async text(session: Session, text: string): Promise<string> {
        toldTo.push(session);
        for (const lie of [answerTo('an earlier text'), answerTo(`${text}!`), text, `${answerTo(text)} `]) {
          await session.getBasicRemote().sendText(lie);
        }
        return answerTo(text);
      }
    }
    const tap = await wiretap((await remote(Gossip)).port);
    expect(await new Access(tap.port).getAccess('mine')).toBe(answerTo('mine'));
    expect(tap.connections[0]?.down.texts).toHaveLength(10);
    expect(new Set(toldTo).size).toBe(1);
  });

  it('[EX-R2] never gives a later call the answer of an earlier one that came too late', async () => {
    const late = gate();
    @ServerEndpoint(PATH)
    class Late {
      @OnMessage
      async text(session: Session, text: string): Promise<string> {
        if (text === 'slow') await late.promise;
        if (text === 'quick') await session.getBasicRemote().sendText(answerTo('slow')); // as a text that somebody else has sent
        return answerTo(text);
      }
    }
    const access = new Access((await remote(Late)).port, 300);
    expect((await failure(access.getAccess('slow'))).message).toBe('no answer within 300 ms');
    const second = access.getAccess('quick');
    late.open(undefined);
    expect(await second).toBe(answerTo('quick'));
  });

  it('[EX-R2] rejects when no answer comes in time, and closes the connection', async () => {
    const closed: string[] = [];
    @ServerEndpoint(PATH)
    class Silent {
      @OnMessage
      text(_text: string): void {}

      @OnClose
      close(@PathParam('relationId') relationId: string): void {
        closed.push(relationId);
      }
    }
    const server = await remote(Silent);
    const before = handles();
    const error = await failure(new Access(server.port, 200).getAccess('anybody?'));
    expect([error.constructor, error.message]).toEqual([Error, 'no answer within 200 ms']);
    await eventually(() => expect(closed).toEqual(['userSever']));
    await backTo(before);
  });

  it('[EX-R2] rejects in time when the other side takes the connection and says nothing at all', async () => {
    const silent = await rawServer(() => {});
    expect(await failure(new Access(silent.port, 200).getAccess('anybody?'))).toBeInstanceOf(Error);
    await eventually(() => expect(silent.sockets.map(({ readableEnded, destroyed }) => readableEnded || destroyed)).toEqual([true]));
  });

  it('[EX-R2] rejects at once when the other side closes instead of answering', async () => {
    @ServerEndpoint(PATH)
    class Curt {
      @OnMessage
      text(session: Session, _text: string): void {
        void session.close();
      }
    }
    const { port } = await remote(Curt);
    const error = await failure(new Access(port, 60_000).getAccess('hello'));
    expect(error.message).toMatch(/1000|close/); // while its text is on its way, or after that
  });

  it('[EX-R2] rejects with a DeploymentException whose cause is ECONNREFUSED when the other side is down', async () => {
    const error = await failure(new Access(await deserted()).getAccess('hello'));
    expect(error).toBeInstanceOf(DeploymentException);
    expect(error).toMatchObject({ code: 'MARGAY_CONNECT', cause: { code: 'ECONNREFUSED' } });
  });

  it('[EX-R2] rejects for a text that cannot be sent, and leaves nothing open', async () => {
    const server = await remote();
    const before = handles();
    const error = await failure(new Access(server.port, 60_000).getAccess('half a pair: \ud83d'));
    expect(error).toMatchObject({ code: 'MARGAY_SURROGATE' });
    await eventually(() => expect(server.container.statistics()).toMatchObject({ open: 0, opened: 1 }));
    await backTo(before);
  });
});

describe('the form of the relay', () => {
  const post = (url: string, body: URLSearchParams | string) => fetch(`${url}/relay/access`, { method: 'POST', body });
  const answered = async (response: Response) => [response.status, response.headers.get('content-type'), await response.text()];
  const PLAIN = 'text/plain; charset=utf-8';

  it.each(['hello', '', '你好，世界 🐾', '<b>&amp;+%20</b>'])('[EX-R2] [EX-0] answers %j', async (text) => {
    const { url } = await run();
    expect(await answered(await post(url, new URLSearchParams({ access: text })))).toEqual([200, PLAIN, answerTo(text)]);
  });

  it('[EX-R2] answers what is no such form, or one too large, with what is wrong', async () => {
    const { url } = await run();
    expect((await post(url, 'nothing')).status).toBe(400);
    const large = await post(url, new URLSearchParams({ access: 'x'.repeat(65_536) }));
    expect(await answered(large)).toEqual([413, PLAIN, 'A form has at most 65536 bytes.\n']);
    const got = await fetch(`${url}/relay/access`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('[EX-R2] answers 502, and says why, when the other side cannot be reached', async () => {
    const getAccess = jest.spyOn(Access.prototype, 'getAccess').mockRejectedValue(new Error('nobody is there'));
    const { url } = await run();
    expect(await answered(await post(url, new URLSearchParams({ access: 'hello' })))).toEqual([502, PLAIN, 'nobody is there\n']);
    expect(getAccess).toHaveBeenCalledWith('hello');
  });
});

describe('the two servers of the relay', () => {
  it('[EX-R1] [EX-R2] start together on ports of their own, and end together', async () => {
    const before = handles();
    const examples = await startExamples({ port: 0, relayPort: 0, host: '127.0.0.1' });
    const { socket, page } = examples.list.at(-1) as (typeof examples.list)[0];
    expect(socket).toMatch(/^ws:\/\/(localhost|127\.0\.0\.1):\d+\/testWebsocket\/websocket\/\{relationId\}\/\{userCode\}$/);
    expect(page).toBe(`${examples.url}/relay/page.html`);
    const { port } = new URL(socket.replace(/\{.*/, ''));
    expect(port).not.toBe(new URL(examples.url).port);
    expect(await new Access(Number(port)).getAccess('hello')).toBe(answerTo('hello'));
    await examples.close();
    expect(await failure(new Access(Number(port)).getAccess('hello'))).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await backTo(before);
  });

  it('[EX-R2] say which port is taken, and leave the other alone', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    try {
      const before = handles();
      const error = await failure(startExamples({ port: 0, relayPort: port, host: '127.0.0.1' }));
      expect(error.message).toBe(
        `Port ${port}, on which the relay's remote side listens, is taken; choose another: RELAY_PORT=8096 npm start`,
      );
      await expect(startExamples({ port, relayPort: 0, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await backTo(before);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
