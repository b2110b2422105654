/** The hooks of a Configurator. [HS-2 to HS-4, HS-10, D-06, D-25, LIF-1] */
import { describe, expect, it } from '@jest/globals';
import {
  type Extension,
  type HandshakeRequest,
  IllegalStateException,
  InstantiationException,
  OnOpen,
  ServerEndpoint,
  ServerEndpointConfig,
} from 'margay';
import { ask } from '../support/ask.js';
import { eventually, sleep } from '../support/eventually.js';
import { start } from '../support/start.js';

const { Configurator } = ServerEndpointConfig;

describe('[HS-2] the defaults', () => {
  const CASES: readonly (readonly [readonly string[], readonly string[], string])[] = [
    [['a', 'b'], ['b', 'a'], 'b'],
    [['a', 'b'], ['x', 'a', 'b'], 'a'],
    [['a'], ['A'], ''],
    [['a'], [], ''],
    [[], ['a'], ''],
  ];

  it.each(CASES)('[HS-3] getNegotiatedSubprotocol(%j, %j) is %j: the order of the client', (supported, requested, chosen) => {
    expect(new Configurator().getNegotiatedSubprotocol(supported, requested)).toBe(chosen);
  });

  it('getNegotiatedExtensions keeps what is installed, in the order and with the parameters of the request', () => {
    const extension = (name: string, value: string | null = null): Extension => ({
      getName: () => name,
      getParameters: () => (value === null ? [] : [{ getName: () => 'p', getValue: () => value }]),
    });
    const requested = [extension('b', '1'), extension('x'), extension('a', '2'), extension('b', '3'), extension('A')];
    const kept = new Configurator().getNegotiatedExtensions([extension('a'), extension('b')], requested);
    expect(kept).toEqual([requested[0], requested[2], requested[3]]);
  });

  it('getEndpointInstance makes a new one each time; a constructor that throws is an InstantiationException', async () => {
    class Fine {}
    const configurator = new Configurator();
    const [one, two] = [await configurator.getEndpointInstance(Fine), await configurator.getEndpointInstance(Fine)];
    expect(one).toBeInstanceOf(Fine);
    expect(one).not.toBe(two);
    class Broken {
      constructor() {
        throw new Error('broken');
      }
    }
    const make = async () => configurator.getEndpointInstance(Broken);
    await expect(make()).rejects.toBeInstanceOf(InstantiationException);
    await expect(make()).rejects.toMatchObject({ code: 'MARGAY_INSTANTIATION', cause: { message: 'broken' } });
  });

  it('getContainerDefaultConfigurator is one shared instance, not the hook itself', () => {
    class Hooks extends Configurator {}
    const shared = new Hooks().getContainerDefaultConfigurator();
    expect(shared).toBe(new Configurator().getContainerDefaultConfigurator());
    expect(shared).toBeInstanceOf(Configurator);
    expect(shared).not.toBeInstanceOf(Hooks);
  });
});

describe('[HS-10] a Configurator of one own', () => {
  it.each(['sync', 'async'])('[D-25] is asked in order, each hook awaited, with what the ledger says (%s)', async (style) => {
    const ran: unknown[] = [];
    const told = async (...what: unknown[]): Promise<void> => {
      if (style === 'async') await sleep(5);
      ran.push(what);
    };
    class Hooks extends Configurator {
      override checkOrigin(origin: string | null, request?: HandshakeRequest): boolean | Promise<boolean> {
        const path = request?.getRequestURI().pathname;
        if (style === 'async') return told('checkOrigin', origin, path).then(() => true);
        ran.push(['checkOrigin', origin, path]);
        return true;
      }
      override getNegotiatedSubprotocol(supported: readonly string[], requested: readonly string[]): string {
        ran.push(['subprotocol', supported, requested]);
        return super.getNegotiatedSubprotocol(supported, requested);
      }
      override getNegotiatedExtensions(installed: readonly Extension[], requested: readonly Extension[]): readonly Extension[] {
        ran.push(['extensions', installed.map((each) => each.getName()), requested.map((each) => each.getName())]);
        return super.getNegotiatedExtensions(installed, requested);
      }
      override modifyHandshake(): void | Promise<void> {
        if (style === 'async') return told('modifyHandshake');
        ran.push(['modifyHandshake']);
      }
      override getEndpointInstance<T extends object>(type: new () => T): T | Promise<T> {
        if (style === 'async') return told('getEndpointInstance', type.name).then(() => super.getEndpointInstance(type));
        ran.push(['getEndpointInstance', type.name]);
        return super.getEndpointInstance(type);
      }
    }
    @ServerEndpoint({ value: '/talk', subprotocols: ['a', 'b'], configurator: Hooks, perMessageDeflate: true })
    class Talk {
      constructor() {
        ran.push(['constructor']);
      }
    }
    const { status, headers } = await ask(await start(Talk), {
      headers: {
        Origin: 'http://evil.example',
        'Sec-WebSocket-Protocol': ['x, b', 'a'],
        'Sec-WebSocket-Extensions': 'foo, permessage-deflate',
      },
    });
    expect(status).toBe(101);
    expect(headers.get('sec-websocket-protocol')).toEqual(['b']);
    expect(ran).toEqual([
      ['checkOrigin', 'http://evil.example', '/talk'],
      ['subprotocol', ['a', 'b'], ['x', 'b', 'a']],
      ['extensions', ['permessage-deflate'], ['foo', 'permessage-deflate']],
      ['modifyHandshake'],
      ['getEndpointInstance', 'Talk'],
      ['constructor'],
    ]);
  });

  it('[HS-2] getNegotiatedSubprotocol is asked with an empty list too, and checkOrigin with null', async () => {
    const asked: unknown[] = [];
    class Hooks extends Configurator {
      override checkOrigin(origin: string | null): boolean {
        asked.push(origin);
        return true;
      }
      override getNegotiatedSubprotocol(supported: readonly string[], requested: readonly string[]): string {
        asked.push([supported, requested]);
        return '';
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    await ask(await start(Talk));
    expect(asked).toEqual([null, [[], []]]);
  });

  it.each(['sync', 'async'])('[HS-1] row 7: checkOrigin that says no, %s, is 403', async (style) => {
    class Hooks extends Configurator {
      override checkOrigin(): boolean | Promise<boolean> {
        return style === 'sync' ? false : Promise.resolve(false);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const { status, body } = await ask(await start(Talk));
    expect(`${status} ${body}`).toMatch(/^403 .*\[MARGAY_ORIGIN\]$/);
  });

  const FAILING = [
    'checkOrigin',
    'getNegotiatedSubprotocol',
    'getNegotiatedExtensions',
    'modifyHandshake',
    'getEndpointInstance',
    'constructor',
  ];

  it.each(FAILING)('[HS-1, LIF-3] %s that throws is 500, logged, and nobody is opened', async (which) => {
    const opens: unknown[] = [];
    const fail = (here: string): void => {
      if (here === which) throw new Error(`no ${here}`);
    };
    class Hooks extends Configurator {
      override async checkOrigin(): Promise<boolean> {
        await sleep(1);
        fail('checkOrigin');
        return true;
      }
      override getNegotiatedSubprotocol(): string {
        fail('getNegotiatedSubprotocol');
        return '';
      }
      override getNegotiatedExtensions(): readonly Extension[] {
        fail('getNegotiatedExtensions');
        return [];
      }
      override modifyHandshake(): void {
        fail('modifyHandshake');
      }
      override getEndpointInstance<T extends object>(type: new () => T): T | Promise<T> {
        fail('getEndpointInstance');
        return super.getEndpointInstance(type);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      constructor() {
        fail('constructor');
      }
      @OnOpen
      open(): void {
        opens.push(1);
      }
    }
    const started = await start(Talk);
    const { status, body } = await ask(started);
    expect(`${status} ${body}`).toMatch(/^500 [A-Z].* \[MARGAY_HOOK_FAILED\]$/);
    expect(body).not.toContain(`no ${which}`); // strangers do not read our messages
    expect(started.log.filter(({ level }) => level === 'error')).toMatchObject([{ code: 'MARGAY_HOOK_FAILED', path: '/talk' }]);
    expect(opens).toEqual([]);
  });

  it.each([
    ['a subprotocol the client did not list', 'mine'],
    ['what is no token', 'a b'],
  ])('getNegotiatedSubprotocol that returns %s is 500, not an illegal 101', async (_what, chosen) => {
    class Hooks extends Configurator {
      override getNegotiatedSubprotocol(): string {
        return chosen;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    expect((await ask(await start(Talk), { headers: { 'Sec-WebSocket-Protocol': 'a, b' } })).status).toBe(500);
  });

  it.each([
    ['getNegotiatedSubprotocol', async () => 'a', 'getNegotiatedSubprotocol returned a promise; return text at once'],
    ['getNegotiatedSubprotocol', () => undefined, 'getNegotiatedSubprotocol returned undefined; return text at once'],
    ['getNegotiatedSubprotocol', () => 'mine', 'getNegotiatedSubprotocol returned "mine", which the client did not list; return one'],
    ['getNegotiatedExtensions', async () => [], 'getNegotiatedExtensions returned a promise; return a list at once'],
    ['getNegotiatedExtensions', () => null, 'getNegotiatedExtensions returned null; return a list at once'],
  ])('[HS-2] the log says what is wrong with the answer of %s', async (hook, answer, words) => {
    class Hooks extends Configurator {}
    Object.defineProperty(Hooks.prototype, hook, { value: answer });
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const started = await start(Talk);
    expect((await ask(started, { headers: { 'Sec-WebSocket-Protocol': 'a' } })).status).toBe(500);
    expect(started.log.find(({ code }) => code === 'MARGAY_HOOK_FAILED')?.message).toContain(words);
  });

  it('[ANN-3] is made once for a class, not for each connection', async () => {
    let made = 0;
    class Hooks extends Configurator {
      constructor() {
        super();
        made++;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const started = await start(Talk);
    await ask(started);
    await ask(started);
    expect(made).toBe(1);
  });

  it('[LIF-1] may give the same instance to all', async () => {
    const seen = new Set<object>();
    const one: { instance?: object } = {};
    class Hooks extends Configurator {
      override getEndpointInstance<T extends object>(type: new () => T): T {
        one.instance ??= new type();
        return one.instance as T;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnOpen
      open(): void {
        seen.add(this);
      }
    }
    const started = await start(Talk);
    await started.dial('/talk');
    await started.dial('/talk');
    await eventually(() => expect([...seen]).toEqual([one.instance]));
  });
});

describe('[D-06] super.checkOrigin(origin)', () => {
  it.each([
    ['http://localhost', 101],
    ['http://evil.example', 403],
  ])('works without the request in the synchronous part: %s is %d', async (origin, status) => {
    class Hooks extends Configurator {
      override checkOrigin(asked: string | null): boolean | Promise<boolean> {
        return super.checkOrigin(asked);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    expect((await ask(await start(Talk), { headers: { Origin: origin } })).status).toBe(status);
  });

  it('throws ISE that names the cure after an await, and works there with the request', async () => {
    const errors: unknown[] = [];
    class Hooks extends Configurator {
      override async checkOrigin(origin: string | null, request?: HandshakeRequest): Promise<boolean> {
        await sleep(1);
        try {
          await super.checkOrigin(origin);
        } catch (error) {
          errors.push(error);
        }
        return super.checkOrigin(origin, request);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const started = await start(Talk);
    expect((await ask(started, { headers: { Origin: 'http://localhost' } })).status).toBe(101);
    expect((await ask(started, { headers: { Origin: 'http://evil.example' } })).status).toBe(403);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBeInstanceOf(IllegalStateException);
    expect((errors[0] as Error).message).toContain('checkOrigin(origin, request)');
  });

  it('knows each handshake of several that run at once', async () => {
    class Hooks extends Configurator {
      override async checkOrigin(origin: string | null): Promise<boolean> {
        const allowed = await super.checkOrigin(origin);
        await sleep(5);
        return allowed;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const started = await start(Talk);
    const hosts = ['a.example', 'b.example', 'c.example', 'd.example'];
    const right = hosts.map((host) => ask(started, { headers: { Host: host, Origin: `http://${host}` } }));
    const wrong = hosts.map((host, i) => ask(started, { headers: { Host: host, Origin: `http://${hosts[(i + 1) % 4]}` } }));
    expect((await Promise.all(right)).map(({ status }) => status)).toEqual([101, 101, 101, 101]);
    expect((await Promise.all(wrong)).map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });
});
