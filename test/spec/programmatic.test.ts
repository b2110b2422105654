/** Endpoints without decorators. [ANN-19, LIF-1, LIF-10, D-08] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  Endpoint,
  EndpointConfig,
  OnMessage,
  OnOpen,
  PongMessage,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { fail, WAYS } from '../support/failing.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { Builder } = ServerEndpointConfig;
const { text, binary } = OPCODES;

/** A configuration whose configurator gives this instance away. */
class Giving extends ServerEndpointConfig.Configurator {
  readonly #make: () => object;

  constructor(make: () => object) {
    super();
    this.#make = make;
  }

  override getEndpointInstance<T extends object>(): T {
    return this.#make() as T;
  }
}

/** A traced endpoint at /p; `open`, `message`, `error` and `close` do what the test says. */
function traced(act: { [K in 'open' | 'message' | 'error' | 'close']?: (session: Session, what?: unknown) => unknown } = {}) {
  const trace: string[] = [];
  class Traced extends Endpoint {
    async onOpen(session: Session): Promise<void> {
      session.addMessageHandler(String, (message) => {
        trace.push(message);
        return act.message?.(session, message);
      });
      session.addMessageHandler(PongMessage, () => act.message?.(session, 'pong'));
      session.addMessageHandler(Buffer, { partial: true, onMessage: (part: Buffer) => act.message?.(session, part) });
      await act.open?.(session);
    }

    override async onError(session: Session, error: Error): Promise<void> {
      trace.push(`error ${error.message}`);
      await act.error?.(session, error);
    }

    override async onClose(session: Session, reason: CloseReason): Promise<void> {
      trace.push(`close ${reason.getCloseCode().getCode()}`);
      await act.close?.(session);
    }
  }
  return { trace, config: Builder.create(Traced, '/p').build() };
}

describe('an Endpoint', () => {
  it('[ANN-19, LIF-2, HS-9] is told of its opening with the session and the configuration of the connection, of errors, and of its close', async () => {
    const seen: unknown[] = [];
    class Full extends Endpoint {
      onOpen(session: Session, config: EndpointConfig): void {
        seen.push(session, config instanceof EndpointConfig, config.getUserProperties().get('mine'), session.isOpen());
        session.addMessageHandler(String, () => {
          throw new Error('bad');
        });
      }

      override onError(session: Session, error: Error): void {
        seen.push(session, error.message);
      }

      override onClose(session: Session, reason: CloseReason): void {
        seen.push(session, `${reason}`);
      }
    }
    const config = Builder.create(Full, '/full/{id}').build();
    config.getUserProperties().set('mine', 7);
    const server = await start(config);
    expect(server.container.endpoints).toEqual([{ path: '/full/{id}', endpointClass: Full, kind: 'programmatic', scanned: false }]);
    const peer = await server.dial('/full/anna');
    peer.send('x');
    await eventually(() => expect(seen).toHaveLength(6));
    await peer.close(4001, 'bye');
    await eventually(() => expect(seen).toHaveLength(8));
    const [session] = seen as [Session];
    expect(seen).toEqual([session, true, 7, true, session, 'bad', session, 'CloseReason[4001,bye]']);
    expect(seen.filter((each) => each === session)).toHaveLength(3);
    expect(session).toBeInstanceOf(Session);
  });

  it('[ANN-19] needs onOpen alone: onClose and onError do nothing, and what nobody hears is logged', async () => {
    class Bare extends Endpoint {
      onOpen(session: Session): void {
        session.addMessageHandler(String, () => Promise.reject(new Error('unheard')));
      }
    }
    const server = await start(Builder.create(Bare, '/bare').build());
    const peer = await server.dial('/bare');
    peer.send('x');
    await eventually(() => expect(server.log.filter(({ level }) => level === 'error')).toHaveLength(1));
    const [line] = server.log.filter(({ level }) => level === 'error');
    expect(line).toMatchObject({ code: 'MARGAY_UNHANDLED_ERROR', endpoint: 'Bare', err: { message: 'unheard' } });
    expect((await peer.close(1000)).code).toBe(1000);
  });

  it('[ANN-19] does not heed decorators on its methods', async () => {
    const trace: string[] = [];
    class Decorated extends Endpoint {
      @OnOpen onOpen(session: Session): void {
        trace.push(`open ${session.getMessageHandlers().size}`);
      }

      @OnMessage text(message: string): string {
        trace.push(message);
        return message;
      }
    }
    const peer = await RawPeer.open(await start(Builder.create(Decorated, '/decorated').build()), '/decorated');
    peer.text('ignored');
    peer.ping();
    await peer.ponged();
    expect(trace).toEqual(['open 0']);
    expect(peer.texts).toEqual([]);
  });

  it('[DEP-1, ANN-19] has a path from its configuration alone', async () => {
    class Pathless extends Endpoint {
      onOpen(): void {}
    }
    await expect(new ServerContainer().addEndpoint(Pathless)).rejects.toMatchObject({ code: 'MARGAY_NOT_ENDPOINT' });
  });

  it('[LIF-1] has one instance for each connection', async () => {
    const instances = new Set<Endpoint>();
    class One extends Endpoint {
      onOpen(): void {
        instances.add(this);
      }
    }
    const server = await start(Builder.create(One, '/one').build());
    await Promise.all([server.dial('/one'), server.dial('/one'), server.dial('/one')]);
    await eventually(() => expect(instances.size).toBe(3));
  });

  it('[LIF-1] may be one shared object; then callbacks of different sessions interleave on it', async () => {
    const hold = gate();
    const opened: string[] = [];
    class Shared extends Endpoint {
      async onOpen(session: Session): Promise<void> {
        opened.push(session.getId());
        await hold.promise;
      }
    }
    const shared = new Shared();
    const server = await start(
      Builder.create(Shared, '/shared')
        .configurator(new Giving(() => shared))
        .build(),
    );
    await Promise.all([server.dial('/shared'), server.dial('/shared')]);
    await eventually(() => expect(new Set(opened).size).toBe(2));
    hold.open();
  });

  it('[LIF-1] is what the configurator returns, whichever class was configured: a subclass with its own callbacks, or an Endpoint for an annotated class', async () => {
    const trace: string[] = [];
    class Base extends Endpoint {
      onOpen(session: Session): void {
        session.addMessageHandler(String, (message) => {
          throw new Error(message);
        });
      }
    }
    class Derived extends Base {
      override onError(_session: Session, error: Error): void {
        trace.push(`error ${error.message}`);
      }

      override onClose(): void {
        trace.push('close');
      }
    }
    @ServerEndpoint('/annotated')
    class Annotated {
      @OnMessage text(message: string): void {
        trace.push(`annotated ${message}`);
      }
    }
    const giving = new Giving(() => new Derived());
    const giver = (type: typeof Base | typeof Annotated, path: string) => Builder.create(type, path).configurator(giving).build();
    const server = await start([giver(Base, '/base'), giver(Annotated, '/annotated')]);
    for (const path of ['/base', '/annotated']) {
      trace.length = 0;
      const peer = await server.dial(path);
      peer.send('hello');
      await eventually(() => expect(trace).toEqual(['error hello']));
      await peer.close(1000);
      await eventually(() => expect(trace).toEqual(['error hello', 'close']));
    }
  });

  it('[LIF-1] of the configured class stays away when the configurator returns an annotated object: the mapping is that of the class', async () => {
    class Named extends Endpoint {
      onOpen(): void {
        throw new Error('never called');
      }

      @OnMessage text(message: string): string {
        return `mapped ${message}`;
      }
    }
    const instance = { text: (message: string) => `other ${message}` };
    const server = await start(
      Builder.create(Named, '/mapped')
        .configurator(new Giving(() => instance))
        .build(),
    );
    const peer = await server.dial('/mapped');
    peer.send('x');
    expect(await peer.next()).toBe('mapped x');
  });

  it('[SES-27, LIF-1] a second connection gets a session of its own', async () => {
    const { trace, config } = traced({ open: (session) => session.getUserProperties().set('n', trace.push(session.getId())) });
    const server = await start(config);
    for (let i = 1; i <= 2; i++) {
      const peer = await server.dial('/p');
      await eventually(() => expect(trace.filter((each) => !each.startsWith('close'))).toHaveLength(i));
      await peer.close(1000);
      await eventually(() => expect(trace.filter((each) => each.startsWith('close'))).toHaveLength(i));
    }
    const ids = trace.filter((each) => !each.startsWith('close'));
    expect(new Set(ids).size).toBe(2);
  });
});

describe.each(WAYS)('a callback that %s', (way) => {
  it('[LIF-10, CLO-18, D-16] onOpen: onError hears of it, 1011 behind what was sent, 1006 for onClose', async () => {
    const { trace, config } = traced({
      open: (session) => {
        void session.getBasicRemote().sendText('opening');
        return fail(way, new Error('no'));
      },
      error: (session) => session.getBasicRemote().sendText('sorry'),
    });
    const server = await start(config);
    const peer = await RawPeer.open(server, '/p', { behind: [{ opcode: text, payload: 'waits' }] });
    expect((await peer.closeFrame())?.code).toBe(1011);
    expect(peer.texts).toEqual(['opening', 'sorry']);
    await eventually(() => expect(trace).toEqual(['error no', 'close 1006']));
  });

  it('[LIF-10, D-08] a handler of whole messages, of parts or of pongs: onError hears of it, the session stays open', async () => {
    const { trace, config } = traced({ message: (_session, what) => (what === 'good' ? undefined : fail(way, new Error(String(what)))) });
    const peer = await RawPeer.open(await start(config), '/p');
    peer.send({ opcode: text, payload: 'bad' }, { opcode: OPCODES.pong }, { opcode: binary, payload: 'part' });
    peer.send({ opcode: text, payload: 'good' });
    await eventually(() => expect(trace.at(-1)).toBe('good'));
    expect(trace).toEqual(['bad', 'error bad', 'error pong', 'error part', 'good']);
  });

  it('[LIF-10] onError: it is logged and never told again, the session stays open', async () => {
    const { trace, config } = traced({
      message: (_session, what) => what === 'bad' && fail('throws', new Error('bad')),
      error: () => fail(way, new Error('worse')),
    });
    const server = await start(config);
    const peer = await RawPeer.open(server, '/p');
    peer.send({ opcode: text, payload: 'bad' }, { opcode: text, payload: 'good' });
    await eventually(() => expect(trace).toEqual(['bad', 'error bad', 'good']));
    const [line, ...more] = server.log.filter(({ level }) => level === 'error');
    expect(line).toMatchObject({ code: 'MARGAY_ERROR_HANDLER', err: { message: 'worse' }, first: { message: 'bad' } });
    expect(more).toEqual([]);
  });

  it('[LIF-10, CLO-16] onClose: onError hears of it afterwards', async () => {
    const { trace, config } = traced({ close: () => fail(way, new Error('late')) });
    const peer = await RawPeer.open(await start(config), '/p');
    peer.close(4001);
    expect((await peer.closeFrame())?.code).toBe(4001);
    await eventually(() => expect(trace).toEqual(['close 4001', 'error late']));
  });
});

describe('the order of callbacks', () => {
  it('[LIF-6, LIF-4, LIF-5] an async onOpen comes before the messages, each message before the next, onClose last', async () => {
    const [opening, first] = [gate(), gate()];
    const { trace, config } = traced({
      open: () => opening.promise,
      message: (_session, what) => (what === '1' ? first.promise.then(() => trace.push('1 done')) : undefined),
    });
    const peer = await RawPeer.open(await start(config), '/p');
    peer.send(
      { opcode: text, payload: '1' },
      { opcode: text, payload: '2' },
      { opcode: OPCODES.close, payload: '' },
      { opcode: OPCODES.ping },
    );
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(trace).toEqual([]);
    opening.open();
    await eventually(() => expect(trace).toEqual(['1']));
    first.open();
    await eventually(() => expect(trace).toEqual(['1', '1 done', '2', 'close 1005']));
  });

  it('[LIF-8] a slow added handler holds messages back, and pings are answered meanwhile', async () => {
    const hold = gate();
    const { trace, config } = traced({ message: () => hold.promise });
    const peer = await RawPeer.open(await start(config), '/p');
    peer.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' }, { opcode: OPCODES.ping, payload: 'p' });
    expect(await peer.ponged()).toEqual(['p']);
    expect(trace).toEqual(['1']);
    hold.open();
    await eventually(() => expect(trace).toEqual(['1', '2']));
  });

  it('[LIF-13] an added handler that never settles is named in the log, and does not keep onClose away for ever', async () => {
    const { trace, config } = traced({ message: () => new Promise(() => {}) });
    const server = await start(config, { stuckCallbackAfter: 50, closeTimeout: 1500, lingerTimeout: 100 });
    const peer = await RawPeer.open(server, '/p');
    peer.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' });
    const warnings = (code: string) => server.log.filter((line) => line.code === code);
    await eventually(() => expect(warnings('MARGAY_STUCK_CALLBACK')).toHaveLength(1));
    expect(warnings('MARGAY_STUCK_CALLBACK')[0]).toMatchObject({ endpoint: 'Traced', member: 'onMessage' });
    peer.reset();
    await eventually(() => expect(warnings('MARGAY_ABANDONED_CALLBACK')).toHaveLength(1));
    await eventually(() => expect(trace.at(-1)).toBe('close 1006'));
  });
});
