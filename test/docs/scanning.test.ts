/** The examples of docs/scanning.md, run as they stand there. */
import { expect, it } from '@jest/globals';
import { ServerEndpoint, type StartupContext } from 'margay';
import { start } from '../support/start.js';

it('a ServerApplicationConfig gives endpoints their paths', async () => {
  const server = await start([]);
  await server.container.scan({ modules: [await import('./examples/scanning-1.js')] });
  expect(await (await server.dial('/ticker')).next()).toBe('tick');
});

it('an initializer is given the classes it names', async () => {
  @ServerEndpoint('/talk')
  class Talk {}
  const { Catalogue } = await import('./examples/scanning-2.js');
  let told: unknown;
  const looking = {
    onStartup(_classes: unknown, { attributes }: StartupContext) {
      told = attributes.get('catalogue');
    },
  };
  await (await start([])).container.scan({ modules: [{ Talk, Catalogue }], initializers: [Catalogue, looking] });
  expect(told).toEqual(['Talk']);
});
