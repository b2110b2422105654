/** connectToServer: its arguments, when its promise settles, and what a failing @OnOpen brings about. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import {
  ClientEndpoint,
  ClientEndpointConfig,
  CloseReason,
  ContainerProvider,
  DeploymentException,
  Endpoint,
  OnClose,
  OnError,
  OnOpen,
  ServerContainer,
  Session,
} from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { ownProcess } from '../support/own-process.js';
import { RawEnd } from '../support/raw-end.js';

const container = ContainerProvider.getWebSocketContainer();
type Connect = (...all: readonly unknown[]) => Promise<Session>;
const connect: Connect = (...all) => (container.connectToServer as unknown as Connect).call(container, ...all);

@ClientEndpoint
class Talk {
  @OnOpen open(_session: Session): void {}
}
class Ep extends Endpoint {
  onOpen(_session: Session): void {}
}
const config = ClientEndpointConfig.Builder.create().build();

describe('the four forms', () => {
  it('[CON-6, CLI-1] class or object, annotated or programmatic, with a URL or its text, with options or without', async () => {
    const { url } = await RawEnd.listen();
    const foreign = runInNewContext('class URL { constructor(u) { Object.assign(this, u) } }; new URL(it)', {
      it: { href: url, protocol: 'ws:' },
    });
    const forms: readonly (readonly unknown[])[] = [
      [Talk, url],
      [new Talk(), new URL(url)],
      [new Talk(), foreign],
      [Talk, url, { timeout: 1000 }],
      [Talk, url, undefined],
      [Ep, config, url],
      [Ep, null, new URL(url), { timeout: 1000 }],
      [new Ep(), config, foreign, {}],
      [new Ep(), undefined, url],
    ];
    for (const form of forms) {
      const session = await connect(...form);
      expect(session).toBeInstanceOf(Session);
      expect([session.isOpen(), session.getRequestURI().href]).toEqual([true, url]);
    }
  });
});

describe('the URI', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['null', null, 'give a URL'],
    ['undefined', undefined, 'give a URL'],
    ['a number', 8080, 'give a URL'],
    ['an object', {}, 'give a URL'],
    ['no URI', 'ws//localhost', 'is no URI'],
    ['the empty text', '', 'is no URI'],
    ['a path', '/talk', 'is no URI'],
    ['no host', 'ws://', 'is no URI'],
    ['http', 'http://localhost/', 'use ws and a host'],
    ['https', new URL('https://localhost/'), 'use wss and a host'],
    ['ftp', 'ftp://localhost/', 'use ws and a host'],
    ['a fragment', 'ws://localhost/#a', 'fragment'],
    ['an empty fragment', 'ws://localhost/#', 'fragment'],
    ['a URL with a fragment', new URL('ws://localhost/#a'), 'fragment'],
    ['a user', 'ws://ann@localhost/', 'the option auth'],
    ['a password', 'ws://:secret@localhost/', 'the option auth'],
    ['a port that is none', 'ws://localhost:70000/', 'is no URI'],
  ];

  it.each(rows)('[CLI-3] %s, in both forms', async (_what, uri, words) => {
    for (const form of [
      [Talk, uri],
      [new Ep(), null, uri],
    ]) {
      const error = await connect(...form).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DeploymentException);
      expect(error).toMatchObject({ code: 'MARGAY_URI', message: expect.stringContaining(words) });
      expect(String(error)).not.toContain('secret');
    }
  });

  it('[CLI-3] a configuration alone is no URI', async () => {
    await expect(connect(new Ep(), config)).rejects.toMatchObject({ code: 'MARGAY_URI' });
  });

  it('[CLI-1] options that are none are thrown at once, before anything happens', () => {
    for (const options of [{ timeout: 0 }, { timout: 5 }, 'fast', 5]) {
      expect(() => connect(Talk, 'ws://localhost/', options)).toThrow(expect.objectContaining({ code: 'MARGAY_OPTION' }));
      expect(() => connect(Ep, null, 'ws://localhost/', options)).toThrow(expect.objectContaining({ code: 'MARGAY_OPTION' }));
    }
  });
});

describe('@OnOpen', () => {
  /** Both styles, with the same callbacks. */
  function endpoints(opening: (session: Session) => unknown) {
    const lines: string[] = [];
    const say = (reason: CloseReason) => lines.push(`close ${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`);
    @ClientEndpoint
    class Annotated {
      @OnOpen open(session: Session): unknown {
        return opening(session);
      }
      @OnError error(error: Error): void {
        lines.push(`error ${error.message}`);
      }
      @OnClose close(reason: CloseReason): void {
        say(reason);
      }
    }
    class Programmatic extends Endpoint {
      async onOpen(session: Session): Promise<void> {
        await opening(session);
      }
      override onError(_session: Session, error: Error): void {
        lines.push(`error ${error.message}`);
      }
      override onClose(_session: Session, reason: CloseReason): void {
        say(reason);
      }
    }
    return { lines, forms: (url: string) => [[new Annotated(), url] as const, [new Programmatic(), null, url] as const] };
  }

  it('[CLI-1] the promise waits for it', async () => {
    const ends = await RawEnd.listen();
    for (const i of [0, 1]) {
      const opening = gate();
      const { forms } = endpoints(() => opening.promise);
      let settled = false;
      const session = connect(...(forms(ends.url)[i] as readonly unknown[])).finally(() => {
        settled = true;
      });
      await ends.next();
      await sleep(20);
      expect(settled).toBe(false);
      opening.open();
      await expect(session.then((each) => each.isOpen())).resolves.toBe(true);
    }
  });

  const failing: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new TypeError('not today');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('not today'))],
    ['rejects later', () => sleep(5).then(() => Promise.reject(new TypeError('not today')))],
  ];

  it.each(failing)(
    '[CLI-1, LIF-10, D-16] %s: @OnError first, 1011 on the wire, 1006 here, and the promise rejects',
    async (_what, opening) => {
      const { lines, forms } = endpoints((session) => {
        void session.getBasicRemote().sendText('before');
        return opening();
      });
      const ends = await RawEnd.listen();
      for (const form of forms(ends.url)) {
        lines.length = 0;
        const outcome = connect(...form).catch((error: unknown) => {
          lines.push('rejected');
          return error;
        });
        const error = (await outcome) as DeploymentException;
        expect(error).toBeInstanceOf(DeploymentException);
        expect(error).toMatchObject({
          code: 'MARGAY_ON_OPEN',
          message: expect.stringMatching(/(Annotated\.open|Programmatic\.onOpen)\(\) failed: not today/),
        });
        expect(error.cause).toBeInstanceOf(TypeError);
        const end = await ends.next();
        expect(await end.received(1)).toEqual(['before']);
        expect(await end.closeFrame()).toEqual({ code: 1011, phrase: '' });
        end.close(1011);
        end.socket.end();
        await eventually(() => expect([...lines].sort()).toEqual(['close 1006 not today', 'error not today', 'rejected']));
        expect(lines[0]).toBe('error not today');
        await end.ended();
      }
    },
  );

  it('[CLI-1, LIF-13] never settles, and the server goes: rejects after the close timeout, and @OnClose runs', async () => {
    const config = ClientEndpointConfig.Builder.create().build();
    config.getUserProperties().set('margay.closeTimeout', 50);
    const lines: string[] = [];
    class Stuck extends Endpoint {
      async onOpen(_session: Session): Promise<void> {
        await new Promise(() => {});
      }
      override onClose(_session: Session, reason: CloseReason): void {
        lines.push(`close ${reason.getCloseCode().getCode()}`);
      }
    }
    const ends = await RawEnd.listen();
    const warned: string[] = [];
    const logger = { debug() {}, info() {}, warn: ({ code }: { code: string }) => void warned.push(code), error() {} };
    const outcome = new ServerContainer({ logger }).connectToServer(Stuck, config, ends.url).catch((error: unknown) => error);
    (await ends.next()).socket.end();
    expect(await outcome).toMatchObject({ code: 'MARGAY_ON_OPEN', message: expect.stringContaining('Stuck.onOpen() has not settled') });
    await eventually(() => expect(lines).toEqual(['close 1006']));
    expect(warned).toEqual(['MARGAY_ABANDONED_CALLBACK']);
  });

  it('[CLI-1, LIF-5] settles after the server has gone: the promise resolves with a session that is over, and @OnClose follows', async () => {
    const opening = gate();
    const { lines, forms } = endpoints(() => opening.promise);
    const ends = await RawEnd.listen();
    const session = connect(...(forms(ends.url)[0] as readonly unknown[]));
    const end = await ends.next();
    end.close(1001, 'gone');
    end.socket.end();
    await sleep(20);
    expect(lines).toEqual([]);
    opening.open();
    await session;
    await eventually(() => expect(lines).toEqual(['close 1001 gone']));
  });

  it('[CLI-1, CLO-17] closes its own session: the promise resolves', async () => {
    const { lines, forms } = endpoints((session) => session.close());
    const ends = await RawEnd.listen();
    for (const form of forms(ends.url)) {
      const session = await connect(...form);
      expect(session.isOpen()).toBe(false);
      expect(await (await ends.next()).closeFrame()).toEqual({ code: 1000, phrase: '' });
    }
    await eventually(() => expect(lines).toEqual(['close 1000 ', 'close 1000 ']));
  });

  it('[LIF-11, CLI-1] who catches what the promise rejects with hears of it nowhere else', async () => {
    const { stdout, stderr } = await ownProcess(`
      import { createServer } from 'node:net';
      import { ClientEndpoint, ContainerProvider, Endpoint, registerAuthenticator } from 'margay/client.js';
      process.on('unhandledRejection', (reason) => console.log('unhandled', reason));
      process.on('uncaughtException', (error) => console.log('uncaught', error));
      const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 403 No\\r\\nContent-Length: 0\\r\\n\\r\\n'));
      await new Promise((done) => server.listen(0, '127.0.0.1', done));
      const [Talk, Ep] = [class Talk {}, class Ep extends Endpoint { onOpen() {} }];
      ClientEndpoint(Talk);
      const url = 'ws://127.0.0.1:' + server.address().port + '/';
      const container = ContainerProvider.getWebSocketContainer();
      const failing = [[Talk, url], [Ep, null, url], [Talk, 'ws://127.0.0.1:1/'], [Talk, 'http://x/'], [class {}, url]];
      for (const form of failing) container.connectToServer(...form).catch((error) => console.log(error.code));
      setTimeout(() => server.close(), 300);
    `);
    expect(stderr).toBe('');
    const expected = ['MARGAY_CONNECT', 'MARGAY_HANDSHAKE', 'MARGAY_HANDSHAKE', 'MARGAY_NOT_ENDPOINT', 'MARGAY_URI'];
    expect(stdout.trim().split('\n').sort()).toEqual(expected);
  });

  it('[LIF-11, CLI-1] nor when @OnOpen fails, and the server has gone meanwhile', async () => {
    const { stdout } = await ownProcess(`
      import { ContainerProvider, Endpoint, ServerContainer, ServerEndpoint } from 'margay/index.js';
      process.on('unhandledRejection', (reason) => console.log('unhandled', reason));
      process.on('uncaughtException', (error) => console.log('uncaught', error));
      const Echo = class Echo {};
      ServerEndpoint('/echo')(Echo);
      const container = new ServerContainer({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
      await container.addEndpoint(Echo);
      const { port } = await container.listen({ port: 0, host: '127.0.0.1' });
      let begun = 0;
      for (const wait of [0, 0, 50, 50]) {
        class Ep extends Endpoint {
          async onOpen(session) {
            if (++begun === 4) container.close();
            if (wait > 0) await new Promise((done) => setTimeout(done, wait));
            throw new Error('not today');
          }
        }
        container.connectToServer(Ep, null, 'ws://127.0.0.1:' + port + '/echo').catch((error) => console.log(error.code));
      }
    `);
    expect(stdout).toBe('MARGAY_ON_OPEN\n'.repeat(4));
  });
});
