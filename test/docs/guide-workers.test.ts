/** The example of docs/guide/workers.md, run as it stands there: with one worker. */
import { expect, it } from '@jest/globals';
import type { ServerContainer } from 'margay';
import { Peer } from '../support/peer.js';

it('workers: without the variable, this process serves', async () => {
  const { container } = (await import('./examples/guide-workers-1.js')) as unknown as { readonly container: ServerContainer };
  const peer = await Peer.open(`${container.url.replace('http', 'ws')}/fibonacci`);
  peer.send('20');
  expect(await peer.next()).toBe('6765');
  expect(container.endpoints).toHaveLength(1);
  await container.close();
  expect((await peer.closed).code).toBe(1001);
});
