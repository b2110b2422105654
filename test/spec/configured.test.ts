/** Sections 1 and 9 of the ledger: configurations that are built, and deployed instead of a class. */
import { describe, expect, it } from '@jest/globals';
import {
  DeploymentException,
  IllegalArgumentException,
  IllegalStateException,
  OnMessage,
  OnOpen,
  PathParam,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { start } from '../support/start.js';

@ServerEndpoint('/ignored/{uid}')
class Talk {
  @OnOpen
  open(session: Session, @PathParam('uid') uid: string) {
    void session.getBasicRemote().sendText(`${uid} ${session.getNegotiatedSubprotocol()}`);
  }

  @OnMessage
  text(message: string): string {
    return message;
  }
}

const { Builder } = ServerEndpointConfig;

describe('ServerEndpointConfig.Builder', () => {
  it('[URI-16] refuses a class that is none, and says what it got', () => {
    for (const none of [null, undefined, 'Talk', {}]) {
      expect(() => Builder.create(none as never, '/talk')).toThrow(IllegalArgumentException);
    }
    expect(() => Builder.create(null as never, '/talk')).toThrow(
      expect.objectContaining({ code: 'MARGAY_ARGUMENT', message: expect.stringContaining('null') }),
    );
  });

  it.each([null, undefined, '', 'talk', '{uid}'])('[URI-16] refuses the path %p, which does not begin with a slash', (path) => {
    const create = () => Builder.create(Talk, path as never);
    expect(create).toThrow(IllegalStateException);
    expect(create).toThrow(expect.objectContaining({ code: 'MARGAY_BUILDER', message: expect.stringContaining('begins with "/"') }));
  });

  it('[URI-16] builds read-only lists, empty ones for null, and takes the platform default for no configurator', () => {
    const config = Builder.create(Talk, '/talk').subprotocols(null).extensions(null).configurator(null).build();
    expect(config.getEndpointClass()).toBe(Talk);
    expect(config.getPath()).toBe('/talk');
    expect(config.getSubprotocols()).toEqual([]);
    expect(config.getExtensions()).toEqual([]);
    expect(Object.isFrozen(config.getSubprotocols()) && Object.isFrozen(config.getExtensions())).toBe(true);
    expect(config.getConfigurator()).toBe(config.getConfigurator().getContainerDefaultConfigurator());
    expect(config).toBeInstanceOf(ServerEndpointConfig);
  });

  it('[URI-16] keeps what it is given', () => {
    class Mine extends ServerEndpointConfig.Configurator {}
    const mine = new Mine();
    const extension = { getName: () => 'x', getParameters: () => [] };
    const config = Builder.create(Talk, '/talk').subprotocols(['a', 'b']).extensions([extension]).configurator(mine).build();
    expect(config.getSubprotocols()).toEqual(['a', 'b']);
    expect(config.getExtensions()).toEqual([extension]);
    expect(config.getConfigurator()).toBe(mine);
  });

  it('[URI-16] leaves it to the deployment whether the path is a template', async () => {
    const config = Builder.create(Talk, '/a//{b').build();
    const failure = await new ServerContainer().addEndpoint(config).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeploymentException);
    expect((failure as DeploymentException).problems.map(({ code }) => code)).toContain('MARGAY_PATH');
  });
});

describe('a configuration that names an annotated class', () => {
  it('[DEP-1] is deployed at its own path, with its own subprotocols and the handlers of the class', async () => {
    const server = await start(Builder.create(Talk, '/talk/{uid}').subprotocols(['v2', 'v1']).build());
    expect(server.container.endpoints).toEqual([{ path: '/talk/{uid}', endpointClass: Talk, kind: 'annotated', scanned: false }]);
    const peer = await server.dial('/talk/anna', { subprotocols: ['v1'] });
    peer.send('hello');
    expect(await peer.take(2)).toEqual(['anna v1', 'hello']);
    await expect(server.dial('/ignored/anna')).rejects.toMatchObject({ status: 404 });
  });

  it('[DEP-1, D-36] sets options of its own by user properties', async () => {
    const config = Builder.create(Talk, '/talk/{uid}').build();
    config.getUserProperties().set('margay.maxTextMessageBufferSize', 5);
    const server = await start(config);
    const peer = await server.dial('/talk/anna');
    peer.send('12345');
    expect(await peer.take(2)).toEqual(['anna ', '12345']);
    peer.send('123456');
    expect((await peer.closed).code).toBe(1009);
  });

  it('[D-36] whose option is unknown or bad is refused by name', async () => {
    const config = Builder.create(Talk, '/talk/{uid}').build();
    config.getUserProperties().set('margay.maxIdleTimeot', 5).set('margay.strict', 'yes').set('mine', 1);
    const failure = (await new ServerContainer().addEndpoint(config).catch((error: unknown) => error)) as DeploymentException;
    expect(failure.problems.map(({ code }) => code)).toEqual(['MARGAY_OPTION', 'MARGAY_OPTION']);
    expect(failure.message).toMatch(/maxIdleTimeout/);
  });

  it('[DEP-1] of a class without the decorator is refused', async () => {
    class Plain {}
    const adding = new ServerContainer().addEndpoint(Builder.create(Plain, '/plain').build());
    await expect(adding).rejects.toMatchObject({ code: 'MARGAY_NOT_ENDPOINT' });
  });

  it('[ANN-1] needs a configurator that makes instances of a class whose constructor takes arguments', async () => {
    @ServerEndpoint('/service')
    class Service {
      readonly #words: readonly string[];

      constructor(words: readonly string[]) {
        this.#words = words;
      }

      @OnMessage
      text(index: number): string {
        return this.#words[index] ?? '';
      }
    }
    class Making extends ServerEndpointConfig.Configurator {
      override getEndpointInstance<T extends object>(): T {
        return new Service(['zero', 'one']) as unknown as T;
      }
    }
    const bare = Builder.create(Service, '/service').build();
    await expect(new ServerContainer().addEndpoint(bare)).rejects.toMatchObject({ code: 'MARGAY_CONSTRUCTOR' });
    const server = await start(Builder.create(Service, '/service').configurator(new Making()).build());
    const peer = await server.dial('/service');
    peer.send('1');
    expect(await peer.next()).toBe('one');
  });
});

describe('@PathParam', () => {
  it('[PP-2] takes string, number, bigint, boolean and the kinds; any other type is refused', async () => {
    class Money {}
    @ServerEndpoint('/pay/{amount}')
    class Pay {
      // @ts-expect-error a class is no plain type
      @OnOpen open(@PathParam('amount') amount: Money) {
        return amount;
      }
    }
    const failure = (await new ServerContainer().addEndpoint(Pay).catch((error: unknown) => error)) as DeploymentException;
    expect(failure.problems).toMatchObject([{ code: 'MARGAY_PATH_PARAM', endpoint: 'Pay', member: 'open', parameter: 0 }]);
    expect(failure.message).toMatch(/Money.*take string, number/);
  });

  it.each(['', undefined, 7])('[PP-2] needs a name: %p is none', async (name) => {
    @ServerEndpoint('/pay/{amount}')
    class Pay {
      @OnOpen open(@PathParam(name as string) amount: string) {
        return amount;
      }
    }
    await expect(new ServerContainer().addEndpoint(Pay)).rejects.toMatchObject({ code: 'MARGAY_PATH_PARAM' });
  });
});

describe('addEndpoint that nobody awaits', () => {
  it('[DEP-2, LIF-11] raises nothing: listen rejects with the same exception, and a late failure is logged', async () => {
    class Plain {}
    const failed = new ServerContainer();
    void failed.addEndpoint(Plain);
    await expect(failed.listen({ port: 0 })).rejects.toMatchObject({ code: 'MARGAY_NOT_ENDPOINT' });

    const server = await start(Talk);
    void server.container.addEndpoint(Plain);
    void server.container.addEndpoint(Talk);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const errors = server.log.filter(({ level }) => level === 'error').map(({ code }) => code);
    expect(errors).toEqual(['MARGAY_NOT_ENDPOINT', 'MARGAY_PATH_TAKEN']);
    const peer = await server.dial('/ignored/anna');
    expect(await peer.next()).toBe('anna ');
  });
});
