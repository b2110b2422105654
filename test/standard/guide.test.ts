/** The guide's examples in the standard dialect, run as they stand there. */
import { expect, it, jest } from '@jest/globals';
import { start } from '../support/start.js';
import { Seat } from './docs/guide-endpoints-2.js';

it('endpoints by bindings', async () => {
  const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
  const server = await start(Seat);
  const peer = await server.dial('/table/oak/seat/1');
  peer.send('e4');
  expect(await peer.take(2)).toEqual(['table oak, seat 1', '1: e4']);
  await peer.close();
  await server.container.close();
  expect(printed).toHaveBeenCalledWith('1 moves');
  printed.mockRestore();
});
