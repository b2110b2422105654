/** The lives of coders: made and initialised before the 101, destroyed behind @OnClose, once. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  type Decoder,
  type Encoder,
  Endpoint,
  EndpointConfig,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  ServerEndpoint,
  ServerEndpointConfig,
  type Session,
} from 'margay';
import { keeping } from '../support/diary-coders.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { WAYS as FAILURES, fail } from '../support/failing.js';
import { later, Person } from '../support/people.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { Builder } = ServerEndpointConfig;

interface Lists {
  readonly encoders?: readonly (new () => Encoder)[];
  readonly decoders?: readonly (new () => Decoder)[];
}

/** An endpoint that keeps the same diary, annotated or programmatic. */
function endpoint(style: 'annotated' | 'programmatic', diary: string[], close: () => unknown = () => {}): Class {
  const note = (event: string) => void diary.push(event);
  if (style === 'programmatic') {
    return class Talk extends Endpoint {
      onOpen(session: Session) {
        note('open');
        session.addMessageHandler(Person, ({ name }) => note(`message ${name}`));
      }
      override onClose() {
        note('close');
        return close() as undefined;
      }
      override onError() {
        note('error');
        return later(undefined).then(() => note('error told'));
      }
    };
  }
  @ServerEndpoint('/ignored')
  class Talk {
    @OnOpen open() {
      note('open');
    }
    @OnMessage take({ name }: Person) {
      note(`message ${name}`);
    }
    @OnClose close() {
      note('close');
      return close();
    }
    @OnError async fail(_error: Error) {
      note('error');
      await later(null);
      note('error told');
    }
  }
  return Talk;
}

const at = (type: Class, { encoders = [], decoders = [] }: Lists) =>
  Builder.create(type, '/talk').encoders(encoders).decoders(decoders).build();

/** Counts one event of each coder. */
const times = (diary: readonly string[], event: string) => diary.filter((each) => each === event).length;

describe('a life', () => {
  it.each(['annotated', 'programmatic'] as const)('[COD-2] [LIF-3] in order, each once (%s)', async (style) => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    const slow = { init: () => later(void diary.push('…')), destroy: () => later(void diary.push('…')) };
    const lists = { encoders: [encoder('e1', slow), encoder('e2')], decoders: [decoder('d1', slow), decoder('d2')] };
    const server = await start(at(endpoint(style, diary), lists));
    expect(diary.splice(0)).toEqual(['e1 made', 'e2 made', 'd1 made', 'd2 made']); // the deployment's check [ANN-3]
    const peer = await server.dial('/talk');
    peer.send('hello');
    await eventually(() => expect(diary).toContain('message hello'));
    expect(diary.splice(0)).toEqual([
      ...['e1 made', 'e1 init', '…', 'e2 made', 'e2 init', 'd1 made', 'd1 init', '…', 'd2 made', 'd2 init'],
      ...['open', 'message hello'],
    ]);
    await peer.close(1000);
    await eventually(() => expect(diary).toContain('d2 destroy'));
    await server.container.close();
    expect(diary.filter((event) => event !== '…')).toEqual(['close', 'e1 destroy', 'e2 destroy', 'd1 destroy', 'd2 destroy']);
  });

  it('[COD-2] one object of each class for each connection', async () => {
    const objects: object[] = [];
    const { encoder, decoder } = keeping([], objects);
    const server = await start(at(endpoint('annotated', []), { encoders: [encoder('e')], decoders: [decoder('d')] }));
    objects.length = 0;
    await server.dial('/talk');
    await server.dial('/talk');
    expect([objects.length, new Set(objects).size]).toEqual([4, 4]);
  });

  it.each(['annotated', 'programmatic'] as const)(
    '[COD-2] destroy waits for @OnClose and for the @OnError behind it (%s)',
    async (style) => {
      for (const how of FAILURES) {
        const diary: string[] = [];
        const { decoder } = keeping(diary);
        const server = await start(
          at(
            endpoint(style, diary, () => fail(how, new Error('on purpose'))),
            { decoders: [decoder('d')] },
          ),
        );
        const peer = await server.dial('/talk');
        peer.socket.terminate();
        await eventually(() => expect(diary).toContain('d destroy'));
        expect(diary.slice(-4)).toEqual(['close', 'error', 'error told', 'd destroy']);
      }
    },
  );

  it('[COD-2] @OnOpen that throws: destroyed behind @OnError and @OnClose', async () => {
    const diary: string[] = [];
    const { decoder } = keeping(diary);
    class Talk extends Endpoint {
      onOpen() {
        throw new Error('on purpose');
      }
      override onError() {
        diary.push('error');
      }
      override onClose() {
        diary.push('close');
      }
    }
    const peer = await (await start(at(Talk, { decoders: [decoder('d')] }))).dial('/talk');
    expect((await peer.closed).code).toBe(1011);
    await eventually(() => expect(diary.slice(-3)).toEqual(['error', 'close', 'd destroy']));
  });

  it('[COD-3] [HS-9] init is given this connection’s configuration, as modifyHandshake has left it, which @OnOpen gets too', async () => {
    const configs: EndpointConfig[] = [];
    const seen: unknown[] = [];
    const { encoder, decoder } = keeping([]);
    const noting = {
      init: (config: EndpointConfig) => {
        configs.push(config);
        seen.push(config.getUserProperties().get('who'));
      },
    };
    class Naming extends ServerEndpointConfig.Configurator {
      #count = 0;
      override async modifyHandshake(config: ServerEndpointConfig) {
        await later(null);
        config.getUserProperties().set('who', ++this.#count);
      }
    }
    @ServerEndpoint({ value: '/talk', encoders: [encoder('e', noting)], decoders: [decoder('d', noting)], configurator: Naming })
    class Talk {
      @OnOpen open(config: EndpointConfig) {
        configs.push(config);
      }
    }
    const server = await start(Talk);
    await server.dial('/talk');
    await server.dial('/talk');
    await eventually(() => expect(configs).toHaveLength(6));
    expect(seen).toEqual([1, 1, 2, 2]);
    expect(configs.map((config) => configs.indexOf(config))).toEqual([0, 0, 0, 3, 3, 3]);
    expect(configs[0]).toBeInstanceOf(EndpointConfig);
  });

  it('[COD-1] init and destroy may be missing', async () => {
    const { decoder } = keeping([]);
    class Bare extends decoder('d') {}
    Object.assign(Bare.prototype, { init: undefined, destroy: undefined });
    const server = await start(at(endpoint('annotated', []), { decoders: [Bare] }));
    await (await server.dial('/talk')).close(1000);
    await server.container.close();
    expect(server.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});

describe('before the 101', () => {
  it.each(FAILURES)('[LIF-3] [COD-2] init that %s: 500, logged; those initialised before it are destroyed, it is not', async (how) => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    const error = new Error('no database');
    const decoders = [decoder('d1'), decoder('d2', { init: () => fail(how, error) }), decoder('d3')];
    const server = await start(at(endpoint('annotated', diary), { encoders: [encoder('e')], decoders }));
    diary.length = 0;
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 500, body: expect.stringContaining('[MARGAY_HOOK_FAILED]') });
    await eventually(() => expect(diary).toContain('d1 destroy'));
    expect(diary).toEqual(['e made', 'e init', 'd1 made', 'd1 init', 'd2 made', 'd2 init', 'e destroy', 'd1 destroy']);
    expect(server.log).toContainEqual(expect.objectContaining({ level: 'error', code: 'MARGAY_HOOK_FAILED', err: error }));
  });

  it('[LIF-3] a constructor that throws when a connection comes: 500', async () => {
    let count = 0;
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    class Second extends decoder('d') {
      constructor() {
        super();
        if (++count > 1) throw new Error('only once');
      }
    }
    const server = await start(at(endpoint('annotated', diary), { encoders: [encoder('e')], decoders: [Second] }));
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 500 });
    await eventually(() => expect(times(diary, 'e destroy')).toBe(1));
  });

  it.each(FAILURES)('[LIF-3] getEndpointInstance that %s behind them: 500, and they are destroyed', async (how) => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    class Failing extends ServerEndpointConfig.Configurator {
      override getEndpointInstance<T extends object>(): Promise<T> {
        return fail(how, new Error('on purpose'));
      }
    }
    const config = Builder.create(endpoint('annotated', diary), '/talk')
      .encoders([encoder('e')])
      .decoders([decoder('d')])
      .configurator(new Failing())
      .build();
    const server = await start(config);
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 500 });
    await eventually(() => expect(diary.slice(-2)).toEqual(['e destroy', 'd destroy']));
    expect(diary).not.toContain('open');
  });

  it('[LIF-3] a hook before them that throws: they are not made', async () => {
    const diary: string[] = [];
    const { decoder } = keeping(diary);
    class Failing extends ServerEndpointConfig.Configurator {
      override modifyHandshake() {
        throw new Error('on purpose');
      }
    }
    const config = Builder.create(endpoint('annotated', diary), '/talk')
      .decoders([decoder('d')])
      .configurator(new Failing())
      .build();
    const server = await start(config);
    diary.length = 0;
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 500 });
    expect(diary).toEqual([]);
  });

  it('[LIF-3] [D-25] a peer that leaves meanwhile: what is there goes at once, what comes later when it comes, and nothing more is made', async () => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    const go = gate();
    const decoders = [decoder('d1', { init: () => go.promise }), decoder('d2')];
    const server = await start(at(endpoint('annotated', diary), { encoders: [encoder('e')], decoders }));
    diary.length = 0;
    const peer = RawPeer.ask({ port: server.port }, '/talk');
    await eventually(() => expect(diary).toContain('d1 init'));
    peer.reset();
    await eventually(() => expect(diary.at(-1)).toBe('e destroy'));
    go.open();
    await eventually(() => expect(diary.at(-1)).toBe('d1 destroy'));
    await server.container.close();
    expect(diary).toEqual(['e made', 'e init', 'd1 made', 'd1 init', 'e destroy', 'd1 destroy']);
  });

  it('[REL-2] [LIF-3] the time for hooks runs out: 503, and the same', async () => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    const go = gate();
    const decoders = [decoder('d', { init: () => go.promise })];
    const server = await start(at(endpoint('annotated', diary), { encoders: [encoder('e')], decoders }), { hookTimeout: 100 });
    await expect(server.dial('/talk')).rejects.toMatchObject({ status: 503, body: expect.stringContaining('[MARGAY_HOOK_TIMEOUT]') });
    await eventually(() => expect(diary.at(-1)).toBe('e destroy'));
    go.fail(new Error('too late as well')); // it was never initialised, so it is not destroyed
    await eventually(() => expect(server.log.map(({ code }) => code)).toContain('MARGAY_HOOK_FAILED'));
    expect([times(diary, 'e destroy'), times(diary, 'd destroy'), times(diary, 'open')]).toEqual([1, 0, 0]);
  });

  it('[LIF-3] [D-32] a container that closes meanwhile: the same', async () => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    const decoders = [decoder('d', { init: () => new Promise(() => {}) })];
    const server = await start(at(endpoint('annotated', diary), { encoders: [encoder('e')], decoders }));
    RawPeer.ask({ port: server.port }, '/talk');
    await eventually(() => expect(diary).toContain('d init'));
    await server.container.close();
    await eventually(() => expect(diary.at(-1)).toBe('e destroy'));
  });

  it('[D-25] [REL-7] an init that takes long: what the peer sends meanwhile waits', async () => {
    const diary: string[] = [];
    const { decoder } = keeping(diary);
    const go = gate();
    const server = await start(at(endpoint('annotated', diary), { decoders: [decoder('d', { init: () => go.promise })] }));
    const dialled = server.dial('/talk');
    await eventually(() => expect(diary).toContain('d init'));
    expect(diary).not.toContain('open');
    go.open();
    (await dialled).send('hello');
    await eventually(() => expect(diary.slice(-2)).toEqual(['open', 'message hello']));
  });
});

describe('destroy', () => {
  it.each(FAILURES)('[COD-2] that %s is logged, and the others are destroyed all the same', async (how) => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    const error = new Error('on purpose');
    const lists = { encoders: [encoder('e', { destroy: () => fail(how, error) })], decoders: [decoder('d')] };
    const server = await start(at(endpoint('annotated', diary), lists));
    await (await server.dial('/talk')).close(1000);
    await eventually(() => expect(server.log.map(({ code }) => code)).toContain('MARGAY_DESTROY'));
    expect(diary.slice(-3)).toEqual(['close', 'e destroy', 'd destroy']);
    const [line] = server.log.filter(({ code }) => code === 'MARGAY_DESTROY');
    expect(line).toMatchObject({ level: 'warn', class: 'Diarist', path: '/talk', err: error });
    expect(line?.message).toBe('Diarist could not be destroyed: on purpose');
  });

  it('[COD-2] [REL-14] the session is closed for good once it has settled', async () => {
    const go = gate();
    const { encoder } = keeping([]);
    const states: string[] = [];
    let own: Session | undefined;
    class Talk extends Endpoint {
      onOpen(session: Session) {
        own = session;
      }
    }
    const destroy = async () => {
      states.push(String(own));
      await go.promise;
      states.push(String(own));
    };
    const server = await start(at(Talk, { encoders: [encoder('e', { destroy })] }));
    await (await server.dial('/talk')).close(1000);
    await eventually(() => expect(states).toHaveLength(1));
    expect(() => own?.getRequestURI()).not.toThrow();
    go.open();
    await eventually(() => expect(() => own?.getRequestURI()).toThrow(/is closed/)); // [SES-1]
    expect(states.every((state) => state.includes('closing'))).toBe(true);
  });

  it('[COD-2] [LIF-13] [REL-13] one that never settles keeps neither its session nor the coders behind it', async () => {
    const diary: string[] = [];
    const { encoder, decoder } = keeping(diary);
    let own: Session | undefined;
    class Talk extends Endpoint {
      onOpen(session: Session) {
        own = session;
      }
    }
    const never = { destroy: () => new Promise<void>(() => {}) };
    const lists = { encoders: [encoder('e', never)], decoders: [decoder('d')] };
    const server = await start(at(Talk, lists), { closeTimeout: 100 });
    await (await server.dial('/talk')).close(1000);
    await eventually(() => expect(diary).toContain('d destroy'));
    await eventually(() => expect(() => own?.getRequestURI()).toThrow(/is closed/));
    const [line] = server.log.filter(({ code }) => code === 'MARGAY_ABANDONED_CALLBACK');
    expect(line).toMatchObject({ level: 'warn', endpoint: 'Talk', member: 'destroy' });
    expect(line?.message).toMatch(
      /^the destroy\(\) of a coder or instance of Talk has not settled after \d+ ms although its session is over/,
    );
  });

  it('[D-32] nor does it keep container.close()', async () => {
    const diary: string[] = [];
    const { decoder } = keeping(diary);
    const never = { destroy: () => new Promise<void>(() => {}) };
    const server = await start(at(endpoint('annotated', diary), { decoders: [decoder('d', never)] }), { shutdownTimeout: 200 });
    await server.dial('/talk');
    const begun = performance.now();
    await server.container.close();
    expect(performance.now() - begun).toBeLessThan(200 + 1000 + 2000);
    expect(diary).toContain('d destroy');
    await sleep(20);
    expect(times(diary, 'd destroy')).toBe(1);
  });
});
