/** Annotated classes: what makes an endpoint, which methods are its handlers, what it may say of itself. */
import { describe, expect, it } from '@jest/globals';
import { Endpoint, OnMessage, OnOpen, ServerEndpoint, ServerEndpointConfig } from 'margay';
import { deploy, refused } from '../support/deploy.js';

describe('@ServerEndpoint', () => {
  it('[ANN-1] takes a path alone', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const { container } = await deploy(Talk);
    expect(container.endpoints).toEqual([{ path: '/talk', endpointClass: Talk, kind: 'annotated', scanned: false }]);
  });

  it('[ANN-1] takes options, of which only the path is required', async () => {
    @ServerEndpoint({ value: '/talk/{room}', subprotocols: ['chat', 'chat.v2'] })
    class Talk {}
    const { container } = await deploy(Talk);
    expect(container.endpoints.map(({ path }) => path)).toEqual(['/talk/{room}']);
  });

  it.each([
    [1, "Talk's constructor needs 1 argument;"],
    [2, "Talk's constructor needs 2 arguments;"],
  ])('[ANN-1] a constructor that needs %i is refused while the default factory is in use', async (count, words) => {
    @ServerEndpoint('/talk')
    class Talk {
      readonly said: unknown[];
      constructor(...said: unknown[]) {
        this.said = said;
      }
    }
    Object.defineProperty(Talk, 'length', { value: count });
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_CONSTRUCTOR');
    expect(error.message).toContain(words);
    expect(error.message).toContain('configurator');
  });

  it('[ANN-1] a configurator that leaves the factory as it is does not make such a class constructible', async () => {
    class OnlyOrigins extends ServerEndpointConfig.Configurator {
      override checkOrigin() {
        return true;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: OnlyOrigins })
    class Talk {
      constructor(readonly name: string) {}
    }
    expect((await refused(Talk)).code).toBe('MARGAY_CONSTRUCTOR');
  });

  it('[ANN-1] a configurator that makes the instance itself may have what arguments it likes', async () => {
    class Making extends ServerEndpointConfig.Configurator {
      override getEndpointInstance<T extends object>(type: new () => T): T {
        return new (type as unknown as new (name: string) => T)('made');
      }
    }
    class Inheriting extends Making {}
    @ServerEndpoint({ value: '/one', configurator: Making })
    class One {
      constructor(readonly name: string) {}
    }
    @ServerEndpoint({ value: '/two', configurator: Inheriting })
    class Two {
      constructor(readonly name: string) {}
    }
    const { container } = await deploy(One, Two);
    expect(container.endpoints).toHaveLength(2);
  });

  it('[ANN-1] optional and defaulted constructor parameters are no arguments it needs', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      constructor(readonly name = 'nobody') {}
    }
    expect((await deploy(Talk)).container.endpoints).toHaveLength(1);
  });

  it('[ANN-12] [ANN-3] a configurator that cannot be made is refused, with its error as cause', async () => {
    const thrown = new Error('no database');
    class Broken extends ServerEndpointConfig.Configurator {
      constructor() {
        super();
        throw thrown;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Broken })
    class Talk {}
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_CONSTRUCTOR');
    expect(error.message).toMatch(/^Talk: configurator Broken .*no database/);
    expect(error.cause).toBe(thrown);
  });

  it('[ANN-12] a configurator that is none is refused', async () => {
    @ServerEndpoint({ value: '/talk', configurator: Map as never })
    class Talk {}
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_CONSTRUCTOR');
    expect(error.message).toMatch(/^Talk: configurator Map .*extends ServerEndpointConfig\.Configurator/);
  });

  it.each([
    ['class without it', class Plain {}, 'Plain has no @ServerEndpoint'],
    [
      'programmatic class',
      class Echo extends Endpoint {
        override onOpen() {}
      },
      "deploy ServerEndpointConfig.Builder.create(Echo, '/path').build()",
    ],
    ['function', () => {}, 'ServerEndpoint'],
    ['nothing', undefined, 'undefined is no class'],
    ['null', null, 'null is no class'],
    ['text', '/talk', '"/talk" is no class'],
    ['instance', new (class Plain {})(), 'is no class'],
  ])('[ANN-12] no endpoint: %s', async (_, what, words) => {
    const error = await refused(what);
    expect(error.code).toBe('MARGAY_NOT_ENDPOINT');
    expect(error.message).toContain(words);
  });

  it('[ANN-12] a path that is none is refused, with all that is wrong with it', async () => {
    @ServerEndpoint('talk//{a}/{a}')
    class Talk {}
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_DEPLOYMENT');
    expect(new Set(error.problems.map(({ code }) => code))).toEqual(new Set(['MARGAY_PATH']));
    expect(error.problems).toHaveLength(3);
    expect(error.message).toContain('Talk: path "talk//{a}/{a}" does not begin with "/"; write "/talk//{a}/{a}"');
  });

  it('[ANN-12] options without a path are refused', async () => {
    @ServerEndpoint({} as { value: string })
    class Talk {}
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_PATH');
    expect(error.message).toContain('Talk: path undefined is not a string');
  });
});

describe('inheritance', () => {
  @ServerEndpoint('/base')
  class Base {
    @OnOpen
    open() {}

    @OnMessage
    text(message: string) {
      return message;
    }
  }

  it('[ANN-4] a subclass of an endpoint is none by itself', async () => {
    class Sub extends Base {}
    const error = await refused(Sub);
    expect(error.code).toBe('MARGAY_NOT_ENDPOINT');
    expect(error.message).toContain('Sub has no @ServerEndpoint of its own');
  });

  it('[ANN-4] [ANN-17] a decorated subclass is one beside its parent', async () => {
    @ServerEndpoint('/sub')
    class Sub extends Base {}
    const { container } = await deploy(Base, Sub);
    expect(container.endpoints.map(({ path }) => path)).toEqual(['/base', '/sub']);
  });

  it('[ANN-17] a handler of another name for a slot that an inherited one holds is refused', async () => {
    @ServerEndpoint('/sub')
    class Sub extends Base {
      @OnMessage
      receive(message: string) {
        return message;
      }
    }
    const error = await refused(Sub);
    expect(error.code).toBe('MARGAY_DUPLICATE_HANDLER');
    expect(error.message).toBe('Sub.receive() and Base.text() both take text; keep one');
  });

  it('[ANN-17] overriding the inherited one without a decorator makes room for another', async () => {
    @ServerEndpoint('/sub')
    class Sub extends Base {
      override text(message: string) {
        return message;
      }

      @OnMessage
      receive(message: string) {
        return message;
      }
    }
    expect((await deploy(Sub)).container.endpoints).toHaveLength(1);
  });

  it('[ANN-17] overriding and decorating anew is one handler', async () => {
    @ServerEndpoint('/sub')
    class Sub extends Base {
      @OnOpen
      override open() {}

      @OnMessage
      override text(message: string) {
        return message;
      }
    }
    expect((await deploy(Sub)).container.endpoints).toHaveLength(1);
  });

  it("[ANN-17] an override's own types count, not those of what it overrides", async () => {
    class Parent {
      @OnMessage
      take(message: string) {
        return message;
      }
    }
    @ServerEndpoint('/sub')
    class Sub extends Parent {
      @OnMessage
      override take(message: any) {
        return message;
      }
    }
    expect((await refused(Sub)).code).toBe('MARGAY_UNTYPED');
  });

  it('[ANN-17] nor when the compiler of the override emits none', async () => {
    class Parent {
      @OnMessage
      take(message: string) {
        return message;
      }
    }
    class Sub extends Parent {
      override take(message: string) {
        return message;
      }
    }
    OnMessage(Sub.prototype, 'take', Object.getOwnPropertyDescriptor(Sub.prototype, 'take') as TypedPropertyDescriptor<Sub['take']>);
    ServerEndpoint('/sub')(Sub);
    expect((await refused(Sub)).code).toBe('MARGAY_NO_METADATA');
  });

  it('[ANN-17] an override in between counts too, though it is decorated again below', async () => {
    class Top {
      @OnOpen
      start() {}
    }
    class Middle extends Top {
      override start() {}
    }
    @ServerEndpoint('/bottom')
    class Bottom extends Middle {
      @OnOpen
      begin() {}
    }
    expect((await deploy(Bottom)).container.endpoints).toHaveLength(1);
  });
});
