/** What a Session tells on a client, row by row of section 4. */
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  broadcast,
  ClientEndpoint,
  ClientEndpointConfig,
  ContainerProvider,
  Endpoint,
  type EndpointConfig,
  type MessageHandler,
  OnOpen,
  PongMessage,
  resume,
  ServerEndpoint,
  Session,
  statistics,
  suspend,
} from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { liveClient } from '../support/live-client.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawEnd } from '../support/raw-end.js';
import { start } from '../support/start.js';

const container = ContainerProvider.getWebSocketContainer();

/** The server ends it, in both directions. */
async function over(session: Session, end: RawEnd): Promise<void> {
  end.close(1000);
  end.socket.end();
  await eventually(() => expect(() => session.getContainer()).toThrow(expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' })));
}

describe('facts', () => {
  it('[SES-2, SES-3, SES-4, SES-5, SES-7, SES-8, SES-12, SES-13, PP-6] of a plain connection', async () => {
    const { container: own, session } = await liveClient();
    const other = await liveClient();
    expect(session.getId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(session.getId()).toBe(session.getId());
    expect(other.session.getId()).not.toBe(session.getId());
    expect(session.getContainer()).toBe(own);
    expect(session.getProtocolVersion()).toBe('13');
    expect([session.isOpen(), session.isSecure()]).toEqual([true, false]);
    expect(session.getNegotiatedSubprotocol()).toBe('');
    expect(session.getNegotiatedExtensions()).toEqual([]);
    expect([...session.getPathParameters()]).toEqual([]);
    expect(() => (session.getPathParameters() as Map<string, string>).set('a', 'b')).toThrow();
    expect(session.getUserPrincipal()).toBeNull();
  });

  it.each<[string, string | null, Record<string, string[]>]>([
    ['/talk', null, {}],
    ['/talk?', '', {}],
    ['/talk?a=1&b=%20&a=2&c', 'a=1&b=%20&a=2&c', { a: ['1', '2'], b: [' '], c: [''] }],
    ['/%E4%BD%A0?x=a?b', 'x=a?b', { x: ['a?b'] }],
  ])('[SES-9, SES-10, SES-11] the URI that got the 101: %s', async (target, query, parameters) => {
    const ends = await RawEnd.listen();
    const uri = `ws://127.0.0.1:${ends.port}${target}`;
    @ClientEndpoint
    class Talk {}
    const session = await container.connectToServer(Talk, uri);
    expect(session.getRequestURI()).toBeInstanceOf(URL);
    expect(session.getRequestURI().href).toBe(uri);
    expect(session.getQueryString()).toBe(query);
    expect(Object.fromEntries(session.getRequestParameterMap())).toEqual(parameters);
    expect(() => (session.getRequestParameterMap() as Map<string, unknown>).clear()).toThrow();
    expect(ends.heads[0]?.split('\r\n')[0]).toBe(`GET ${target === '/talk?' ? '/talk' : target} HTTP/1.1`);
  });

  it('[SES-6, SES-9] over TLS it is secure', async () => {
    @ServerEndpoint('/talk')
    class Server {}
    @ClientEndpoint
    class Talk {}
    const { port } = await start(Server, { tls: { cert, key } });
    const session = await container.connectToServer(Talk, `wss://localhost:${port}/talk`, { sslContext: { ca: cert } });
    expect(session.isSecure()).toBe(true);
    expect(session.getRequestURI().protocol).toBe('wss:');
  });

  it('[SES-7, SES-8] subprotocol and extensions are those of the answer', async () => {
    const lines = ['Sec-WebSocket-Protocol: v1', 'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover'];
    const { session } = await liveClient({
      server: { lines },
      config: (builder) =>
        builder.preferredSubprotocols(['v2', 'v1']).extensions([{ getName: () => 'permessage-deflate', getParameters: () => [] }]),
    });
    expect(session.getNegotiatedSubprotocol()).toBe('v1');
    const extensions = session
      .getNegotiatedExtensions()
      .map((each) => [each.getName(), each.getParameters().map((p) => [p.getName(), p.getValue()])]);
    expect(extensions).toEqual([['permessage-deflate', [['server_no_context_takeover', null]]]]);
  });

  it('[GEN-6] one line says what it is; console.log dumps no socket', async () => {
    const { session, end } = await liveClient();
    expect(String(session)).toBe(`Session[${session.getId()}, /raw, open]`);
    expect(inspect(session)).toBe(String(session));
    await over(session, end);
    expect(String(session)).toBe(`Session[${session.getId()}, /raw, closed]`);
  });
});

describe('user properties', () => {
  it("[SES-14, COD-3, HS-9] a copy of the configuration's: later edits of either do not show; @OnOpen gets the configuration itself", async () => {
    let given: EndpointConfig | null = null;
    const { session, config } = await liveClient({
      properties: { colour: 'red', shared: ['one'] },
      open: (_session, config) => {
        given = config;
      },
    });
    const own = session.getUserProperties();
    expect([...own]).toEqual([
      ['colour', 'red'],
      ['shared', ['one']],
    ]);
    expect(own).toBe(session.getUserProperties());
    expect(own.get('shared')).toBe(config.getUserProperties().get('shared'));
    own.set('colour', 'blue');
    config.getUserProperties().set('later', 1);
    expect(config.getUserProperties().get('colour')).toBe('red');
    expect(own.has('later')).toBe(false);
    expect(given).toBe(config);
    expect(given).toBeInstanceOf(ClientEndpointConfig);
  });

  it('[SES-14] one configuration may serve many connects; none shows what another has stored', async () => {
    const config = ClientEndpointConfig.Builder.create().build();
    class Ep extends Endpoint {
      onOpen(session: Session): void {
        session.getUserProperties().set('mine', session.getId());
      }
    }
    const { url } = await RawEnd.listen();
    const [one, other] = [await container.connectToServer(Ep, config, url), await container.connectToServer(Ep, config, url)];
    expect([one.getUserProperties().get('mine'), other.getUserProperties().get('mine')]).toEqual([one.getId(), other.getId()]);
    expect(config.getUserProperties().size).toBe(0);
  });

  it("[EXT-2, EXT-3, EXT-5, D-36] margay.<option> and Tomcat's session keys hold", async () => {
    const { session } = await liveClient({
      properties: {
        'margay.maxTextMessageBufferSize': 101,
        'margay.maxBinaryMessageBufferSize': 102,
        'margay.maxIdleTimeout': 60_003,
        'margay.asyncSendTimeout': 5004,
      },
    });
    expect([session.getMaxTextMessageBufferSize(), session.getMaxBinaryMessageBufferSize()]).toEqual([101, 102]);
    expect([session.getMaxIdleTimeout(), session.getAsyncRemote().getSendTimeout()]).toEqual([60_003, 5004]);
  });
});

describe('getOpenSessions()', () => {
  class Ep extends Endpoint {
    readonly seen: boolean[] = [];
    onOpen(session: Session): void {
      this.seen.push(session.getOpenSessions().has(session));
    }
    override onClose(session: Session): void {
      this.seen.push(session.getOpenSessions().has(session));
    }
  }
  @ClientEndpoint
  class Annotated {
    @OnOpen open(_session: Session): void {}
  }

  it('[SES-19, SES-20] an Endpoint object that connects again is grouped, each time with a fresh set; from before @OnOpen to the close', async () => {
    const ends = await RawEnd.listen();
    const ep = new Ep();
    const one = await container.connectToServer(ep, null, ends.url);
    const other = await ContainerProvider.getWebSocketContainer().connectToServer(ep, null, ends.url);
    const apart = await container.connectToServer(new Ep(), null, ends.url);
    const third = await container.connectToServer(ep, null, ends.url);
    expect(one.getOpenSessions()).toEqual(new Set([one, third]));
    expect(one.getOpenSessions()).not.toBe(one.getOpenSessions());
    expect(other.getOpenSessions()).toEqual(new Set([other]));
    expect(apart.getOpenSessions()).toEqual(new Set([apart]));
    void third.close();
    expect(one.getOpenSessions()).toEqual(new Set([one]));
    await eventually(() => expect(ep.seen).toEqual([true, true, true, false]));
  });

  it.each<[string, () => Promise<Session>]>([
    [
      'an annotated object',
      (
        (mine) => async () =>
          container.connectToServer(mine, (await shared()).url)
      )(new Annotated()),
    ],
    ['an annotated class', async () => container.connectToServer(Annotated, (await shared()).url)],
    ['an Endpoint class', async () => container.connectToServer(Ep, null, (await shared()).url)],
  ])('[SES-19] %s is not', async (_what, connect) => {
    server = undefined;
    const [one, other] = [await connect(), await connect()];
    expect(one.getOpenSessions()).toEqual(new Set([one]));
    expect(other.getOpenSessions()).toEqual(new Set([other]));
  });

  let server: ReturnType<typeof RawEnd.listen> | undefined;
  const shared = () => (server ??= RawEnd.listen());
});

describe('message handlers', () => {
  it('[SES-21, SES-24, SES-25] added in onOpen, listed, removed', async () => {
    const heard: unknown[] = [];
    const { session, end } = await liveClient({ take: null });
    session.addMessageHandler(String, (text: string) => heard.push(text));
    session.addMessageHandler(Buffer, (bytes: Buffer) => heard.push(bytes.toString()));
    session.addMessageHandler(PongMessage, (pong: PongMessage) => heard.push(pong.getApplicationData().toString()));
    expect(() => session.addMessageHandler(String, () => {})).toThrow(expect.objectContaining({ code: 'MARGAY_HANDLER_TAKEN' }));
    end.text('text');
    end.send({ opcode: 2, payload: 'binary' }, { opcode: 10, payload: 'pong' });
    await eventually(() => expect(heard).toEqual(['text', 'binary', 'pong']));
    const handlers = [...session.getMessageHandlers()] as MessageHandler[];
    expect(handlers).toHaveLength(3);
    for (const handler of handlers) session.removeMessageHandler(handler);
    expect(session.getMessageHandlers().size).toBe(0);
    end.text('nobody');
    end.send({ opcode: 9, payload: 'ping' });
    await eventually(() => expect(end.of('pong')).toEqual(['ping']));
    expect(heard).toHaveLength(3);
  });
});

describe('functions', () => {
  it('[EXT-1, SES-26] suspend() stops the reading, resume() delivers what was kept, first', async () => {
    const { session, heard, end } = await liveClient();
    suspend(session);
    end.text('a');
    await sleep(30);
    expect(heard).toEqual([]);
    resume(session);
    end.text('b');
    await eventually(() => expect(heard).toEqual(['a', 'b']));
  });

  it('[EXT-15, REL-10] statistics() counts frames, messages and bytes both ways, also when it is closed', async () => {
    const { session, basic, heard, end } = await liveClient();
    await basic.sendText('four');
    await basic.sendPing(Buffer.from('p'));
    end.text('seven77');
    await eventually(() => expect(heard).toHaveLength(1));
    await end.received(1);
    expect(statistics(session)).toMatchObject({
      messagesSent: 1,
      framesSent: 2,
      messagesReceived: 1,
      framesReceived: 1,
      bytesSent: 10 + 7,
      bytesReceived: 9,
    });
    await over(session, end);
    expect(statistics(session)).toMatchObject({ messagesSent: 1, framesSent: 3, framesReceived: 2 });
  });

  it('[REM-17] broadcast() over sessions of several connects and containers; one that is closed fails alone', async () => {
    const clients = [await liveClient(), await liveClient(), await liveClient()];
    await over(clients[1]?.session as Session, clients[1]?.end as RawEnd);
    const { sent, failed } = await broadcast(
      clients.map(({ session }) => session),
      '你好',
    );
    expect([sent, [...failed.keys()]]).toEqual([2, [clients[1]?.session]]);
    for (const i of [0, 2]) expect(await clients[i]?.end.received(1)).toEqual(['你好']);
  });
});

it('[SES-1, D-27, REM-3] when it is over every getter throws, but for getId(), isOpen() and close()', async () => {
  const { session, basic, end } = await liveClient();
  await over(session, end);
  const members = [
    ...['getContainer', 'getProtocolVersion', 'getNegotiatedSubprotocol', 'getNegotiatedExtensions', 'isSecure', 'getRequestURI'],
    ...['getQueryString', 'getRequestParameterMap', 'getPathParameters', 'getUserPrincipal', 'getUserProperties', 'getMaxIdleTimeout'],
    ...['getMaxTextMessageBufferSize', 'getMaxBinaryMessageBufferSize', 'getBasicRemote', 'getAsyncRemote', 'getOpenSessions'],
    'getMessageHandlers',
  ];
  for (const member of members) {
    expect(() => (session as unknown as Record<string, () => unknown>)[member]?.()).toThrow(
      expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' }),
    );
  }
  expect([session.isOpen(), typeof session.getId()]).toEqual([false, 'string']);
  await session.close();
  await expect(basic.sendText('late')).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
});
