/** An engine that sends no pings: a browser's. [REM-1] */
import { expect, it } from '@jest/globals';
import { ClientEndpoint } from 'margay';
import { faraway } from '../support/fake-reach.js';

@ClientEndpoint
class Page {}

it.each(['sendPing', 'sendPong'] as const)('[REM-1] %s is refused with what to do instead, and nothing is sent', async (verb) => {
  const { connect, reach } = faraway();
  const session = await connect(Page);
  Object.assign(reach.channel, { hasPings: false });
  const refused = session.getAsyncRemote()[verb](Buffer.from('are you there'));
  await expect(refused).rejects.toMatchObject({ name: 'UnsupportedOperationException', code: 'MARGAY_UNSUPPORTED' });
  await expect(refused).rejects.toThrow(`${verb}(data): a browser lets no page send pings`);
  expect(reach.channel.calls).toEqual([]);
});
