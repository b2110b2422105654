/** Deployments that fail, defaults that change, options that are none. [DEP-2, D-30, D-36, CON-1 to CON-5] */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  type ContainerOptions,
  DeploymentException,
  IllegalArgumentException,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  Session,
  serve,
} from 'margay';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

@ServerEndpoint('/fine')
class Fine {}

@ServerEndpoint('no slash')
class Crooked {}

class Plain {}

describe('[DEP-2, D-30] a failure before the start', () => {
  it('withdraws what was deployed, and everything later is refused', async () => {
    const container = new ServerContainer();
    await container.addEndpoint(Fine);
    expect(container.endpoints).toHaveLength(1);
    const failure = await container.addEndpoint(Crooked).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeploymentException);
    expect(failure).toMatchObject({ code: 'MARGAY_PATH' });
    expect(container.endpoints).toEqual([]);
    await expect(container.addEndpoint(Fine)).rejects.toMatchObject({ name: 'DeploymentException', code: 'MARGAY_DEPLOYMENT' });
    await expect(container.addEndpoint(Fine)).rejects.toThrow(/start a new container/);
    await expect(container.listen({ port: 0 })).rejects.toBe(failure); // the same
    expect(container.url).toBe('');
    await container.close();
  });

  it.each([[Plain], [null], [undefined], [{}], ['Fine'], [() => {}]])('%p is no endpoint', async (type) => {
    await expect(new ServerContainer().addEndpoint(type as unknown as Class)).rejects.toMatchObject({
      name: 'DeploymentException',
      code: 'MARGAY_NOT_ENDPOINT',
    });
  });

  it('tells every problem of a class at once', async () => {
    @ServerEndpoint('/a//b')
    class Wrong {
      @OnMessage
      text(_a: string, _b: string): void {}
    }
    const failure: DeploymentException = await new ServerContainer().addEndpoint(Wrong).then(
      () => null as never,
      (error) => error,
    );
    expect(failure).toMatchObject({ code: 'MARGAY_DEPLOYMENT' });
    expect(failure.problems.map(({ code }) => code).sort()).toEqual(['MARGAY_PATH', 'MARGAY_PAYLOAD']);
    for (const { message } of failure.problems) expect(failure.message).toContain(message);
    expect(failure.message.split('\n')).toHaveLength(2);
  });

  it('serve() collects over all classes, and does not listen', async () => {
    const failure: DeploymentException = await serve({ endpoints: [Fine, Crooked, Plain], port: 0 }).then(
      () => null as never,
      (error) => error,
    );
    expect(failure).toBeInstanceOf(DeploymentException);
    expect(failure.problems.map(({ code }) => code)).toEqual(['MARGAY_PATH', 'MARGAY_NOT_ENDPOINT']);
  });

  it('[URI-5] two classes of one path: both are named', async () => {
    @ServerEndpoint('/a/{x}')
    class One {}
    @ServerEndpoint('/a/{y}')
    class Two {}
    await expect(serve({ endpoints: [One, Two], port: 0 })).rejects.toMatchObject({
      code: 'MARGAY_PATH_TAKEN',
      message: expect.stringMatching(/One.*Two|Two.*One/),
    });
  });
});

describe('[DEP-2] a failure after the start', () => {
  it('rejects, and leaves the rest running', async () => {
    const started = await start(Fine);
    await expect(started.container.addEndpoint(Crooked)).rejects.toMatchObject({ code: 'MARGAY_PATH' });
    await expect(started.container.addEndpoint(Fine)).rejects.toMatchObject({ code: 'MARGAY_PATH_TAKEN' });
    expect((await ask(started, { target: '/fine' })).status).toBe(101);
    @ServerEndpoint('/later')
    class Later {}
    await started.container.addEndpoint(Later);
    expect((await ask(started, { target: '/later' })).status).toBe(101);
  });

  it('a start that failed for the port counts: what fails later withdraws nothing', async () => {
    const taken = await start(Fine);
    const container = new ServerContainer();
    await container.addEndpoint(Fine);
    await expect(container.listen({ port: taken.port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'MARGAY_LISTEN' });
    await expect(container.addEndpoint(Crooked)).rejects.toMatchObject({ code: 'MARGAY_PATH' });
    expect(container.endpoints).toHaveLength(1);
    await container.close();
  });
});

describe('defaults', () => {
  it('[CON-1, CON-2, CON-3, CON-4] are these', () => {
    const container = new ServerContainer();
    expect(container.getDefaultAsyncSendTimeout()).toBe(-1);
    expect(container.getDefaultMaxSessionIdleTimeout()).toBe(0);
    expect(container.getDefaultMaxTextMessageBufferSize()).toBe(1_048_576);
    expect(container.getDefaultMaxBinaryMessageBufferSize()).toBe(1_048_576);
    expect(container.getInstalledExtensions().size).toBe(0);
  });

  it('[CON-1 to CON-4] come from the options where they are given', () => {
    const container = new ServerContainer({
      asyncSendTimeout: 1,
      maxIdleTimeout: 2,
      maxTextMessageBufferSize: 3,
      maxBinaryMessageBufferSize: 4,
      perMessageDeflate: true,
    });
    expect(container.getDefaultAsyncSendTimeout()).toBe(1);
    expect(container.getDefaultMaxSessionIdleTimeout()).toBe(2);
    expect(container.getDefaultMaxTextMessageBufferSize()).toBe(3);
    expect(container.getDefaultMaxBinaryMessageBufferSize()).toBe(4);
    expect([...container.getInstalledExtensions()].map((each) => [each.getName(), each.getParameters()])).toEqual([
      ['permessage-deflate', []],
    ]);
  });

  it('[CON-4] the installed extensions cannot be changed', () => {
    const installed = new ServerContainer({ perMessageDeflate: true }).getInstalledExtensions() as Set<unknown>;
    expect(() => installed.clear()).toThrow();
    expect(() => installed.add({})).toThrow();
    expect(installed.size).toBe(1);
  });

  it('[CON-5] a change holds for sessions made later, and for those alone', async () => {
    const seen: number[][] = [];
    const look = (session: Session): number[] => [
      session.getAsyncRemote().getSendTimeout(),
      session.getMaxIdleTimeout(),
      session.getMaxTextMessageBufferSize(),
      session.getMaxBinaryMessageBufferSize(),
    ];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(look(session));
      }
      @OnMessage
      text(_message: string, session: Session): void {
        seen.push(look(session));
      }
    }
    const started = await start(Talk);
    const before = await RawPeer.open(started, '/talk');
    const { container } = started;
    container.setAsyncSendTimeout(7);
    container.setDefaultMaxSessionIdleTimeout(70_000);
    container.setDefaultMaxTextMessageBufferSize(700);
    container.setDefaultMaxBinaryMessageBufferSize(7000);
    expect([container.getDefaultAsyncSendTimeout(), container.getDefaultMaxSessionIdleTimeout()]).toEqual([7, 70_000]);
    expect([container.getDefaultMaxTextMessageBufferSize(), container.getDefaultMaxBinaryMessageBufferSize()]).toEqual([700, 7000]);
    before.text('look');
    await eventually(() => expect(seen).toHaveLength(2));
    await RawPeer.open(started, '/talk');
    await eventually(() => expect(seen).toHaveLength(3));
    const old = [-1, 0, 1_048_576, 1_048_576];
    expect(seen).toEqual([old, old, [7, 70_000, 700, 7000]]);
  });

  it("[D-36] an endpoint's own value stands before the container's, changed or not", async () => {
    const seen: number[] = [];
    @ServerEndpoint({ value: '/talk', maxTextMessageBufferSize: 5, maxIdleTimeout: 60_000 })
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(session.getMaxTextMessageBufferSize(), session.getMaxIdleTimeout());
      }
    }
    const started = await start(Talk, { maxTextMessageBufferSize: 50 });
    started.container.setDefaultMaxSessionIdleTimeout(1);
    await RawPeer.open(started, '/talk');
    await eventually(() => expect(seen).toEqual([5, 60_000]));
  });

  it.each([
    ['setAsyncSendTimeout', 'soon'],
    ['setAsyncSendTimeout', Number.NaN],
    ['setDefaultMaxSessionIdleTimeout', null],
    ['setDefaultMaxTextMessageBufferSize', -1],
    ['setDefaultMaxTextMessageBufferSize', 1.5],
    ['setDefaultMaxBinaryMessageBufferSize', '8192'],
  ] as const)('%s(%p) is IAE ARGUMENT', (setter, value) => {
    const container = new ServerContainer();
    const set = () => (container[setter] as (value: unknown) => void)(value);
    expect(set).toThrow(IllegalArgumentException);
    expect(set).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
  });
});

describe('options', () => {
  const WRONG: readonly (readonly [options: object, words: RegExp])[] = [
    [{ alowedOrigins: [] }, /unknown option "alowedOrigins"; did you mean "allowedOrigins"\?/],
    [{ contextpath: '/x' }, /unknown option "contextpath"; did you mean "contextPath"\?/],
    [{ __proto__: null, constructor: 1 }, /unknown option "constructor"/],
    [{ port: 1 }, /port is an option of serve\(\); give it to listen\(options\)/],
    [{ endpoints: [] }, /endpoints is an option of serve\(\); give it to addEndpoint\(endpoint\)/],
    [{ contextPath: 'app' }, /contextPath "app" \w/],
    [{ contextPath: '/app/' }, /contextPath "\/app\/"/],
    [{ contextPath: '/{x}' }, /contextPath/],
    [{ allowedOrigins: 'http://a.example' }, /allowedOrigins "http:\/\/a\.example"/],
    [{ allowedOrigins: ['a.example'] }, /allowedOrigins.*a\.example/],
    [{ allowedOrigins: ['http://a.example/'] }, /allowedOrigins.*no slash/],
    [{ trustProxy: 'yes' }, /trustProxy/],
    [{ trustProxy: ['proxy.example'] }, /trustProxy.*proxy\.example/],
    [{ closeTimeout: 0 }, /closeTimeout 0/],
    [{ hookTimeout: '10' }, /hookTimeout "10"/],
    [{ maxIdleTimeout: Number.NaN }, /maxIdleTimeout NaN/],
    [{ maxTextMessageBufferSize: -1 }, /maxTextMessageBufferSize -1/],
    [{ perMessageDeflate: 1 }, /perMessageDeflate/],
    [{ perMessageDeflate: { serverMaxWindowBits: 8 } }, /serverMaxWindowBits 8/],
    [{ perMessageDeflate: { serverMaxWindowBit: 9 } }, /did you mean "serverMaxWindowBits"\?/],
    [{ backlog: { events: 0 } }, /events 0/],
    [{ strict: 'yes' }, /strict "yes"/],
    [{ logger: {} }, /logger/],
    [{ transport: {} }, /transport/],
  ];

  it.each(WRONG)('%j is IAE OPTION, thrown at once', (options, words) => {
    const make = () => new ServerContainer(options as ContainerOptions);
    expect(make).toThrow(IllegalArgumentException);
    expect(make).toThrow(expect.objectContaining({ code: 'MARGAY_OPTION' }));
    expect(make).toThrow(words);
  });

  it.each([[null], ['x'], [1]])('options %p are none', (options) => {
    expect(() => new ServerContainer(options as never)).toThrow(expect.objectContaining({ code: 'MARGAY_OPTION' }));
  });

  it('undefined counts as left out', () => {
    const all: ContainerOptions = { contextPath: undefined, allowedOrigins: undefined, closeTimeout: undefined, logger: undefined };
    expect(() => new ServerContainer(all)).not.toThrow();
  });

  it.each([
    [{ endpoint: [] }, /did you mean "endpoints"\?/],
    [{ endpoints: Fine }, /endpoints/],
    [{ port: -1 }, /port -1/],
    [{ port: 65_536 }, /port 65536/],
    [{ port: '8080' }, /port "8080"/],
    [{ host: '' }, /host/],
    [{ tls: true }, /tls/],
    [{ server: {} }, /server/],
  ])('serve(%j) rejects with IAE OPTION', async (options, words) => {
    const failure = await serve(options as never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(IllegalArgumentException);
    expect(failure).toMatchObject({ code: 'MARGAY_OPTION', message: expect.stringMatching(words) });
  });

  it.each(['port', 'host', 'tls'])('serve({ server, %s }) is refused', async (key) => {
    const { createServer } = await import('node:http');
    const value = { port: 0, host: 'localhost', tls: { cert: '', key: '' } }[key];
    await expect(serve({ server: createServer(), [key]: value })).rejects.toMatchObject({ code: 'MARGAY_OPTION' });
  });

  it('listen() refuses what is none of its own', async () => {
    const container = new ServerContainer();
    await expect(container.listen({ prot: 0 } as never)).rejects.toMatchObject({
      code: 'MARGAY_OPTION',
      message: expect.stringMatching(/did you mean "port"\?/),
    });
    await container.close();
  });

  it.each([
    [{ alowedOrigins: '*' }, /did you mean "allowedOrigins"\?/],
    [{ closeTimeout: -1 }, /closeTimeout -1/],
    [{ contextPath: '/x' }, /unknown option "contextPath"/], // the container's alone
  ])('[D-36] @ServerEndpoint with %j is a DE', async (extra, words) => {
    @ServerEndpoint({ value: '/talk', ...extra } as { value: string })
    class Talk {}
    const failure = await new ServerContainer().addEndpoint(Talk).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeploymentException);
    expect((failure as Error).message).toMatch(words);
    expect((failure as Error).message).toContain('Talk');
  });

  it('[DEP-1] a certificate that is none is told as what it is', async () => {
    const container = new ServerContainer();
    const failure = await container.listen({ port: 0, tls: { cert: 'none', key: 'none' } }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'IOException', code: 'MARGAY_LISTEN' });
    expect((failure as Error).message).toContain('tls cannot be used');
  });
});
