/** Standard decorators: what a scan finds, and what initializers are given. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  HandlesTypes,
  OnMessage,
  ServerApplicationConfig,
  ServerContainer,
  ServerEndpoint,
  type ServletContainerInitializer,
  type StartupContext,
  text,
} from 'margay';
import { start } from '../support/start.js';

@ServerEndpoint('/talk')
class Talk {
  @OnMessage(text)
  text(message: string): string {
    return message.toUpperCase();
  }
}

class Heir extends Talk {}

class Plugin {}

class Loud extends Plugin {}

@HandlesTypes(Plugin, ServerEndpoint)
class Plugins implements ServletContainerInitializer {
  static readonly given: Class[] = [];
  onStartup(classes: ReadonlySet<Class>, { contextPath }: StartupContext): void {
    Plugins.given.push(...classes);
    expect(contextPath).toBe('');
  }
}

describe('scan', () => {
  it('[DEP-4] [ANN-4] deploys decorated classes, not what merely extends them', async () => {
    const server = await start([]);
    const { deployed, skipped } = await server.container.scan({ modules: [{ Talk, Heir }] });
    expect(deployed.map(({ endpointClass }) => endpointClass)).toEqual([Talk]);
    expect(skipped.map(({ name }) => name)).toEqual(['Heir']);
    const peer = await server.dial('/talk');
    peer.send('hello');
    expect(await peer.next()).toBe('HELLO');
  });

  it('[DEP-5] a ServerApplicationConfig chooses', async () => {
    class Nothing extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(): Class[] {
        return [];
      }
    }
    expect((await new ServerContainer().scan({ modules: [{ Talk, Nothing }] })).deployed).toEqual([]);
  });

  it('[DEP-11] @HandlesTypes says what an initializer is given; it is not inherited', async () => {
    class HeirOfPlugins extends Plugins {}
    await new ServerContainer().scan({ modules: [{ Talk, Heir, Plugin, Loud }], initializers: [Plugins, HeirOfPlugins] });
    expect(Plugins.given).toEqual([Talk, Loud]);
  });
});
