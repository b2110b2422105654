/** The README's examples, run as they stand there. */
import { afterEach, expect, it, jest } from '@jest/globals';
import type { ServerContainer } from 'margay';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { start } from '../support/start.js';

let container: ServerContainer | undefined;

afterEach(async () => {
  jest.restoreAllMocks();
  await container?.close();
});

it('the first example answers as it says', async () => {
  const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
  const module = (await import('./examples/readme-1.js')) as { container: ServerContainer };
  container = module.container;
  expect(printed).toHaveBeenCalledWith(container.url);

  const peer = await Peer.open(`${container.url.replace('http', 'ws')}/websocket/anna`);
  peer.send('hello');
  peer.send(Buffer.from([1, 2, 3]));
  expect(await peer.take(2)).toEqual(['anna: hello', Buffer.from([1, 2, 3])]);
  await peer.close(1001);
  await container.close();
  expect(printed).toHaveBeenCalledWith('anna is here, one of 1');
  expect(printed).toHaveBeenCalledWith('CloseReason[1001]');
});

it('[CON-6] the example of the other end talks to the first', async () => {
  const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
  const module = await import('./examples/readme-1.js');
  container = module.container; // closed with the test, if it is not yet
  const server = await start(module.Talk);
  const { call } = await import('./examples/readme-3.js');
  const session = await call(server.url('/websocket/ben'));
  await eventually(() => expect(printed).toHaveBeenCalledWith('ben: hello'));
  await session.close();
});
