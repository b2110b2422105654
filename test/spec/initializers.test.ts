/** Section 9.1 of the ledger: initializers of one's own. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  Endpoint,
  HandlesTypes,
  ServerApplicationConfig,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  type ServletContainerInitializer,
  type StartupContext,
  serve,
} from 'margay';

@ServerEndpoint('/talk')
class Talk {}

class Plugin {}
class Loud extends Plugin {}
class Louder extends Loud {}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const container = () => new ServerContainer({ logger: quiet, contextPath: '/app' });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as Error & { code: string },
  );

/** Initializers that write down what they are given. */
function recording() {
  const calls: [who: string, classes: Class[], context: StartupContext][] = [];
  abstract class Recorder implements ServletContainerInitializer {
    onStartup(classes: ReadonlySet<Class>, context: StartupContext): void {
      calls.push([this.constructor.name, [...classes], context]);
    }
  }
  @HandlesTypes(Plugin)
  class Plugins extends Recorder {}
  @HandlesTypes(ServerEndpoint, ServerApplicationConfig)
  class Endpoints extends Recorder {}
  class Nothing extends Recorder {}
  class Heir extends Plugins {}
  return { calls, Plugins, Endpoints, Nothing, Heir };
}

const modules = [{ Talk, Plugin, Loud }, { Louder }];

describe('[DEP-11] an initializer', () => {
  it('is given the scanned classes that it names: what extends them, and what the decorator decorates', async () => {
    const { calls, Plugins, Endpoints, Nothing, Heir } = recording();
    class Config extends ServerApplicationConfig {}
    await container().scan({ modules: [...modules, { Config }], initializers: [Plugins, Endpoints, Nothing, Heir] });
    expect(calls.map(([who, classes]) => [who, classes])).toEqual([
      ['Plugins', [Loud, Louder]],
      ['Endpoints', [Talk, Config]],
      ['Nothing', []], // it names none
      ['Heir', []], // a class decorator is not inherited
    ]);
  });

  it('is called once per scan, in the order of the list, after the endpoints are deployed', async () => {
    const { calls, Plugins, Endpoints } = recording();
    const one = container();
    const order: string[] = [];
    const slow = {
      async onStartup(_classes: ReadonlySet<Class>, context: StartupContext) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(...context.container.endpoints.map(({ path }) => path), 'slow', String(calls.length));
      },
    };
    const endpoints = new Endpoints();
    await one.scan({ modules, initializers: [slow, endpoints, Plugins, endpoints] });
    expect(order).toEqual(['/talk', 'slow', '0']);
    expect(calls.map(([who]) => who)).toEqual(['Endpoints', 'Plugins']);
    await one.scan({ modules: [{ Loud }], initializers: [Plugins] });
    expect(calls).toHaveLength(3);
  });

  it('is given the container, its context path and its attributes', async () => {
    const { calls, Nothing } = recording();
    const one = container();
    await one.scan({ initializers: [Nothing] });
    const context = calls[0]?.[2];
    expect(context?.container).toBe(one);
    expect(context?.contextPath).toBe('/app');
    expect(context?.attributes.get('jakarta.websocket.server.ServerContainer')).toBe(one);
  });

  it('can deploy endpoints itself, which are then not said to be skipped', async () => {
    class Programmed extends Endpoint {
      override onOpen(): void {}
    }
    @ServerEndpoint('/own')
    class Own {}
    class OnlyTalk extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): Class[] {
        return [...scanned].filter((type) => type === Talk);
      }
    }
    @HandlesTypes(ServerEndpoint)
    class Deploying {
      async onStartup(classes: ReadonlySet<Class>, { container }: StartupContext): Promise<void> {
        for (const type of classes) {
          if (type === Own) await container.addEndpoint(ServerEndpointConfig.Builder.create(type, '/mine').build());
        }
      }
    }
    const one = container();
    const { deployed, skipped } = await one.scan({ modules: [{ Talk, Own, OnlyTalk, Programmed }], initializers: [Deploying] });
    expect(deployed.map(({ path }) => path)).toEqual(['/talk']);
    expect(one.endpoints.map(({ path, scanned }) => [path, scanned])).toEqual([
      ['/talk', true],
      ['/mine', false],
    ]);
    expect(skipped.map(({ name, why }) => [name, why])).toEqual([
      ['Own', 'it is deployed at /mine already'],
      ['Programmed', 'OnlyTalk made no configuration for it'],
    ]);
  });

  it('takes classes that are no endpoints out of those that were skipped; one that is only exported is told', async () => {
    const { Plugins, Endpoints } = recording();
    const { skipped } = await container().scan({ modules: [{ Loud, Plugins, Endpoints }], initializers: [new Plugins()] });
    expect(skipped).toEqual([{ module: 'modules[0]', name: 'Endpoints', why: 'it is an initializer; list it among the initializers' }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('that %s is DE INITIALIZER; those behind it are not called, and listen() rejects with the same', async (_way, onStartup) => {
    class Failing {
      onStartup(): void | Promise<void> {
        return onStartup();
      }
    }
    const { calls, Nothing } = recording();
    const one = container();
    const failure = await failureOf(one.scan({ modules, initializers: [Failing, Nothing] }));
    expect(failure).toMatchObject({ name: 'DeploymentException', code: 'MARGAY_INITIALIZER', message: 'Failing.onStartup() threw: boom' });
    expect(failure?.cause).toHaveProperty('message', 'boom');
    expect(calls).toEqual([]);
    expect(one.endpoints).toEqual([]);
    expect(await failureOf(one.listen({ port: 0 }))).toBe(failure);
  });

  it('that fails to deploy is the failure that listen() tells, with the deployment in its cause', async () => {
    class Deploying {
      async onStartup(_classes: ReadonlySet<Class>, { container }: StartupContext): Promise<void> {
        await container.addEndpoint(Plugin);
      }
    }
    const one = container();
    const failure = await failureOf(one.scan({ initializers: [Deploying] }));
    expect(failure).toMatchObject({ code: 'MARGAY_INITIALIZER', cause: { code: 'MARGAY_NOT_ENDPOINT' } });
    expect(await failureOf(one.listen({ port: 0 }))).toBe(failure);
  });

  it('that cannot be made, or names what leaves no trace, is DE INITIALIZER', async () => {
    class Unmakable {
      constructor() {
        throw new Error('no');
      }
      onStartup(): void {}
    }
    @HandlesTypes(ServerEndpoint('/x'), Plugin)
    class Odd {
      onStartup(): void {}
    }
    class Missing {}
    expect(await failureOf(container().scan({ initializers: [Unmakable] }))).toMatchObject({
      code: 'MARGAY_INITIALIZER',
      message: 'Unmakable cannot be made: no',
    });
    expect(await failureOf(container().scan({ initializers: [Odd] }))).toMatchObject({
      code: 'MARGAY_INITIALIZER',
      message: expect.stringMatching(/^Odd has @HandlesTypes with .*name a class, or the decorator itself/),
    });
    expect(await failureOf(container().scan({ initializers: [Missing as never] }))).toMatchObject({ code: 'MARGAY_INITIALIZER' });
  });

  it('is not called when the endpoints cannot be deployed', async () => {
    @ServerEndpoint('crooked')
    class Crooked {}
    const { calls, Nothing } = recording();
    expect(await failureOf(container().scan({ modules: [{ Crooked }], initializers: [Nothing] }))).toMatchObject({ code: 'MARGAY_PATH' });
    expect(calls).toEqual([]);
  });

  it('of serve() is joined to those of its scan, and runs without one', async () => {
    const { calls, Plugins, Nothing } = recording();
    const both = await serve({ scan: { modules, initializers: [Plugins] }, initializers: [Nothing], port: 0, logger: quiet });
    expect(calls.map(([who]) => who)).toEqual(['Plugins', 'Nothing']);
    await both.close();
    const alone = await serve({ initializers: [Nothing], port: 0, logger: quiet });
    expect(calls).toHaveLength(3);
    await alone.close();
  });

  it('knows the classes and the decorator of another installed copy', async () => {
    const kind = Symbol.for('margay/kind');
    class TheirEndpoint {}
    Object.defineProperty(TheirEndpoint, kind, { value: 'Endpoint' });
    class Programmed extends TheirEndpoint {
      onOpen(): void {}
    }
    const theirDecorator = Object.defineProperty(() => {}, kind, { value: 'ServerEndpoint' });
    @HandlesTypes(Endpoint, theirDecorator)
    class Both {
      static given: Class[] = [];
      onStartup(classes: ReadonlySet<Class>): void {
        Both.given = [...classes];
      }
    }
    await container().scan({ modules: [{ Talk, Programmed, Loud }], initializers: [Both] });
    expect(Both.given).toEqual([Talk, Programmed]);
  });
});
