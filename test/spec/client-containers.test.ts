/** The containers that clients connect with: where they come from, their defaults, and their end. */
import { describe, expect, it } from '@jest/globals';
import {
  ClientEndpoint,
  ClientEndpointConfig,
  CloseReason,
  ContainerProvider,
  Decoder,
  Endpoint,
  OnClose,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  Session,
  type WebSocketContainer,
} from 'margay';
import type { Frame } from 'margay/spi';
import { eventually, gate } from '../support/eventually.js';
import { ownProcess } from '../support/own-process.js';
import { RawEnd } from '../support/raw-end.js';
import { rawServer } from '../support/raw-server.js';
import { start } from '../support/start.js';

@ServerEndpoint('/echo')
class Echo {
  @OnMessage text(message: string): string {
    return message;
  }
}

@ClientEndpoint
class Talk {
  readonly lines: string[] = [];

  @OnOpen open(_session: Session): void {}

  @OnClose close(reason: CloseReason): void {
    this.lines.push(`close ${reason.getCloseCode().getCode()}`);
  }
}

describe('ContainerProvider', () => {
  it('[CON-7] the built-in one makes a new container on every call: they share neither defaults nor sessions', async () => {
    const [one, other] = [ContainerProvider.getWebSocketContainer(), ContainerProvider.getWebSocketContainer()];
    expect(one).not.toBe(other);
    one.setDefaultMaxSessionIdleTimeout(77_000);
    expect(other.getDefaultMaxSessionIdleTimeout()).toBe(0);
    const { url } = await start(Echo);
    const session = await one.connectToServer(Talk, url('/echo'));
    expect(session.getContainer()).toBe(one);
  });

  it('[CON-7] registered ones are asked in their order, each once; null passes, the built-in one is last', async () => {
    const { stdout: said } = await ownProcess(`
      import { ContainerProvider } from 'margay/client.js';
      const asked = [];
      class Provider extends ContainerProvider {
        constructor(name, container) { super(); this.name = name; this.container = container; }
        getContainer() { asked.push(this.name); return this.container; }
      }
      const [none, mine, later] = [new Provider('none', null), new Provider('mine', { mine: true }), new Provider('later', {})];
      ContainerProvider.register(none);
      ContainerProvider.register(none);
      const builtIn = ContainerProvider.getWebSocketContainer();
      ContainerProvider.register(mine);
      ContainerProvider.register(later);
      const given = ContainerProvider.getWebSocketContainer();
      console.log(JSON.stringify([typeof builtIn.connectToServer, given === mine.container, asked]));
    `);
    expect(JSON.parse(said)).toEqual(['function', true, ['none', 'none', 'mine']]);
  });

  it('[CON-7] without a door there is none: IllegalStateException MARGAY_NO_PROVIDER', async () => {
    const { stdout: said } = await ownProcess(`
      import { ContainerProvider } from 'margay/api/container-provider.js';
      try { ContainerProvider.getWebSocketContainer(); } catch (error) { console.log(error.name, error.code, error.message); }
    `);
    expect(said).toMatch(/^IllegalStateException MARGAY_NO_PROVIDER .*import margay\/client/);
  });
});

describe('defaults', () => {
  const containers: readonly (readonly [string, () => WebSocketContainer])[] = [
    ['a client container', () => ContainerProvider.getWebSocketContainer()],
    ['a server container', () => new ServerContainer()],
  ];

  it.each(containers)(
    '[CON-1, CON-2, CON-3, CON-5] of %s: as the ledger says; a change holds for sessions made later',
    async (_what, make) => {
      const container = make();
      const read = () => [
        container.getDefaultAsyncSendTimeout(),
        container.getDefaultMaxSessionIdleTimeout(),
        container.getDefaultMaxTextMessageBufferSize(),
        container.getDefaultMaxBinaryMessageBufferSize(),
      ];
      const of = (session: Session) => [
        session.getAsyncRemote().getSendTimeout(),
        session.getMaxIdleTimeout(),
        session.getMaxTextMessageBufferSize(),
        session.getMaxBinaryMessageBufferSize(),
      ];
      expect(read()).toEqual([-1, 0, 1_048_576, 1_048_576]);
      const { url } = await start(Echo);
      const before = await container.connectToServer(Talk, url('/echo'));
      container.setAsyncSendTimeout(5001);
      container.setDefaultMaxSessionIdleTimeout(60_002);
      container.setDefaultMaxTextMessageBufferSize(103);
      container.setDefaultMaxBinaryMessageBufferSize(104);
      expect(read()).toEqual([5001, 60_002, 103, 104]);
      const after = await container.connectToServer(Talk, url('/echo'));
      expect(of(before)).toEqual([-1, 0, 1_048_576, 1_048_576]);
      expect(of(after)).toEqual([5001, 60_002, 103, 104]);
      expect(() => container.setDefaultMaxTextMessageBufferSize(-1)).toThrow(expect.objectContaining({ name: 'IllegalArgumentException' }));
      await Promise.all([before.close(), after.close()]);
    },
  );

  it("[CON-4] a client container has permessage-deflate installed; the set is nobody's to change", () => {
    const installed = ContainerProvider.getWebSocketContainer().getInstalledExtensions();
    expect([...installed].map((each) => [each.getName(), each.getParameters()])).toEqual([['permessage-deflate', []]]);
    expect(() => (installed as Set<unknown>).clear()).toThrow();
  });
});

describe('a ServerContainer as a client', () => {
  it('[CON-8, SES-3] connects to another, and to itself; its sessions name it, and its statistics count them', async () => {
    const { container, url } = await start(Echo);
    const session = await container.connectToServer(Talk, url('/echo'));
    expect(session.getContainer()).toBe(container);
    await session.getBasicRemote().sendText('a');
    expect(container.statistics()).toMatchObject({ open: 2, opened: 2 });
    await session.close();
    await eventually(() => expect(container.statistics()).toMatchObject({ open: 0, messagesSent: 2, messagesReceived: 2 }));
    expect(container.statistics().closed.get(1000)).toBe(2);
  });

  it('[CON-8, D-32, CLO-14] close() closes its client sessions with 1001', async () => {
    const container = new ServerContainer({ shutdownTimeout: 1000 });
    const ends = await RawEnd.listen();
    const talk = new Talk();
    await container.connectToServer(talk, ends.url);
    const closed = container.close();
    const end = await ends.next();
    expect((await end.closeFrame()).code).toBe(1001);
    end.close(1001);
    end.socket.end();
    await closed;
    expect(talk.lines).toEqual(['close 1001']);
    expect(() => container.connectToServer(talk, ends.url)).toThrow(
      expect.objectContaining({ name: 'IllegalStateException', message: expect.stringContaining('connectToServer() after close()') }),
    );
  });

  /** Begins, and that is all. */
  const never = (begun: () => void) => {
    begun();
    return new Promise<void>(() => {});
  };
  const hooks = (hook: 'beforeRequest' | 'afterResponse', wait: () => Promise<void>) =>
    ClientEndpointConfig.Builder.create()
      .configurator(Object.assign(new ClientEndpointConfig.Configurator(), { [hook]: wait }))
      .build();

  it.each<[string, (reached: () => void) => ClientEndpointConfig | null]>([
    ['a server that says nothing', () => null],
    ['a beforeRequest that never settles', (reached) => hooks('beforeRequest', () => never(reached))],
    ['an afterResponse that never settles', (reached) => hooks('afterResponse', () => never(reached))],
    ['a close() in afterResponse', (reached) => hooks('afterResponse', async () => reached())],
    [
      'a coder whose init never settles',
      (reached) => {
        class Word {}
        class Slow extends Decoder.Text(Word) {
          override init(): Promise<void> {
            return never(reached);
          }
          decode(): Word {
            return new Word();
          }
        }
        return ClientEndpointConfig.Builder.create().decoders([Slow]).build();
      },
    ],
  ])('[CON-8, CLI-1] close() gives up what waits for %s', async (what, configure) => {
    const container = new ServerContainer({ shutdownTimeout: 500 });
    const reached = gate();
    const isSilent = what === 'a server that says nothing';
    const silent = await rawServer(() => reached.open());
    const ends = await RawEnd.listen();
    let opened = 0;
    class Never extends Endpoint {
      onOpen(_session: Session): void {
        opened++;
      }
    }
    const config = configure(() => {
      if (what.startsWith('a close()')) void container.close();
      reached.open();
    });
    const url = isSilent ? `ws://127.0.0.1:${silent.port}/` : ends.url;
    const outcome = container.connectToServer(new Never(), config, url).catch((error: unknown) => error);
    await reached.promise;
    await container.close();
    expect(await outcome).toMatchObject({ code: 'MARGAY_CONNECT', message: expect.stringContaining('the container was closed') });
    await eventually(() =>
      expect([...silent.sockets, ...ends.sockets].every((socket) => socket.destroyed || socket.readableEnded)).toBe(true),
    );
    expect(opened).toBe(0);
  });

  it('[CON-8, EXT-16] close() in afterResponse: an extension that has been made by then is closed', async () => {
    const lives: string[] = [];
    const transformation = { rsv: [], parameters: [], inbound: (frame: Frame) => frame, outbound: (frame: Frame) => frame };
    const build = () => {
      lives.push('build');
      return { ...transformation, close: () => void lives.push('close') };
    };
    const container = new ServerContainer({ extensions: [{ name: 'x', build }] });
    const ends = await RawEnd.listen({ lines: ['Sec-WebSocket-Extensions: x'] });
    const configurator = Object.assign(new ClientEndpointConfig.Configurator(), { afterResponse: () => void container.close() });
    const extensions = [{ getName: () => 'x', getParameters: () => [] }];
    const config = ClientEndpointConfig.Builder.create().configurator(configurator).extensions(extensions).build();
    class Never extends Endpoint {
      onOpen(_session: Session): void {}
    }
    await expect(container.connectToServer(Never, config, ends.url)).rejects.toMatchObject({ code: 'MARGAY_CONNECT' });
    await eventually(() => expect(lives).toEqual(['build', 'close']));
  });

  it('[DEP-10] the instance manager makes classes and coders, and gets them back; objects it leaves alone', async () => {
    class Word {}
    class WordDecoder extends Decoder.Text(Word) {
      decode(): Word {
        return new Word();
      }
    }
    @ClientEndpoint({ decoders: [WordDecoder] })
    class Managed {
      readonly name: string;

      constructor(name: string) {
        this.name = name;
      }

      @OnMessage word(_word: Word): void {}
    }
    const log: string[] = [];
    const nameOf = (each: object) => `${each.constructor.name} ${(each as Managed).name ?? ''}`.trim();
    const container = new ServerContainer({
      instanceManager: {
        create<T extends object>(type: new () => T): T {
          const made = new (type as new (name: string) => T)('made');
          log.push(`create ${nameOf(made)}`);
          return made;
        },
        inject: (object) => void log.push(`inject ${nameOf(object)}`),
        destroy: (object) => void log.push(`destroy ${nameOf(object)}`),
      },
    });
    const ends = await RawEnd.listen();
    for (const [endpoint, lines] of [
      [Managed, 4],
      [new Managed('mine'), 6],
    ] as const) {
      const session = await container.connectToServer(endpoint, ends.url);
      const end = await ends.next();
      const closing = session.close();
      await end.closeFrame();
      end.close(1000);
      end.socket.end();
      await closing;
      await eventually(() => expect(log).toHaveLength(lines));
    }
    expect(log.slice(0, 2)).toEqual(['create WordDecoder', 'create Managed made']);
    expect(log.slice(2, 4).sort()).toEqual(['destroy Managed made', 'destroy WordDecoder']);
    expect(log.slice(4)).toEqual(['create WordDecoder', 'destroy WordDecoder']);
  });

  it('[CLI-1] a hundred connects at once, and as many that come back: all open, and node warns of nothing', async () => {
    const { stdout, stderr } = await ownProcess(`
      import { ClientEndpoint, ServerContainer, ServerEndpoint } from 'margay/index.js';
      const [Talk, Echo] = [class Talk {}, class Echo {}];
      ClientEndpoint(Talk);
      ServerEndpoint('/echo')(Echo);
      const container = new ServerContainer();
      await container.addEndpoint(Echo);
      const { port } = await container.listen({ port: 0, host: '127.0.0.1' });
      const url = 'ws://127.0.0.1:' + port + '/echo';
      const connects = Array.from({ length: 200 }, (_, i) => container.connectToServer(Talk, url, { reconnect: i % 2 === 0 }));
      const sessions = await Promise.all(connects);
      console.log(new Set(sessions.filter((session) => session.isOpen()).map((session) => session.getId())).size);
      await container.close();
      console.log(sessions.filter((session) => session.isOpen()).length);
    `);
    expect(stderr).toBe('');
    expect(stdout).toBe('200\n0\n');
  });
});
