/** Which classes, objects and configurations are refused before anybody is asked for a connection. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  ClientEndpoint,
  ClientEndpointConfig,
  ContainerProvider,
  Decoder,
  DeploymentException,
  Encoder,
  Endpoint,
  OnError,
  OnMessage,
  OnOpen,
  ServerEndpoint,
  Session,
} from 'margay';
import { rawServer } from '../support/raw-server.js';

const container = ContainerProvider.getWebSocketContainer();

/** The exception; nobody has been asked for a connection. */
async function refused(...before: readonly unknown[]): Promise<DeploymentException> {
  const server = await rawServer((socket) => socket.destroy());
  const connect = container.connectToServer as unknown as (...all: readonly unknown[]) => Promise<Session>;
  const outcome = await connect.call(container, ...before, `ws://127.0.0.1:${server.port}/`).then(
    () => 'it has connected',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(DeploymentException);
  expect(server.sockets).toHaveLength(0);
  return outcome as DeploymentException;
}

class Ep extends Endpoint {
  onOpen(_session: Session): void {}
}
class Person {}
class PersonDecoder extends Decoder.Text(Person) {
  decode(): Person {
    return new Person();
  }
}

describe('what is no endpoint', () => {
  @ServerEndpoint('/a')
  class Server {}
  class Plain {}
  @ClientEndpoint
  class AnnotatedEndpoint extends Endpoint {
    onOpen(_session: Session): void {}
  }
  @ClientEndpoint
  class Annotated {}

  const annotated: readonly (readonly [string, unknown, string])[] = [
    ['a class without decorator', Plain, 'Plain has no @ClientEndpoint of its own'],
    ['an object of one', new Plain(), 'Plain has no @ClientEndpoint of its own'],
    ['a server endpoint', Server, 'Server has no @ClientEndpoint of its own'],
    ['an Endpoint', Ep, 'Ep extends Endpoint; give a ClientEndpointConfig, or null'],
    ['an object of one', new Ep(), 'Ep extends Endpoint; give a ClientEndpointConfig, or null'],
    ['an Endpoint with the decorator', AnnotatedEndpoint, 'AnnotatedEndpoint extends Endpoint'],
    ['null', null, 'null is no endpoint'],
    ['undefined', undefined, 'undefined is no endpoint'],
    ['a text', 'Annotated', 'is no endpoint'],
    ['a function', () => {}, 'has no @ClientEndpoint of its own'],
    ['an object without a class', Object.create(null), 'is no endpoint'],
    ['a plain object', {}, 'Object has no @ClientEndpoint of its own'],
  ];

  it.each(annotated)('[CLI-2, ANN-4] %s, in the annotated form', async (_what, endpoint, words) => {
    expect(await refused(endpoint)).toMatchObject({ code: 'MARGAY_NOT_ENDPOINT', message: expect.stringContaining(words) });
  });

  it.each<[string, unknown]>([
    ['an annotated class', Annotated],
    ['an object of one', new Annotated()],
    ['a class', Plain],
    ['null', null],
    ['a number', 5],
  ])('[CON-6, CLI-1] %s, in the programmatic form', async (_what, endpoint) => {
    expect(await refused(endpoint, null)).toMatchObject({
      code: 'MARGAY_NOT_ENDPOINT',
      message: expect.stringContaining('does not extend Endpoint'),
    });
  });

  it('[ANN-2, CLI-1] a class whose constructor needs arguments; an Endpoint too', async () => {
    class Needy extends Endpoint {
      readonly name: string;
      constructor(name: string, _more: number) {
        super();
        this.name = name;
      }
      onOpen(_session: Session): void {}
    }
    expect(await refused(Needy, null)).toMatchObject({ code: 'MARGAY_CONSTRUCTOR', message: expect.stringContaining('2 arguments') });
  });
});

/** A class with those options, whatever the compiler thinks of them. */
function optioned(options: unknown): Class {
  @ClientEndpoint(options as object)
  class Optioned {}
  return Optioned;
}
class Lost extends ClientEndpointConfig.Configurator {
  constructor() {
    super();
    throw new Error('no hooks today');
  }
}
class Thrower extends Decoder.Text(Person) {
  constructor() {
    super();
    throw new Error('no decoder today');
  }
  decode(): Person {
    return new Person();
  }
}

describe('what @ClientEndpoint says', () => {
  it.each<[string, unknown, string, string]>([
    ['an unknown option', { subprotocol: ['v2'] }, 'MARGAY_OPTION', 'subprotocols'],
    ['a path', '/talk', 'MARGAY_OPTION', '@ClientEndpoint takes options'],
    ['a list', [], 'MARGAY_OPTION', '@ClientEndpoint takes options'],
    ['a subprotocol that is no token', { subprotocols: ['a b'] }, 'MARGAY_OPTION', 'a b'],
    ['one twice', { subprotocols: ['a', 'a'] }, 'MARGAY_OPTION', 'a'],
    ['no list of them', { subprotocols: 'v2' }, 'MARGAY_OPTION', 'v2'],
    ['a coder without a type', { decoders: [Person] }, 'MARGAY_CODER_TYPE', 'Person'],
    ['a decoder among the encoders', { encoders: [PersonDecoder] }, 'MARGAY_CODER_TYPE', 'decoders'],
    ['coders that are no list', { decoders: PersonDecoder }, 'MARGAY_OPTION', 'decoders'],
    ['a decoder whose constructor throws', { decoders: [Thrower] }, 'MARGAY_CODER', 'no decoder today'],
    ['a configurator of another kind', { configurator: Person }, 'MARGAY_CONSTRUCTOR', 'ClientEndpointConfig.Configurator'],
    ['an object of one', { configurator: new ClientEndpointConfig.Configurator() }, 'MARGAY_CONSTRUCTOR', 'is none'],
    ['one whose constructor throws', { configurator: Lost }, 'MARGAY_CONSTRUCTOR', 'no hooks today'],
  ])('[ANN-2, ANN-3] %s', async (_what, options, code, words) => {
    const error = await refused(optioned(options));
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(error.problems[0]).toMatchObject({ endpoint: 'Optioned' });
  });

  it('[ANN-2] a problem of the class is found again at the next connect', async () => {
    const type = optioned({ subprotocols: ['a b'] });
    expect((await refused(type)).message).toBe((await refused(type)).message);
  });

  it('[ANN-11, ANN-12, CLI-1] every problem of a class stands in one exception', async () => {
    @ClientEndpoint({ subprotocols: ['a b'], decoders: [Thrower] } as object)
    class Wrong {
      @OnOpen static open(_session: Session): void {}
      @OnMessage text(_a: string, _b: number): void {}
      @OnError error(_session: Session): void {}
    }
    const error = await refused(new Wrong());
    const expected = ['MARGAY_CODER', 'MARGAY_HANDLER_KIND', 'MARGAY_OPTION', 'MARGAY_PARAMETER', 'MARGAY_PAYLOAD'];
    expect(error.problems.map(({ code }) => code).sort()).toEqual(expected);
    expect(error.code).toBe('MARGAY_DEPLOYMENT');
    expect(error.cause).toMatchObject({ message: 'no decoder today' });
  });
});

/** What a configuration of the application's says, where a row says nothing else. */
const INHERITED = {
  getPreferredSubprotocols: () => [],
  getExtensions: () => [],
  getEncoders: () => [],
  getDecoders: () => [],
  getSSLContext: () => null,
  getConfigurator: () => new ClientEndpointConfig.Configurator(),
  getUserProperties: () => new Map(),
};

describe('what a ClientEndpointConfig says', () => {
  const built = (with_: (builder: ClientEndpointConfig.Builder) => unknown) => {
    const builder = ClientEndpointConfig.Builder.create();
    with_(builder);
    return builder.build();
  };
  const propertied = (name: string, value: unknown) => {
    const config = built(() => {});
    config.getUserProperties().set(name, value);
    return config;
  };
  const own = (getters: object) => Object.assign(Object.create(built(() => {})), INHERITED, getters);

  it.each<[string, unknown, string, string]>([
    ['a number', 5, 'MARGAY_OPTION', 'its configuration is 5'],
    ['a plain object', {}, 'MARGAY_OPTION', 'its configuration is'],
    ['the builder', ClientEndpointConfig.Builder.create(), 'MARGAY_OPTION', 'build()'],
    ['a subprotocol that is no token', built((b) => b.preferredSubprotocols(['a,b'])), 'MARGAY_OPTION', 'a,b'],
    ['a coder without a type', built((b) => b.decoders([Person as never])), 'MARGAY_CODER_TYPE', 'Person'],
    ["a configurator's class", built((b) => b.configurator(Lost as never)), 'MARGAY_CONSTRUCTOR', 'is a class'],
    ['a configurator of another kind', built((b) => b.configurator(new Person() as never)), 'MARGAY_CONSTRUCTOR', 'is none'],
    [
      'an extension whose name is none',
      built((b) => b.extensions([{ getName: () => 'a b', getParameters: () => [] }])),
      'MARGAY_OPTION',
      'a b',
    ],
    ['extensions that are no list', own({ getExtensions: () => null }), 'MARGAY_OPTION', 'its extensions are null'],
    ['subprotocols that are no list', own({ getPreferredSubprotocols: () => null }), 'MARGAY_OPTION', 'null'],
    ['coders that are no list', own({ getDecoders: () => PersonDecoder }), 'MARGAY_OPTION', 'decoders'],
    ['no configurator', own({ getConfigurator: () => null }), 'MARGAY_CONSTRUCTOR', 'null'],
    ['no user properties', own({ getUserProperties: () => null }), 'MARGAY_OPTION', 'its configuration is'],
    ['not all methods', own({ getSSLContext: null }), 'MARGAY_OPTION', 'its configuration is'],
    ['an option that is none', propertied('margay.maxIdleTimout', 5), 'MARGAY_OPTION', 'maxIdleTimeout'],
    ['a value that an option cannot have', propertied('margay.maxIdleTimeout', 'long'), 'MARGAY_OPTION', 'maxIdleTimeout'],
    ["one of Tomcat's keys with a wrong value", propertied('org.apache.tomcat.websocket.IO_TIMEOUT_MS', 'x'), 'MARGAY_OPTION', 'timeout'],
  ])('[CLI-1, CLI-7, CLI-9] %s', async (_what, config, code, words) => {
    expect(await refused(Ep, config)).toMatchObject({ code, message: expect.stringContaining(words) });
  });
});

describe('what fails while it is made', () => {
  class InitFails extends Encoder.Text(Person) {
    override async init(): Promise<void> {
      throw new Error('no key');
    }
    encode(): string {
      return '';
    }
  }

  it('[CLI-1, COD-2, ANN-3] an endpoint whose constructor throws, a coder whose init rejects; what was made is let go', async () => {
    const lives: string[] = [];
    class First extends Decoder.Text(Person) {
      override init(): void {
        lives.push('init');
      }
      decode(): Person {
        return new Person();
      }
      override destroy(): void {
        lives.push('destroy');
      }
    }
    @ClientEndpoint({ decoders: [First] })
    class Throws {
      constructor() {
        throw new TypeError('no endpoint today');
      }
    }
    const error = await refused(Throws);
    expect(error).toMatchObject({ code: 'MARGAY_CONSTRUCTOR', message: expect.stringContaining('no endpoint today') });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(lives).toEqual(['init', 'destroy']);

    @ClientEndpoint({ decoders: [First], encoders: [InitFails] })
    class Coded {}
    expect(await refused(Coded)).toMatchObject({ code: 'MARGAY_CODER', cause: { message: 'no key' } });
  });
});
