/** Where the objects of a connection come from, and where they go: option `instanceManager`. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  Decoder,
  Encoder,
  Endpoint,
  type InstanceManager,
  OnClose,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { refused } from '../support/deploy.js';
import { eventually, gate } from '../support/eventually.js';
import { WAYS as FAILURES, fail } from '../support/failing.js';
import { later, Person, TextPerson } from '../support/people.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

/** What is injected. */
class Greeter {
  greet(name: string) {
    return `hello ${name}`;
  }
}

class Needy extends Decoder.Text(Person) {
  readonly #greeter: Greeter;
  constructor(greeter: Greeter) {
    super();
    this.#greeter = greeter;
  }
  override destroy() {}
  decode(text: string) {
    return new Person(this.#greeter.greet(text));
  }
}

class Shouting extends Encoder.Text(Person) {
  constructor(readonly greeter: Greeter) {
    super();
  }
  encode({ name }: Person) {
    return `${name}!`;
  }
}

class Tolerant extends ServerEndpointConfig.Configurator {
  constructor(readonly greeter: Greeter) {
    super();
  }
}

@ServerEndpoint({ value: '/talk', encoders: [Shouting as never], decoders: [Needy as never], configurator: Tolerant as never })
class Talk {
  constructor(readonly greeter: Greeter) {}

  @OnMessage take(person: Person) {
    return person;
  }

  @OnClose close() {}
}

/** A manager as applications write them: it has fields of its own. */
class Manager implements InstanceManager {
  readonly #greeter = new Greeter();
  readonly diary: string[] = [];
  readonly objects: object[] = [];
  /** Instead of making it. */
  instead: (type: Class) => unknown = () => undefined;
  /** `create` gives a promise for everything but configurators. */
  isAsync = false;

  create<T extends object>(type: new (...args: any[]) => T): T | Promise<T> {
    this.diary.push(`create ${type.name}`);
    const made = (this.instead(type) ?? new type(this.#greeter)) as T;
    this.objects.push(made);
    return this.isAsync && !(made instanceof ServerEndpointConfig.Configurator) ? later(made) : made;
  }

  destroy(object: object): void | Promise<void> {
    this.diary.push(`destroy ${object.constructor.name}`);
    this.objects.splice(this.objects.indexOf(object), 1);
    return this.isAsync ? later(undefined) : undefined;
  }
}

class Injecting extends Manager {
  inject(object: object): void | Promise<void> {
    this.diary.push(`inject ${object.constructor.name}`);
    return this.isAsync ? later(undefined).then(() => void this.diary.push('injected')) : undefined;
  }
}

describe('an instance manager', () => {
  it.each([
    ['at once', false],
    ['in its time', true],
  ])('[DEP-10] [ANN-1] makes what has constructors with arguments, %s, and gets it back', async (_, isAsync) => {
    const manager = Object.assign(new Injecting(), { isAsync });
    const server = await start(Talk, { instanceManager: manager });
    expect(manager.diary.splice(0)).toEqual(['create Tolerant']);
    const peer = await server.dial('/talk');
    expect(manager.diary.splice(0)).toEqual(['create Shouting', 'create Needy', 'create Talk']);
    peer.send('anna');
    expect(await peer.next()).toBe('hello anna!');
    expect(manager.diary).toEqual([]);
    await peer.close(1000);
    await eventually(() => expect(manager.diary).toHaveLength(3));
    expect(manager.diary.sort()).toEqual(['destroy Needy', 'destroy Shouting', 'destroy Talk']);
    await server.container.close();
    expect(manager.diary).toHaveLength(3);
    expect(manager.objects.map((object) => object.constructor)).toEqual([Tolerant]); // the very objects that were made
  });

  it('[DEP-10] [LIF-1] makes new ones for each connection, one configurator for each class', async () => {
    const manager = new Manager();
    const server = await start(Talk, { instanceManager: manager });
    await server.dial('/talk');
    await server.dial('/talk');
    expect(new Set(manager.objects).size).toBe(7);
    expect(manager.diary.filter((line) => line === 'create Tolerant')).toHaveLength(1);
  });

  it('[DEP-10] [COD-2] gets them back behind @OnClose; a coder’s own destroy comes first', async () => {
    const manager = new Manager();
    const { diary } = manager;
    class Closing extends TextPerson {
      override async destroy() {
        await later(null);
        diary.push('its own destroy');
      }
    }
    @ServerEndpoint({ value: '/x', decoders: [Closing] })
    class Ending {
      @OnClose async close() {
        await later(null);
        diary.push('@OnClose');
      }
    }
    await (await (await start(Ending, { instanceManager: manager })).dial('/x')).close(1000);
    await eventually(() => expect(diary).toHaveLength(6));
    expect(diary.slice(0, 3)).toEqual(['create Closing', 'create Ending', '@OnClose']);
    expect(diary.indexOf('destroy Closing')).toBeGreaterThan(diary.indexOf('its own destroy'));
    expect(diary).toContain('destroy Ending');
  });

  it('[DEP-10] makes programmatic endpoints too, with nothing but create', async () => {
    class Programmatic extends Endpoint {
      constructor(readonly greeter: Greeter) {
        super();
      }
      onOpen(session: Session) {
        return session.getBasicRemote().sendText(this.greeter.greet('you'));
      }
    }
    const greeter = new Greeter();
    const config = ServerEndpointConfig.Builder.create(Programmatic, '/x').build();
    const peer = await (await start(config, { instanceManager: { create: (type) => new type(greeter) } })).dial('/x');
    expect(await peer.next()).toBe('hello you');
    await peer.close(1000);
  });
});

describe('a getEndpointInstance of the application’s', () => {
  class Custom extends ServerEndpointConfig.Configurator {
    static readonly made: object[] = [];
    override getEndpointInstance<T extends object>(type: new (greeter: Greeter) => T): T {
      const made = new type(new Greeter());
      Custom.made.push(made);
      return made;
    }
  }
  @ServerEndpoint({ value: '/custom', configurator: Custom })
  class Customised {
    constructor(readonly greeter: Greeter) {}
    @OnOpen open(session: Session) {
      return session.getBasicRemote().sendText(this.greeter.greet('you'));
    }
  }

  it.each([
    ['at once', false],
    ['in its time', true],
  ])('[DEP-10] is only injected, %s, before the 101; it is not the manager’s to destroy', async (_, isAsync) => {
    const manager = Object.assign(new Injecting(), { isAsync });
    const server = await start(Customised, { instanceManager: manager });
    const peer = await server.dial('/custom');
    expect(await peer.next()).toBe('hello you');
    expect(manager.diary).toEqual(['create Custom', 'inject Customised', ...(isAsync ? ['injected'] : [])]);
    await peer.close(1000);
    await server.container.close();
    expect(manager.diary.filter((line) => line.startsWith('destroy'))).toEqual([]);
  });

  it('[DEP-10] [LIF-1] one object for all connections serves on when one of them has gone', async () => {
    const shared = { count: 0 };
    class Sharing extends ServerEndpointConfig.Configurator {
      override getEndpointInstance<T>(): T {
        return only as T;
      }
    }
    @ServerEndpoint({ value: '/shared', configurator: Sharing })
    class Counter {
      @OnMessage take(_text: string) {
        return ++shared.count;
      }
    }
    const only = new Counter();
    const manager = new Injecting();
    const server = await start(Counter, { instanceManager: manager });
    const [one, two] = [await server.dial('/shared'), await server.dial('/shared')];
    one.send('a');
    expect(await one.next()).toBe('1');
    await one.close(1000);
    two.send('a');
    expect(await two.next()).toBe('2');
    await server.container.close();
    expect(manager.diary).toEqual(['create Sharing', 'inject Counter', 'inject Counter']);
  });

  it.each(FAILURES)('[DEP-10] [LIF-3] inject that %s: 500, logged', async (how) => {
    const error = new Error('no service');
    const manager = { create: <T extends object>(type: new () => T) => new type(), inject: () => fail(how, error) };
    const server = await start(Customised, { instanceManager: manager });
    await expect(server.dial('/custom')).rejects.toMatchObject({ status: 500 });
    expect(server.log).toContainEqual(expect.objectContaining({ code: 'MARGAY_HOOK_FAILED', err: error }));
  });
});

describe('a manager that fails', () => {
  it.each(FAILURES)('[DEP-10] [LIF-3] create that %s: 500, logged; what it made before is given back', async (how) => {
    const error = new Error('no service');
    const manager = new Manager();
    manager.instead = (type) => (type === Talk ? fail(how, error) : undefined);
    const server = await start(Talk, { instanceManager: manager });
    manager.diary.length = 0;
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 500, body: expect.stringContaining('[MARGAY_HOOK_FAILED]') });
    await eventually(() => expect(manager.diary).toHaveLength(5));
    expect(manager.diary).toEqual(['create Shouting', 'create Needy', 'create Talk', 'destroy Shouting', 'destroy Needy']);
    expect(server.log).toContainEqual(expect.objectContaining({ level: 'error', code: 'MARGAY_HOOK_FAILED', err: error }));
  });

  const NOTHING = { valueOf: () => undefined };
  it.each<[string, Class, unknown, RegExp]>([
    ['no endpoint', Talk, 'x', /instanceManager\.create returned "x"; return an object of Talk$/],
    ['no coder', Needy, 7, /instanceManager\.create returned 7; return an object of Needy$/],
    ['a coder that cannot decode', Needy, NOTHING, /Needy has no decode\(\); write it$/],
  ])('[DEP-10] %s: 500, and the log says what came', async (_, wanted, instead, words) => {
    const manager = new Manager();
    manager.instead = (type) => (type === wanted ? instead : undefined);
    const server = await start(Talk, { instanceManager: manager });
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 500 });
    const [line] = server.log.filter(({ code }) => code === 'MARGAY_HOOK_FAILED');
    expect(line?.message).toMatch(words);
    await eventually(() => expect(manager.diary).toContain('destroy Shouting'));
    if (instead === NOTHING) expect(manager.diary).toContain('destroy Object'); // it was made, if badly
  });

  it.each<[string, () => unknown, RegExp]>([
    ['throws', () => fail('throws', new Error('no service')), /^Talk: configurator Tolerant cannot be made \(no service\); /],
    ['gives a promise', () => later(new Tolerant(new Greeter())), /comes as a promise from the instanceManager; it is needed at once$/],
    ['gives a promise that is rejected', () => fail('rejects', new Error('no service')), /comes as a promise from the instanceManager/],
    ['gives something else', () => new Greeter(), /was made as an object by the instanceManager; return an object of the class$/],
    ['gives nothing', () => 0, /was made as 0 by the instanceManager; return an object of the class$/],
  ])('[DEP-10] [ANN-12] a configurator for which create %s: the deployment fails', async (_, instead, words) => {
    const manager = new Manager();
    manager.instead = (type) => (type === Tolerant ? instead() : undefined);
    const container = new ServerContainer({ instanceManager: manager });
    const problem = (await container.addEndpoint(Talk).catch((error: unknown) => error)) as Awaited<ReturnType<typeof refused>>;
    expect([problem.code, problem.message]).toEqual(['MARGAY_CONSTRUCTOR', expect.stringMatching(words)]);
  });

  it.each(FAILURES)('[DEP-10] destroy that %s is logged, and the others are given back', async (how) => {
    const error = new Error('on purpose');
    const given: string[] = [];
    const manager = Object.assign(new Manager(), {
      destroy(object: object) {
        given.push(object.constructor.name);
        if (object instanceof Needy) return fail(how, error);
        return undefined;
      },
    });
    const server = await start(Talk, { instanceManager: manager });
    await (await server.dial('/talk')).close(1000);
    await eventually(() => expect(server.log.map(({ code }) => code)).toContain('MARGAY_DESTROY'));
    expect(given.sort()).toEqual(['Needy', 'Shouting', 'Talk']);
    const [line] = server.log.filter(({ code }) => code === 'MARGAY_DESTROY');
    expect(line).toMatchObject({ level: 'warn', class: 'Needy', path: '/talk', err: error });
  });

  it('[DEP-10] [LIF-3] a peer that leaves while it makes something: that is given back when it comes', async () => {
    const go = gate<Talk>();
    const manager = new Manager();
    manager.instead = (type) => (type === Talk ? go.promise : undefined);
    const server = await start(Talk, { instanceManager: manager });
    manager.diary.length = 0;
    const peer = RawPeer.ask({ port: server.port }, '/talk');
    await eventually(() => expect(manager.diary).toContain('create Talk'));
    peer.reset();
    await eventually(() => expect(manager.diary).toHaveLength(5));
    go.open(new Talk(new Greeter()));
    await eventually(() => expect(manager.diary).toHaveLength(6));
    expect(manager.diary.slice(3)).toEqual(['destroy Shouting', 'destroy Needy', 'destroy Talk']);
  });

  it.each<[string, unknown, RegExp]>([
    ['no create', {}, /instanceManager: it has no method create\(\)$/],
    ['a function', () => {}, /instanceManager .*; it has no method create\(\)$/],
    ['inject is none', { create: () => {}, inject: 7 }, /instanceManager: its inject is no method$/],
    ['destroy is none', { create: () => {}, destroy: null }, /instanceManager: its destroy is no method$/],
  ])('[DEP-10] %s: the option is refused', (_, instanceManager, words) => {
    expect(() => new ServerContainer({ instanceManager: instanceManager as never })).toThrow(
      expect.objectContaining({ code: 'MARGAY_OPTION', message: expect.stringMatching(words) }),
    );
  });
});
