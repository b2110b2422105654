/** The guide's examples, run as they stand there. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, jest } from '@jest/globals';
import type { ServerContainer } from 'margay';
import { Peer } from '../support/peer.js';
import { start } from '../support/start.js';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

it('rooms: everybody of the same id reads what is said', async () => {
  const { Room } = await import('./examples/guide-1.js');
  const server = await start(Room);
  const anna = await server.dial('/room/a');
  const other = await server.dial('/room/b');
  const bert = await server.dial('/room/a');
  bert.send('hello');
  expect(await anna.take(3)).toEqual(['somebody came in', 'somebody came in', 'hello']);
  await bert.close(1000);
  expect(await anna.next()).toBe('somebody left (1000)');
  expect(other.received).toEqual(['somebody came in']);
  await expect(server.dial('/room/a/')).rejects.toMatchObject({ status: 404 });
});

it('numbers and parts: converted, added, counted; what does not fit is told', async () => {
  const { Sum } = await import('./examples/guide-2.js');
  const server = await start(Sum);
  const peer = await server.dial('/sum/40');
  peer.send('2');
  peer.part(Buffer.alloc(3), false);
  peer.part(Buffer.alloc(4), true);
  peer.send('two');
  expect(await peer.take(3)).toEqual(['42', '7 bytes', expect.stringContaining('"two"')]);
});

it('services: the configurator makes the instance, and decides who may connect', async () => {
  const { Time } = await import('./examples/guide-3.js');
  const server = await start(Time);
  const peer = await server.dial('/time', { origin: 'https://app.example' });
  peer.send('now?');
  expect(await peer.next()).toBe('now? 1970-01-01T00:00:00.000Z');
  await expect(server.dial('/time', { origin: 'https://elsewhere.example' })).rejects.toMatchObject({ status: 403 });
  await (await server.dial('/time')).close();
});

it('a server of your own: pages and endpoints on one port', async () => {
  const { server, container } = (await import('./examples/guide-4.js')) as { server: Server; container: ServerContainer };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => container.close(),
    () => server.close(),
  );
  const { port } = server.address() as AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('a page');
  expect(container.url).toBe(`http://127.0.0.1:${port}/app`);
  const peer = await Peer.open(`ws://127.0.0.1:${port}/app/shout`);
  peer.send('quiet');
  expect(await peer.next()).toBe('QUIET');
  await peer.close();
});

it('closing: with a code of its own, for too much, and at SIGTERM', async () => {
  const { container } = (await import('./examples/guide-5.js')) as unknown as { container: ServerContainer };
  closing.push(() => container.close());
  const logged = jest.spyOn(console, 'error').mockImplementation(() => {});
  closing.push(() => logged.mockRestore());
  const url = `${container.url.replace('http', 'ws')}/patience`;
  const [polite, wordy, last] = [await Peer.open(url), await Peer.open(url), await Peer.open(url)];
  polite.send('bye');
  expect(await polite.closed).toEqual({ code: 4001, phrase: 'enough' });
  wordy.send('x'.repeat(1001));
  expect((await wordy.closed).code).toBe(1009);
  expect(logged).toHaveBeenCalledWith(expect.stringContaining('maxMessageSize'), expect.anything()); // no @OnError
  process.emit('SIGTERM');
  expect((await last.closed).code).toBe(1001);
});
