/** The examples of docs/from-java.md, run as they stand there. */
import { afterEach, expect, it, jest } from '@jest/globals';
import type { ServerContainer } from 'margay';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { start } from '../support/start.js';

let container: ServerContainer | undefined;

afterEach(async () => {
  await container?.close();
  jest.restoreAllMocks();
});

it('a set of all connections', async () => {
  const { Chat } = await import('./examples/from-java-1.js');
  const server = await start(Chat);
  const [one, two, three] = [await server.dial('/chat'), await server.dial('/chat'), await server.dial('/chat')];
  one.send('hello');
  expect([await one.next(), await two.next(), await three.next()]).toEqual(['hello', 'hello', 'hello']);
  await two.close();
  three.send('bye');
  expect([await one.next(), await three.next()]).toEqual(['bye', 'bye']);
});

it('sessions by user: who came back is not lost when the old connection goes', async () => {
  const { Mail } = await import('./examples/from-java-2.js');
  const server = await start(Mail);
  const [old, bert] = [await server.dial('/mail/anna'), await server.dial('/mail/bert')];
  const anna = await server.dial('/mail/anna');
  await old.close();
  await eventually(() => expect(server.container.statistics().open).toBe(2));
  bert.send('anna: hi');
  expect([await anna.next(), await bert.next()]).toEqual(['hi', 'anna has it']);
  await anna.close();
  await eventually(() => expect(server.container.statistics().open).toBe(1));
  bert.send('anna: hi');
  expect(await bert.next()).toBe('anna is not here');
});

it('AtomicInteger: a number', async () => {
  const { Guest } = await import('./examples/from-java-3.js');
  const server = await start(Guest);
  for (const name of ['Guest0', 'Guest1']) {
    const peer = await server.dial('/guest');
    peer.send('hi');
    expect(await peer.next()).toBe(`${name}: hi`);
  }
});

it('synchronized: turns, where there is an await', async () => {
  const { Tickets, bank } = await import('./examples/from-java-4.js');
  const charged = jest.spyOn(bank, 'charge');
  const server = await start(Tickets);
  const peers = [await server.dial('/tickets'), await server.dial('/tickets'), await server.dial('/tickets')];
  for (const peer of peers) peer.send('card');
  const answers = await Promise.all(peers.map((peer) => peer.next()));
  expect(answers.sort()).toEqual(['sold out', 'sold out', 'yours']);
  expect(charged).toHaveBeenCalledTimes(1);
});

it('checked exceptions: the promise is returned, and may be dropped', async () => {
  const { Note } = await import('./examples/from-java-5.js');
  const peer = await (await start(Note)).dial('/note');
  peer.send('milk');
  expect(await peer.take(2)).toEqual(['thank you', 'milk']);
});

it('Basic and Async: one queue', async () => {
  const { Both } = await import('./examples/from-java-6.js');
  const peer = await (await start(Both)).dial('/both');
  peer.send('a');
  expect(await peer.take(3)).toEqual(['Basic a', 'Async a', 'and a promise']);
});

it('loops that wait: one await', async () => {
  const { Door, Porter } = await import('./examples/from-java-7.js');
  const server = await start([Door, Porter]);
  const [door, porter] = [await server.dial('/door/front'), await server.dial('/porter')];
  door.send('knock');
  await eventually(async () => {
    porter.send('front come');
    expect(await porter.next()).toBe('told');
  });
  expect(await door.next()).toBe('come');
});

it('two methods for one kind of message are refused', async () => {
  const { refusal } = await import('./examples/from-java-8.js');
  expect(refusal).toBe('MARGAY_DUPLICATE_HANDLER');
});

it('int: 1.5 is a number and no Int', async () => {
  const warned = jest.spyOn(console, 'warn').mockImplementation(() => {});
  const { Doubles, Ints } = await import('./examples/from-java-9.js');
  const server = await start([Doubles, Ints]);
  const [doubles, ints] = [await server.dial('/double/2'), await server.dial('/int/2')];
  for (const peer of [doubles, ints]) {
    peer.send('1.5');
    peer.send('40');
  }
  expect(await doubles.take(2)).toEqual(['3.5', '42']);
  expect(await ints.next()).toBe('42');
  expect(warned).toHaveBeenCalledWith(expect.stringContaining('"1.5"'));
});

it('services: the constructor has them', async () => {
  const module = (await import('./examples/from-java-10.js')) as unknown as { container: ServerContainer };
  container = module.container;
  const peer = await Peer.open(`${container.url.replace('http', 'ws')}/quotes`);
  peer.send('ACME');
  expect(await peer.next()).toBe('ACME 42');
});

it('coders extend a base class that is called with the type; a hook finds headers in any case', async () => {
  jest.spyOn(console, 'log').mockImplementation(() => {});
  const { Board } = await import('./examples/from-java-11.js');
  const peer = await (await start(Board)).dial('/figure', { headers: { 'user-agent': 'pen' } });
  peer.send('3');
  expect(await peer.next()).toBe('4 corners for pen');
});

it('a ServerApplicationConfig chooses from what was scanned', async () => {
  const module = (await import('./examples/from-java-12.js')) as unknown as { container: ServerContainer };
  container = module.container;
  expect(container.endpoints.map(({ path, scanned }) => [path, scanned])).toEqual([['/talk', true]]);
});
