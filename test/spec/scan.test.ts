/** Section 9.1 of the ledger: what of the scanned classes is deployed. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  Endpoint,
  OnMessage,
  ServerApplicationConfig,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  type Session,
  serve,
} from 'margay';
import { start } from '../support/start.js';

@ServerEndpoint('/talk')
class Talk {
  @OnMessage
  text(message: string): string {
    return `talk ${message}`;
  }
}

@ServerEndpoint('/chat/{room}')
class Chat {
  @OnMessage
  text(message: string): string {
    return `chat ${message}`;
  }
}

class Heir extends Talk {}

class Programmed extends Endpoint {
  override onOpen(session: Session): void {
    session.addMessageHandler(String, (message: string) => session.getBasicRemote().sendText(`programmed ${message}`));
  }
}

abstract class Unfinished extends Endpoint {}

const { Builder } = ServerEndpointConfig;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const container = () => new ServerContainer({ logger: quiet });
const whys = (skipped: readonly { name: string; why: string }[]) => Object.fromEntries(skipped.map(({ name, why }) => [name, why]));

/** The failure of a promise. */
const failureOf = async (promise: Promise<unknown>) =>
  (await promise.then(
    () => null,
    (error: unknown) => error,
  )) as (Error & { code: string; problems: readonly { code: string; message: string }[]; cause?: unknown }) | null;

describe('without a ServerApplicationConfig', () => {
  it('[DEP-4, DEP-5] every annotated class is deployed, and talks; no programmatic endpoint is', async () => {
    const server = await start([]);
    const { deployed, skipped } = await server.container.scan({ modules: [{ Talk, Programmed }, { Chat }] });
    expect(deployed).toEqual([
      { path: '/talk', endpointClass: Talk, kind: 'annotated', scanned: true },
      { path: '/chat/{room}', endpointClass: Chat, kind: 'annotated', scanned: true },
    ]);
    expect(server.container.endpoints).toEqual(deployed);
    expect(skipped).toEqual([{ module: 'modules[0]', name: 'Programmed', why: expect.stringContaining('no ServerApplicationConfig') }]);
    const peer = await server.dial('/chat/1');
    peer.send('hello');
    expect(await peer.next()).toBe('chat hello');
  });

  it('[DEP-4] [ANN-4] what cannot be deployed is skipped, and said to be', async () => {
    const values = { port: 8080, list: [Talk], make: () => Talk, nothing: null };
    const { deployed, skipped } = await container().scan({
      modules: [{ Heir, Unfinished, Plain: class {}, Endpoint, ServerApplicationConfig, ...values }, { port: 8080 }],
    });
    expect(deployed).toEqual([]);
    expect(whys(skipped)).toEqual({
      Heir: 'it has no @ServerEndpoint of its own; that of Talk is not inherited',
      Unfinished: 'it is abstract: it has no onOpen()',
      Plain: 'it has no @ServerEndpoint, and extends neither Endpoint nor ServerApplicationConfig',
      Endpoint: "it is margay's own",
      ServerApplicationConfig: "it is margay's own",
      '*': 'it exports no class',
    });
  });

  it('[DEP-4] a class that is exported twice counts once', async () => {
    const { deployed, skipped } = await container().scan({ modules: [{ Talk, default: Talk }, { Speech: Talk }] });
    expect(deployed).toHaveLength(1);
    expect(skipped).toEqual([]);
  });

  it('[DEP-9] only what the listed modules export is looked at, and each scan is an archive of its own', async () => {
    const one = container();
    expect((await one.scan({})).deployed).toEqual([]);
    await one.scan({ modules: [{ Talk }] });
    class Nothing extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(): Class[] {
        return [];
      }
    }
    await one.scan({ modules: [{ Nothing, Chat }] });
    expect(one.endpoints.map(({ endpointClass }) => endpointClass)).toEqual([Talk]);
  });
});

describe('with a ServerApplicationConfig', () => {
  it('[DEP-5] it decides among the annotated classes, and null is none', async () => {
    class Some extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): Class[] {
        return [...scanned].filter((type) => type === Chat);
      }
      override getEndpointConfigs(): null {
        return null;
      }
    }
    const { deployed, skipped } = await container().scan({ modules: [{ Talk, Chat, Some }] });
    expect(deployed.map(({ endpointClass }) => endpointClass)).toEqual([Chat]);
    expect(skipped).toEqual([{ module: 'modules[0]', name: 'Talk', why: 'Some left it out' }]);
  });

  it('[DEP-5] empty sets suppress the scan: nothing is deployed', async () => {
    class Nothing extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(): null {
        return null;
      }
    }
    const { deployed, skipped } = await container().scan({ modules: [{ Talk, Nothing, Programmed }] });
    expect(deployed).toEqual([]);
    expect(whys(skipped)).toEqual({ Talk: 'Nothing left it out', Programmed: 'Nothing made no configuration for it' });
  });

  it('[DEP-5] [DEP-1] it gives programmatic endpoints their paths, and they talk; one class may have several', async () => {
    class Paths extends ServerApplicationConfig {
      override getEndpointConfigs(endpoints: ReadonlySet<Class<Endpoint>>): ServerEndpointConfig[] {
        return [...endpoints].flatMap((type) => ['/one', '/two/{id}'].map((path) => Builder.create(type, path).build()));
      }
    }
    const server = await start([]);
    const { deployed, skipped } = await server.container.scan({ modules: [{ Programmed, Talk, Paths }] });
    expect(deployed.map(({ path, kind }) => `${path} ${kind}`)).toEqual(['/one programmatic', '/two/{id} programmatic', '/talk annotated']);
    expect(skipped).toEqual([]);
    for (const path of ['/one', '/two/2']) {
      const peer = await server.dial(path);
      peer.send('hello');
      expect(await peer.next()).toBe('programmed hello');
    }
  });

  it('[DEP-4] a class that is annotated and extends Endpoint is both', async () => {
    @ServerEndpoint('/both')
    class Both extends Programmed {}
    expect((await container().scan({ modules: [{ Both }] })).deployed.map(({ path }) => path)).toEqual(['/both']);
    const given: Class[][] = [];
    class Looking extends ServerApplicationConfig {
      override getEndpointConfigs(endpoints: ReadonlySet<Class<Endpoint>>): null {
        given.push([...endpoints]);
        return null;
      }
    }
    await container().scan({ modules: [{ Both, Looking }] });
    expect(given).toEqual([[Both]]);
  });

  it('[DEP-5] unless it says otherwise it takes all that is annotated, and nothing else', async () => {
    class All extends ServerApplicationConfig {}
    const { deployed } = await container().scan({ modules: [{ Talk, Chat, All, Programmed }] });
    expect(deployed.map(({ endpointClass }) => endpointClass)).toEqual([Talk, Chat]);
  });

  it('[DEP-5] of several the union is deployed, configurations before annotated classes, each once', async () => {
    const given: unknown[] = [];
    class First extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): Iterable<Class> {
        given.push([...scanned]);
        return [Chat];
      }
    }
    class Second extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): ReadonlySet<Class> {
        given.push([...scanned]);
        return new Set([Chat]);
      }
      override getEndpointConfigs(endpoints: ReadonlySet<Class>): Iterable<ServerEndpointConfig> {
        given.push([...endpoints]);
        return [Builder.create(Talk, '/elsewhere').build()];
      }
    }
    const { deployed } = await container().scan({
      modules: [
        { Talk, Chat, Programmed, Unfinished },
        { First, Second },
      ],
    });
    expect(given).toEqual([[Talk, Chat], [Programmed], [Talk, Chat]]);
    expect(deployed.map(({ path }) => path)).toEqual(['/elsewhere', '/chat/{room}']);
  });

  it('[DEP-5] what one of them does to its set is not seen by the other', async () => {
    class Greedy extends ServerApplicationConfig {
      override getAnnotatedEndpointClasses(scanned: ReadonlySet<Class>): null {
        (scanned as Set<Class>).clear();
        return null;
      }
    }
    class All extends ServerApplicationConfig {}
    const { deployed } = await container().scan({ modules: [{ Talk, Greedy, All }] });
    expect(deployed).toHaveLength(1);
  });

  it('[DEP-5] one that cannot be made, throws or returns no list is told with all the others', async () => {
    const boom = new Error('boom');
    class Unmakable extends ServerApplicationConfig {
      constructor() {
        super();
        throw boom;
      }
    }
    class Odd extends ServerApplicationConfig {
      override getEndpointConfigs(): never {
        throw new Error('no configs today');
      }
      override getAnnotatedEndpointClasses(): never {
        return 7 as never;
      }
    }
    const failure = await failureOf(container().scan({ modules: [{ Unmakable, Odd, Talk }] }));
    expect(failure?.problems).toEqual([
      { code: 'MARGAY_INITIALIZER', message: 'Unmakable cannot be made: boom' },
      { code: 'MARGAY_INITIALIZER', member: 'getEndpointConfigs', message: 'Odd.getEndpointConfigs() failed: no configs today' },
      {
        code: 'MARGAY_INITIALIZER',
        member: 'getAnnotatedEndpointClasses',
        message: 'Odd.getAnnotatedEndpointClasses() failed: it returned 7; return a list, a set or null',
      },
    ]);
    expect(failure?.cause).toBe(boom);
  });

  it('[DEP-5] a ServerApplicationConfig answers at once: a promise is refused by that name', async () => {
    class Late extends ServerApplicationConfig {
      override getEndpointConfigs() {
        return Promise.resolve([]) as never;
      }
    }
    const failure = await failureOf(container().scan({ modules: [{ Late, Talk }] }));
    expect(failure?.message).toBe('Late.getEndpointConfigs() failed: it returned a promise; return a list, a set or null');
  });
});

describe('[DEP-3] the same class at the same path', () => {
  it('is deployed once when the scan comes second', async () => {
    const one = container();
    await one.addEndpoint(Talk);
    const { deployed, skipped } = await one.scan({ modules: [{ Talk, Chat }] });
    expect(deployed.map(({ endpointClass }) => endpointClass)).toEqual([Chat]);
    expect(skipped).toEqual([{ module: 'modules[0]', name: 'Talk', why: 'it is deployed at /talk already' }]);
    expect(one.endpoints.map(({ scanned }) => scanned)).toEqual([false, true]);
  });

  it('is deployed once when the scan comes first, or twice', async () => {
    const one = container();
    await one.scan({ modules: [{ Chat }] });
    await one.addEndpoint(Chat);
    await one.addEndpoint(Builder.create(Chat, '/chat/<room>').build());
    await one.scan({ modules: [{ Chat }] });
    expect(one.endpoints).toEqual([{ path: '/chat/{room}', endpointClass: Chat, kind: 'annotated', scanned: true }]);
  });

  it('is a conflict when both are submitted, or the paths differ but match the same', async () => {
    const twice = container();
    await twice.addEndpoint(Talk);
    expect(await failureOf(twice.addEndpoint(Talk))).toMatchObject({ code: 'MARGAY_PATH_TAKEN' });
    const renamed = container();
    await renamed.scan({ modules: [{ Chat }] });
    expect(await failureOf(renamed.addEndpoint(Builder.create(Chat, '/chat/{other}').build()))).toMatchObject({
      code: 'MARGAY_PATH_TAKEN',
    });
  });
});

@ServerEndpoint('crooked')
class Crooked {}

@ServerEndpoint('/talk')
class Rival {}

describe('a scan that fails', () => {
  it('[DEP-2, D-30] tells the problems of all classes at once, deploys nothing, and listen() rejects with the same', async () => {
    const one = container();
    await one.addEndpoint(Chat);
    const failure = await failureOf(one.scan({ modules: [{ Crooked, Talk, Rival }, './missing.js'] }));
    expect(failure).toMatchObject({ code: 'MARGAY_DEPLOYMENT' });
    expect(failure?.problems.map(({ code }) => code)).toEqual(['MARGAY_SCAN', 'MARGAY_PATH', 'MARGAY_PATH_TAKEN']);
    expect(one.endpoints).toEqual([]);
    expect(await failureOf(one.listen({ port: 0 }))).toBe(failure);
    expect(await failureOf(one.scan({ modules: [{ Talk }] }))).toMatchObject({ code: 'MARGAY_DEPLOYMENT', cause: failure });
  });

  it('[DEP-2, D-15] later it leaves the rest running', async () => {
    const server = await start(Chat);
    expect(await failureOf(server.container.scan({ modules: [{ Talk, Crooked }] }))).toMatchObject({ code: 'MARGAY_PATH' });
    expect(server.container.endpoints).toHaveLength(1);
    const peer = await server.dial('/chat/1');
    peer.send('still');
    expect(await peer.next()).toBe('chat still');
    await server.container.scan({ modules: [{ Talk }] });
    expect(server.container.endpoints).toHaveLength(2);
  });

  it.each([
    [{ module: [] }, /did you mean "modules"\?/],
    [{ modules: [7] }, /give a list of modules/],
    [{ globs: '' }, /give a pattern/],
    [{ cwd: 7 }, /cwd 7; give a folder/],
    [{ initializers: [{}] }, /onStartup/],
    [null, /give an object/],
  ])('options %j are IAE OPTION', async (options, words) => {
    const failure = await failureOf(container().scan(options as object));
    expect(failure).toMatchObject({ code: 'MARGAY_OPTION', message: expect.stringMatching(words) });
  });

  it('[LIF-11] that nobody awaits raises nothing, and is told', async () => {
    const server = await start([]);
    void server.container.scan({ modules: [{ Crooked }] });
    void server.container.scan({ globz: '*' } as object);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.log.filter(({ level }) => level === 'error').map(({ code }) => code)).toEqual(['MARGAY_OPTION', 'MARGAY_PATH']);
  });

  it('after close() is ISE', async () => {
    const one = container();
    await one.close();
    expect(await failureOf(one.scan({ modules: [{ Talk }] }))).toMatchObject({ code: 'MARGAY_STATE' });
  });
});

describe('serve', () => {
  it('[DEP-1, DEP-4] joins what is scanned to what is submitted', async () => {
    const server = await serve({ endpoints: [Chat], scan: { modules: [{ Talk, Chat }] }, port: 0, host: '127.0.0.1', logger: quiet });
    expect(server.endpoints.map(({ endpointClass, scanned }) => [endpointClass, scanned])).toEqual([
      [Chat, false],
      [Talk, true],
    ]);
    await server.close();
  });

  it('[D-30] tells the problems of both together', async () => {
    const failure = await failureOf(serve({ endpoints: [Rival], scan: { modules: [{ Talk, Crooked }] }, port: 0, logger: quiet }));
    expect(failure?.problems.map(({ code }) => code)).toEqual(['MARGAY_PATH_TAKEN', 'MARGAY_PATH']);
  });
});
