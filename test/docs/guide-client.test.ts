/** The examples of docs/guide/client.md, run as they stand there. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  type ContainerOptions,
  OnMessage,
  OnOpen,
  type Principal,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { cert, key } from '../support/localhost-certificate.js';
import { Peer } from '../support/peer.js';
import { rawServer } from '../support/raw-server.js';
import { start } from '../support/start.js';

let container: ServerContainer | undefined;
let printed: unknown[][];

function listen(): void {
  printed = [];
  jest.spyOn(console, 'log').mockImplementation((...line) => void printed.push(line));
}

afterEach(async () => {
  await container?.close();
  container = undefined;
  jest.restoreAllMocks();
});

describe('the guide for clients', () => {
  it('[CON-6] a first connect: a class speaks, and is spoken to', async () => {
    listen();
    @ServerEndpoint({ value: '/ticks', subprotocols: ['ticks.v1', 'ticks.v2'] })
    class Ticks {
      @OnMessage
      async text(session: Session, text: string): Promise<void> {
        for (const price of [1.5, 2]) await session.getBasicRemote().sendText(`${price}`);
        if (text === 'subscribe') await session.close();
      }
    }
    const server = await start(Ticks);
    const { watch } = await import('./examples/guide-client-1.js');
    const { ticker, session } = await watch(server.url('/ticks'));
    await eventually(() => expect(printed).toEqual([['ticks.v2 is spoken'], ['CloseReason[1000]']]));
    expect([ticker.prices, session.isOpen()]).toEqual([[1.5, 2], false]);
  });

  it('[CLI-8] handlers in onOpen: none of what comes at once is missed', async () => {
    @ServerEndpoint({ value: '/greeting', subprotocols: ['greeting'], perMessageDeflate: true })
    class Greeting {
      @OnOpen
      async open(session: Session): Promise<void> {
        for (const greeting of ['hello', 'and welcome']) await session.getBasicRemote().sendText(greeting);
      }
    }
    const server = await start(Greeting);
    const { greetings } = await import('./examples/guide-client-2.js');
    const { greeted, session } = await greetings(server.url('/greeting'));
    await eventually(() => expect(greeted.greetings).toEqual(['hello', 'and welcome']));
    expect(session.getNegotiatedSubprotocol()).toBe('greeting');
    expect(session.getNegotiatedExtensions().map((each) => each.getName())).toEqual(['permessage-deflate']);
    expect([session.getMaxTextMessageBufferSize(), session.getMaxIdleTimeout()]).toEqual([65_536, 60_000]);
    await session.close();
  });

  it('[CLI-7] TLS: a certificate is trusted that the option names, and no other', async () => {
    listen();
    @ServerEndpoint('/news')
    class News {
      @OnOpen
      open(session: Session): Promise<void> {
        return session.getBasicRemote().sendText('news');
      }
    }
    const server = await start(News, { tls: { cert, key } });
    const { securely } = await import('./examples/guide-client-3.js');
    const url = `wss://localhost:${server.port}/news`;
    const session = await securely(url, cert);
    await eventually(() => expect(printed).toEqual([['news']]));
    expect(session.isSecure()).toBe(true);
    await session.close();
    await expect(securely(url, '')).rejects.toMatchObject({ code: 'MARGAY_CONNECT' });
  });

  it('[CLI-5, CLI-11] who you are: another scheme, a header, and a look at the answers', async () => {
    const cookies: (string | undefined)[] = [];
    const said: string[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override modifyHandshake(...[, , response]: Parameters<ServerEndpointConfig.Configurator['modifyHandshake']>): void {
        response.getHeaders().set('X-Served-By', ['one']);
      }
    }
    @ServerEndpoint({ value: '/members', rolesAllowed: ['*'], configurator: Hooks })
    class Members {
      @OnMessage
      text(text: string, session: Session): void {
        said.push(`${session.getUserPrincipal()?.name}: ${text}`);
      }
    }
    const authenticate: ContainerOptions['authenticate'] = ({ headers }): Principal | null => {
      cookies.push(headers.cookie);
      return headers.authorization === 'Bearer ann-token' ? { name: 'ann' } : null;
    };
    const server = await start(Members, { authenticate });
    const { served, visit } = await import('./examples/guide-client-4.js');
    const session = await visit(server.url('/members'));
    await eventually(() => expect(said).toEqual(['ann: here I am']));
    expect([cookies, served]).toEqual([['theme=dark', 'theme=dark'], ['one']]);
    await session.close();
  });

  it('[D-21] when it fails: the reason, the status, a header, or the error of node', async () => {
    @ServerEndpoint('/here')
    class Here {}
    const server = await start(Here);
    const { attempt } = await import('./examples/guide-client-5.js');
    expect(await attempt(server.url('/here'))).toBe('open');
    expect(await attempt(server.url('/elsewhere'))).toBe('MARGAY_HANDSHAKE: 404');
    const busy = await rawServer((socket) => {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
    expect(await attempt(`ws://127.0.0.1:${busy.port}/`)).toBe('again in 5 s');
    const { port } = server;
    await server.container.close();
    expect(await attempt(`ws://127.0.0.1:${port}/here`)).toBe('MARGAY_CONNECT: ECONNREFUSED');
  });

  it('[CON-8] servers that are clients: what another server says is passed on', async () => {
    const example = (await import('./examples/guide-client-6.js')) as unknown as { readonly container: ServerContainer };
    container = example.container;
    const peer = await Peer.open(`${container.url.replace('http', 'ws')}/front`);
    peer.send('hello');
    expect(await peer.next()).toBe('it says HELLO');
    expect(container.statistics().open).toBe(3);
    await peer.close();
    await eventually(() => expect(container?.statistics().open).toBe(0));
  });
});
