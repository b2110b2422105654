/** The examples of docs/guide: handshake, errors, closing, deployment, operating and testing, run as they stand there. */
import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ServerContainer } from 'margay';
import type { ClientOptions } from 'ws';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  jest.restoreAllMocks();
});

interface Example {
  readonly container: ServerContainer;
  readonly server: Server;
}

/** A client of an example that listens; it is closed with the test. */
async function dial(container: ServerContainer, path: string, options?: ClientOptions): Promise<Peer> {
  closing.push(() => container.close());
  return await Peer.open(`${container.url.replace('http', 'ws')}${path}`, options);
}

async function listening({ server, container }: Example): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => container.close(),
    () => server.close(),
  );
  return (server.address() as AddressInfo).port;
}

describe('the handshake', () => {
  it('a configurator: origins, subprotocols, a header, and a property of the connection', async () => {
    const { News } = await import('./examples/guide-handshake-1.js');
    const server = await start(News);
    const headers = { 'Accept-Language': 'de' };
    const options = { subprotocols: ['news.v1', 'news.v2'], origin: 'https://app.example', headers };
    const peer = await server.dial('/news', options);
    expect(await peer.next()).toBe('news.v1 in de');
    const elsewhere = server.dial('/news', { origin: 'https://elsewhere.test' });
    await expect(elsewhere).rejects.toMatchObject({ status: 403 });
  });

  it('users and roles: 401 for nobody, 403 for others', async () => {
    const { container } = (await import('./examples/guide-handshake-2.js')) as unknown as Example;
    const by = (secret: string) => dial(container, '/admin', { headers: { Authorization: `Bearer ${secret}` } });
    const refused = await dial(container, '/admin').catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 401, response: { headers: { 'www-authenticate': 'Bearer realm="admin"' } } });
    await expect(by('secret-b')).rejects.toMatchObject({ status: 403 });
    const anna = await by('secret-a');
    anna.send('restart');
    expect(await anna.next()).toBe('restart, anna');
  });

  it('the HTTP session: found, used, and ended', async () => {
    const module = (await import('./examples/guide-handshake-3.js')) as unknown as Example & {
      ends: EventEmitter;
      logins: Map<string, unknown>;
    };
    await expect(dial(module.container, '/cart')).rejects.toMatchObject({ status: 401 });
    const peer = await dial(module.container, '/cart', { headers: { Cookie: 'sid=7' } });
    peer.send('milk');
    expect(await peer.next()).toBe('tea, milk');
    module.ends.emit('7');
    expect((await peer.closed).code).toBe(1008);
    expect(module.ends.listenerCount('7')).toBe(0);
  });

  it('by hand: the path parameters are what the application says', async () => {
    const example = (await import('./examples/guide-handshake-4.js')) as unknown as Example;
    const port = await listening(example);
    const peer = await Peer.open(`ws://127.0.0.1:${port}/wherever`, { headers: { 'Accept-Language': 'de' } });
    peer.send('Anna');
    expect(await peer.next()).toBe('Hallo, Anna');
    await peer.close();
  });
});

describe('errors and closing', () => {
  it('errors are answered, and the session goes on', async () => {
    const { Purse } = await import('./examples/guide-errors-and-closing-1.js');
    const peer = await (await start(Purse)).dial('/purse');
    for (const coins of ['4', '7', 'all', '6']) peer.send(coins);
    expect(await peer.take(4)).toEqual(['6', 'no: 6 left', '"all" is no number', '0']);
  });

  it('closing with a code of its own, for too much, and at SIGTERM', async () => {
    const { container } = (await import('./examples/guide-errors-and-closing-2.js')) as unknown as Example;
    const logged = jest.spyOn(console, 'error').mockImplementation(() => {});
    const [polite, wordy, last] = [
      await dial(container, '/patience'),
      await dial(container, '/patience'),
      await dial(container, '/patience'),
    ];
    polite.send('bye');
    expect(await polite.closed).toEqual({ code: 4001, phrase: 'enough' });
    wordy.send('x'.repeat(1001));
    expect((await wordy.closed).code).toBe(1009);
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('maxMessageSize'), expect.anything()); // no @OnError
    process.emit('SIGTERM');
    expect((await last.closed).code).toBe(1001);
  });

  it('[REL-12] a heartbeat: who has vanished is present no more', async () => {
    const module = await import('./examples/guide-errors-and-closing-3.js');
    const { present, container } = module as unknown as Example & { present: Set<string> };
    const peer = await dial(container, '/desk/ann');
    await eventually(() => expect([...present]).toEqual(['ann']));
    peer.socket.terminate();
    await eventually(() => expect(present.size).toBe(0));
  });
});

describe('deployment', () => {
  it('a container that listens', async () => {
    const module = (await import('./examples/guide-deployment-1.js')) as unknown as Example & { port: number; url: string };
    const peer = await dial(module.container, '/shout');
    peer.send('quiet');
    expect(await peer.next()).toBe('QUIET');
    expect(module.url).toBe(`http://localhost:${module.port}/app`);
  });

  it('a server of your own: pages and endpoints on one port', async () => {
    const example = (await import('./examples/guide-deployment-2.js')) as unknown as Example;
    const port = await listening(example);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('a page');
    expect(example.container.url).toBe(`http://127.0.0.1:${port}/app`);
    const peer = await Peer.open(`ws://127.0.0.1:${port}/app/shout`);
    peer.send('quiet');
    expect(await peer.next()).toBe('QUIET');
    await peer.close();
  });

  it('what modules export', async () => {
    const { container } = (await import('./examples/guide-deployment-3.js')) as unknown as Example;
    const peer = await dial(container, '/hello');
    peer.send('Anna');
    expect(await peer.next()).toBe('Hello, Anna');
  });

  it('services, for the whole container and for one endpoint', async () => {
    const { container } = (await import('./examples/guide-deployment-4.js')) as unknown as Example;
    const { Time } = await import('./examples/guide-deployment-5.js');
    for (const peer of [await dial(container, '/time'), await (await start(Time)).dial('/time')]) {
      peer.send('now?');
      expect(await peer.next()).toBe('now? 1970-01-01T00:00:00.000Z');
    }
  });
});

describe('operating', () => {
  it('statistics of a session and of a container, and a logger', async () => {
    const module = (await import('./examples/guide-operating-1.js')) as unknown as Example & {
      lines: string[];
      summary(): unknown;
    };
    const peer = await dial(module.container, '/count');
    peer.send('a');
    peer.send('b');
    expect(await peer.take(2)).toEqual(['1 received, 0 bytes to send', expect.stringMatching(/^2 received, \d+ bytes to send$/)]);
    expect(module.summary()).toEqual({ open: 1, opened: 1, notFound: 0 });
    expect(module.lines).toEqual([expect.stringMatching(/^MARGAY_DEPLOYED .*\/count/)]);
  });

  it('suspending holds back what comes, and loses nothing', async () => {
    const { Siesta } = await import('./examples/guide-operating-2.js');
    const peer = await (await start(Siesta)).dial('/siesta');
    const since = performance.now(); // it may wake up soon after we hear of it
    peer.send('sleep');
    expect(await peer.next()).toBe('sleep');
    peer.send('awake');
    expect(await peer.next()).toBe('awake');
    expect(performance.now() - since).toBeGreaterThan(20);
  });

  it('an extension sees every frame', async () => {
    const module = (await import('./examples/guide-operating-3.js')) as unknown as Example & { counted: { bytes: number } };
    const plain = await dial(module.container, '/echo');
    plain.send('hello');
    expect(await plain.next()).toBe('hello');
    expect(module.counted.bytes).toBe(0); // nobody offered it
    const port = Number(new URL(module.container.url).port);
    const raw = await RawPeer.open({ port }, '/echo', { lines: ['Sec-WebSocket-Extensions: counting'] });
    raw.text('hello');
    await eventually(() => expect(module.counted.bytes).toBe(5));
    RawPeer.dropAll();
  });
});

it('behind a proxy: the caller is who the proxy says, and the URI what the caller asked for', async () => {
  const { container } = (await import('./examples/guide-behind-a-proxy-1.js')) as unknown as Example;
  closing.push(() => container.close());
  const port = Number(new URL(container.url).port);
  const lines = ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: chat.example'];
  const peer = await RawPeer.open({ port }, '/where', { lines });
  peer.text('where');
  expect(await peer.received(1)).toEqual(['203.0.113.7 at wss://chat.example/where']);
  RawPeer.dropAll();
});

it('testing: in memory', async () => {
  const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
  jest.spyOn(console, 'warn').mockImplementation(() => {}); // the page that is refused
  const { testTable, testOrigin, testFirst } = await import('./examples/guide-testing-1.js');
  expect(await testTable()).toEqual(['v1', 'table 7', '21']);
  expect(printed).toHaveBeenCalledWith('CloseReason[1000]');
  expect(await testOrigin()).toBe(403);
  expect(await testFirst()).toBe('table 1');
  jest.restoreAllMocks();
});

it('testing: with a container of its own', async () => {
  const { testHalf } = await import('./examples/guide-testing-2.js');
  expect(await testHalf()).toBe('21');
});
