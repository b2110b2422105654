/** ServerEndpointConfig and its builder, what a deployment makes of a decorator, and whose methods a connection calls. */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  Endpoint,
  EndpointConfig,
  type Extension,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { Person, PersonText, TextPerson } from '../support/people.js';
import { start } from '../support/start.js';

const { Builder, Configurator } = ServerEndpointConfig;

class Echo extends Endpoint {
  onOpen(session: Session, _config: EndpointConfig): void | Promise<void> {
    session.addMessageHandler(String, (text) => session.getBasicRemote().sendText(`echo ${text}`));
  }
}

/** What the handshake's own configuration said, and the one that @OnOpen was given. */
const seen: { handshake: ServerEndpointConfig[]; open: EndpointConfig[] } = { handshake: [], open: [] };

class Watching extends Configurator {
  override modifyHandshake(config: ServerEndpointConfig) {
    seen.handshake.push(config);
  }
}

describe('ServerEndpointConfig', () => {
  const extension: Extension = { getName: () => 'x', getParameters: () => [] };
  const watching = new Watching();
  const full = () =>
    Builder.create(Echo, '/echo/{uid}')
      .encoders([PersonText])
      .decoders([TextPerson])
      .subprotocols(['v2', 'v1'])
      .extensions([extension])
      .configurator(watching)
      .build();

  it('[URI-16] [DEP-6] [DEP-7] the builder is fluent, and every member comes back', () => {
    const config = full();
    expect(config).toBeInstanceOf(ServerEndpointConfig);
    expect(config).toBeInstanceOf(EndpointConfig);
    expect(config.getEndpointClass()).toBe(Echo);
    expect(config.getPath()).toBe('/echo/{uid}');
    expect(config.getEncoders()).toEqual([PersonText]);
    expect(config.getDecoders()).toEqual([TextPerson]);
    expect(config.getSubprotocols()).toEqual(['v2', 'v1']);
    expect(config.getExtensions()).toEqual([extension]);
    expect(config.getConfigurator()).toBe(watching);
    const builder = Builder.create(Echo, '/x');
    const same = [
      builder.encoders(null),
      builder.decoders([]),
      builder.subprotocols(null),
      builder.extensions(null),
      builder.configurator(null),
    ];
    expect(new Set(same)).toEqual(new Set([builder]));
  });

  it('[URI-16] [DEP-7] lists are read-only, and no longer the ones that were given; user properties are one map, to be written', () => {
    const given = ['v1'];
    const builder = Builder.create(Echo, '/x').subprotocols(given).encoders([PersonText]);
    const [one, two] = [builder.build(), builder.build()];
    given.push('v2');
    expect(one.getSubprotocols()).toEqual(['v1']);
    for (const list of [one.getSubprotocols(), one.getEncoders(), one.getDecoders(), one.getExtensions()]) {
      expect(() => (list as unknown[]).push('x')).toThrow(TypeError);
    }
    expect(one.getUserProperties().set('a', 1)).toBe(one.getUserProperties());
    expect(two.getUserProperties().size).toBe(0);
  });

  it('[DEP-7] [HS-9] a connection’s configuration shows the same, with user properties of its own', async () => {
    seen.handshake.length = 0;
    const config = full();
    config.getUserProperties().set('who', 'all');
    const server = await start(config);
    await server.dial('/echo/anna');
    await server.dial('/echo/ben');
    const [one, two] = seen.handshake;
    expect(one).toBeInstanceOf(ServerEndpointConfig);
    expect(one).not.toBe(two);
    for (const member of [
      'getEndpointClass',
      'getPath',
      'getSubprotocols',
      'getExtensions',
      'getEncoders',
      'getDecoders',
      'getConfigurator',
    ] as const) {
      expect([member, one?.[member]()]).toEqual([member, config[member]()]);
    }
    one?.getUserProperties().set('who', 'me');
    expect([two?.getUserProperties().get('who'), config.getUserProperties().get('who')]).toEqual(['all', 'all']);
  });

  it('[DEP-6] a decorator becomes one: path, lists and a configurator from it, no extensions, no user properties', async () => {
    seen.handshake.length = seen.open.length = 0;
    @ServerEndpoint({
      value: '/talk/<uid>',
      subprotocols: ['v1'],
      encoders: [PersonText],
      decoders: [TextPerson],
      configurator: Watching,
    })
    class Talk {
      @OnOpen open(config: EndpointConfig) {
        seen.open.push(config);
      }
      @OnMessage take(person: Person) {
        return person;
      }
    }
    const peer = await (await start(Talk)).dial('/talk/anna', { subprotocols: ['v1'] });
    peer.send('hello');
    expect(await peer.next()).toBe('text text hello');
    const [config] = seen.handshake as [ServerEndpointConfig];
    expect(seen.open).toEqual([config]);
    expect(config.getEndpointClass()).toBe(Talk);
    expect(config.getPath()).toBe('/talk/<uid>');
    expect([config.getSubprotocols(), config.getExtensions()]).toEqual([['v1'], []]);
    expect([config.getEncoders(), config.getDecoders()]).toEqual([[PersonText], [TextPerson]]);
    expect(config.getConfigurator()).toBeInstanceOf(Watching);
    expect(config.getUserProperties().size).toBe(0);
  });

  it('[DEP-6] a bare path: empty lists, and the platform’s configurator', async () => {
    seen.open.length = 0;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen open(config: EndpointConfig) {
        seen.open.push(config);
      }
    }
    await (await start(Talk)).dial('/talk');
    const [config] = seen.open as [ServerEndpointConfig];
    expect([config.getSubprotocols(), config.getExtensions(), config.getEncoders(), config.getDecoders()]).toEqual([[], [], [], []]);
    expect(config.getConfigurator()).toBe(new Configurator().getContainerDefaultConfigurator());
  });

  it('[DEP-7] may be a class of the application’s own, with lists that are null', async () => {
    class Mine extends ServerEndpointConfig {
      readonly #properties = new Map<string, unknown>();
      readonly #configurator = new Configurator();
      getEndpointClass = () => Echo;
      getPath = () => '/mine';
      getSubprotocols = () => [];
      getExtensions = () => [];
      getEncoders = () => null as never;
      getDecoders = () => null as never;
      getConfigurator = () => this.#configurator;
      getUserProperties = () => this.#properties;
    }
    const peer = await (await start(new Mine())).dial('/mine');
    peer.send('a');
    expect(await peer.next()).toBe('echo a');
  });
});

describe('what a configuration names', () => {
  it('[DEP-1] [ANN-19] a subclass of Endpoint: programmatic, whatever it is decorated with', async () => {
    const calls: string[] = [];
    @ServerEndpoint('/decorated')
    class Both extends Echo {
      @OnOpen never() {
        calls.push('never');
      }
    }
    const server = await start([Builder.create(Both, '/configured').build(), Both]);
    expect(server.container.endpoints.map(({ path, kind }) => [path, kind])).toEqual([
      ['/configured', 'programmatic'],
      ['/decorated', 'programmatic'],
    ]);
    for (const path of ['/configured', '/decorated']) {
      const peer = await server.dial(path);
      peer.send('a');
      expect(await peer.next()).toBe('echo a');
    }
    expect(calls).toEqual([]);
  });

  it('[DEP-1] [ANN-19] not Endpoint itself, which is abstract: told at the deployment and not to every connection', async () => {
    const container = new ServerContainer();
    const abstract = ServerEndpointConfig.Builder.create(Endpoint, '/none').build();
    await expect(container.addEndpoint(abstract)).rejects.toMatchObject({ code: 'MARGAY_NOT_ENDPOINT' });
  });

  it('[DEP-1] [DEP-6] an annotated class: its methods, but the lists and the path of the configuration', async () => {
    @ServerEndpoint({ value: '/decorated/{uid}', encoders: [PersonText], decoders: [TextPerson] })
    class Talk {
      @OnMessage take(person: Person, @PathParam('uid') uid: string) {
        return `${uid} ${person.name}`;
      }
    }
    class Other extends TextPerson {
      override decode(text: string) {
        return new Person(`other ${text}`);
      }
    }
    const server = await start([Talk, Builder.create(Talk, '/configured/{uid}').decoders([Other]).build()]);
    const [one, two] = [await server.dial('/decorated/a'), await server.dial('/configured/b')];
    one.send('1');
    two.send('2');
    expect([await one.next(), await two.next()]).toEqual(['a text 1', 'b other 2']);
    const failing = new ServerContainer().addEndpoint(Builder.create(Talk, '/configured/{uid}').build());
    await expect(failing).rejects.toMatchObject({ code: 'MARGAY_NO_DECODER' }); // the decorator's own do not count
  });
});

describe('[LIF-1] the object that getEndpointInstance returns', () => {
  const giving = (make: () => object) =>
    new (class extends Configurator {
      override getEndpointInstance<T>(): T {
        return make() as T;
      }
    })();

  @ServerEndpoint('/talk')
  class Talk {
    readonly heard: string[] = [];
    @OnMessage take(text: string): string {
      return `talk ${text}`;
    }
    @OnError fail(error: Error) {
      this.heard.push(error.message);
    }
    @OnClose close(reason: CloseReason) {
      this.heard.push(String(reason.getCloseCode().getCode()));
    }
  }
  const talk = (make: () => object) => Builder.create(Talk, '/talk').configurator(giving(make)).build();
  const says = async (config: ServerEndpointConfig) => {
    const peer = await (await start(config)).dial('/talk');
    peer.send('a');
    return peer.next();
  };

  it('[LIF-1] an Endpoint is programmatic, though the class is annotated', async () => {
    expect(await says(talk(() => new Echo()))).toBe('echo a');
  });

  it('[LIF-1] one of another class of Endpoint has its own callbacks', async () => {
    const heard: string[] = [];
    class Other extends Endpoint {
      onOpen() {
        throw new Error('on purpose');
      }
      override onError(_session: Session, error: Error) {
        heard.push(error.message);
      }
      override onClose() {
        heard.push('close');
      }
    }
    const config = Builder.create(Echo, '/talk')
      .configurator(giving(() => new Other()))
      .build();
    await (await (await start(config)).dial('/talk')).closed;
    await eventually(() => expect(heard).toEqual(['on purpose', 'close']));
  });

  it('[LIF-1] anything else has the mapping of the class that was deployed', async () => {
    class Sub extends Talk {}
    expect(await says(talk(() => new Sub()))).toBe('talk a');
  });

  it('[LIF-1] a subclass is called as one: what it overrides is its own', async () => {
    class Sub extends Talk {
      override take(text: string) {
        return `sub of ${super.take(text)}`;
      }
    }
    expect(await says(talk(() => new Sub()))).toBe('sub of talk a');
  });

  it('[LIF-1] [DEP-10] a proxy sees the calls, as it would with interceptors in Java', async () => {
    const calls: PropertyKey[] = [];
    const proxied = () =>
      new Proxy(new Talk(), {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function' || key === 'constructor') return value;
          return (...args: unknown[]) => {
            calls.push(key);
            return value.apply(target, args);
          };
        },
      });
    const peer = await (await start(talk(proxied))).dial('/talk');
    peer.send('a');
    expect(await peer.next()).toBe('talk a');
    await peer.close(1000);
    await eventually(() => expect(calls).toEqual(['take', 'close']));
  });

  it('[LIF-1] [LIF-10] callbacks of an Endpoint may be fields', async () => {
    const heard: string[] = [];
    class Fields extends Endpoint {
      onOpen = () => {
        throw new Error('on purpose');
      };
      override onError = (_session: Session, error: Error) => {
        heard.push(error.message);
      };
      override onClose = () => {
        heard.push('close');
      };
    }
    const server = await start(Builder.create(Fields, '/talk').build());
    await (await server.dial('/talk')).closed;
    await eventually(() => expect(heard).toEqual(['on purpose', 'close']));
    expect(server.log.map(({ code }) => code)).not.toContain('MARGAY_UNHANDLED_ERROR');
  });

  it('[LIF-10] an Endpoint without onError leaves its errors to the log', async () => {
    class Failing extends Endpoint {
      onOpen() {
        throw new Error('on purpose');
      }
    }
    const server = await start(Builder.create(Failing, '/talk').build());
    await (await server.dial('/talk')).closed;
    await eventually(() => expect(server.log.map(({ code }) => code)).toContain('MARGAY_UNHANDLED_ERROR'));
  });

  it.each([[null], [undefined], ['x'], [7]])('[LIF-1] [LIF-3] %p is none: 500, and the log says so', async (value) => {
    const server = await start(talk(() => value as never));
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 500 });
    const [line] = server.log.filter(({ code }) => code === 'MARGAY_HOOK_FAILED');
    expect(line?.message).toMatch(/getEndpointInstance returned .*; return an object of Talk$/);
  });
});
