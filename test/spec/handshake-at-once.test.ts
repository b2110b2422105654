/** When a handshake is answered: in the call in which it comes, unless a hook takes its time. */
import { afterEach, expect, it } from '@jest/globals';
import { ServerContainer, ServerEndpoint, ServerEndpointConfig } from 'margay';
import type { Gate } from 'margay/spi';
import { answered, Wireless } from '../support/wireless.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const containers: ServerContainer[] = [];

afterEach(async () => {
  for (const container of containers.splice(0)) await container.close();
});

type Hooks = Partial<Pick<ServerEndpointConfig.Configurator, 'checkOrigin' | 'modifyHandshake' | 'getEndpointInstance'>>;

/** What the peer was told when `offer` had returned, and what it was told in the end. */
async function told(hooks: Hooks): Promise<[string, string]> {
  class Own extends ServerEndpointConfig.Configurator {}
  Object.assign(Own.prototype, hooks);
  @ServerEndpoint({ value: '/talk/{room}', configurator: Own })
  class Talk {}
  const transport = new Wireless();
  const container = new ServerContainer({ transport, logger: quiet });
  containers.push(container);
  await container.addEndpoint(Talk);
  await container.listen({ port: 0 });
  let atOnce = 'nothing yet';
  const answer = answered(transport.gate as Gate, '/talk/a', [], (status) => {
    atOnce = status;
  });
  const first = atOnce;
  return [first, await answer];
}

const boom = (): never => {
  throw new Error('boom');
};

it.each<[string, Hooks, string]>([
  ['that has no hook of its own', {}, '101'],
  ['whose hooks all answer at once', { checkOrigin: () => true, modifyHandshake() {} }, '101'],
  ['whose origin is refused', { checkOrigin: () => false }, '403'],
  ['whose hook throws', { modifyHandshake: boom }, '500'],
  ['whose endpoint cannot be made', { getEndpointInstance: boom }, '500'],
])('[HS-1, HS-2] a handshake %s is answered in the call in which it comes', async (_what, hooks, status) => {
  expect(await told(hooks)).toEqual([status, status]);
});

it.each<[string, Hooks]>([
  ['checkOrigin', { checkOrigin: async () => true }],
  ['modifyHandshake', { modifyHandshake: async () => {} }],
  ['getEndpointInstance', { getEndpointInstance: async (type: new () => object) => new type() } as Hooks],
])('[HS-2] one whose %s returns a promise waits for it', async (_what, hooks) => {
  expect(await told(hooks)).toEqual(['nothing yet', '101']);
});
