/** The README's example in the standard dialect, run as it stands there. */
import { expect, it } from '@jest/globals';
import { start } from '../support/start.js';
import { Talk } from './docs/readme-2.js';

it('the second example answers as it says', async () => {
  const server = await start(Talk);
  const peer = await server.dial('/websocket/bert');
  peer.send('hello');
  peer.send(Buffer.from([1, 2, 3]));
  expect(await peer.take(3)).toEqual(['welcome, bert', 'bert: hello', Buffer.from([1, 2, 3])]);
  peer.send(Buffer.alloc(4097));
  expect((await peer.closed).code).toBe(1009);
});
