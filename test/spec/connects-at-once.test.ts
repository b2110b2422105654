/** Many connects of one container at once. */
import { expect, it } from '@jest/globals';
import { node, STARTED } from '../support/command.js';

it(
  '[CLI-1] any number may be on its way, and node has nothing to warn of',
  async () => {
    const program = `
      import { ClientEndpoint, ContainerProvider } from ${JSON.stringify(new URL('../../src/client.js', import.meta.url).href)};
      class Nobody {}
      ClientEndpoint(Nobody);
      const container = ContainerProvider.getWebSocketContainer();
      const connects = Array.from({ length: 20 }, () => container.connectToServer(Nobody, 'ws://127.0.0.1:1/'));
      for (const { reason } of await Promise.allSettled(connects)) console.log(reason.code);
    `;
    const run = node(['--input-type=module', '--eval', program]);
    expect(await run.ended).toBe(0);
    expect(run.err()).toEqual([]);
    expect(run.out()).toEqual(Array.from({ length: 20 }, () => 'MARGAY_CONNECT'));
  },
  2 * STARTED,
);
