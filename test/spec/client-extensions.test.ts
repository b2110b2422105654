/** permessage-deflate and extensions of one's own, on a client's side. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ContainerOptions, OnMessage, ServerEndpoint, type Session, statistics } from 'margay';
import { type PerMessageDeflateOptions, WebSocketServer } from 'ws';
import { connect, extension, refusal } from '../support/connecting.js';
import { eventually } from '../support/eventually.js';
import { rawServer, switching } from '../support/raw-server.js';
import { start } from '../support/start.js';
import { xor } from '../support/xor-extension.js';

@ServerEndpoint({ value: '/talk', maxTextMessageBufferSize: 4_000_000, maxBinaryMessageBufferSize: 4_000_000 })
class Talk {
  @OnMessage text(text: string): string {
    return text;
  }
  @OnMessage binary(bytes: Buffer): Buffer {
    return bytes;
  }
}

const servers = new Set<WebSocketServer>();
afterEach(async () => {
  for (const server of servers) {
    for (const each of server.clients) each.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
  servers.clear();
});

/** ws's own server, which says back what it hears; and what it has agreed on. */
async function wsServer(
  perMessageDeflate: PerMessageDeflateOptions | boolean,
): Promise<{ readonly uri: string; readonly agreed: string[] }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
  servers.add(server);
  const agreed: string[] = [];
  server.on('connection', (socket) => {
    agreed.push(socket.extensions);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await once(server, 'listening');
  return { uri: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, agreed };
}

const deflate = (parameters: Readonly<Record<string, string | null>> = {}) => ({
  extensions: [extension('permessage-deflate', parameters)],
});
const negotiated = (session: Session) => session.getNegotiatedExtensions().map(String);
const wire = (session: Session) => {
  const { bytesSent, bytesReceived } = statistics(session);
  return { bytesSent, bytesReceived };
};

/** What it says comes back, in this order; long and short, text and binary, what is alike and what is not. */
async function echoes(session: Session): Promise<void> {
  session.setMaxTextMessageBufferSize(4_000_000);
  session.setMaxBinaryMessageBufferSize(4_000_000);
  const heard: unknown[] = [];
  let wake = () => {};
  const hear = (message: unknown): void => {
    heard.push(message);
    wake();
  };
  session.addMessageHandler(String, hear);
  session.addMessageHandler(Buffer, (bytes: Buffer) => hear(bytes.toString('latin1')));
  const odd = Array.from({ length: 200_000 }, (_, i) => String.fromCharCode((i * i * 31 + i * 7) % 256)).join('');
  const said = ['', 'hello', 'hello', 'hällo €'.repeat(3), 'the same again '.repeat(100_000), odd];
  for (const [i, each] of said.entries()) {
    const back = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (each === odd || i === 2) await session.getBasicRemote().sendBinary(Buffer.from(each, 'latin1'));
    else await session.getBasicRemote().sendText(each);
    await back;
  }
  expect(heard.map((each) => String(each).length)).toEqual(said.map((each) => each.length));
  expect(heard.every((each, i) => each === said[i])).toBe(true);
}

describe('[CLI-4] [D-34] permessage-deflate', () => {
  it('is offered by a configuration that lists it, and by no other', async () => {
    const started = await start(Talk, { perMessageDeflate: true });
    const plain = await connect(started.url('/talk'));
    expect(negotiated(plain)).toEqual([]);
    await echoes(plain);
    expect(wire(plain).bytesSent).toBeGreaterThan(1_500_000);
  });

  it.each<[string, ContainerOptions['perMessageDeflate'], Record<string, string | null>, string[]]>([
    ['bare', true, {}, ['server_no_context_takeover']],
    ['a client window', true, { client_max_window_bits: null }, ['server_no_context_takeover']],
    ['a server window', true, { server_max_window_bits: '10' }, ['server_max_window_bits=10']],
    ['no takeover', true, { server_no_context_takeover: null, client_no_context_takeover: null }, ['client_no_context_takeover']],
    [
      'all',
      true,
      { server_no_context_takeover: null, client_max_window_bits: '9', server_max_window_bits: '9' },
      ['server_max_window_bits=9'],
    ],
  ])('against our server, offered %s: both ends compress', async (_what, perMessageDeflate, offer, parameters) => {
    const started = await start(Talk, { perMessageDeflate });
    const session = await connect(started.url('/talk'), deflate(offer));
    expect(negotiated(session)).toHaveLength(1);
    for (const each of ['permessage-deflate', ...parameters]) expect(negotiated(session)[0]).toContain(each);
    await echoes(session);
    const { bytesSent, bytesReceived } = wire(session);
    expect(bytesSent).toBeLessThan(500_000);
    expect(bytesReceived).toBeLessThan(500_000);
  });

  it('against our server without it: none, and both ends speak plainly', async () => {
    const session = await connect((await start(Talk)).url('/talk'), deflate());
    expect(negotiated(session)).toEqual([]);
    await echoes(session);
  });

  it.each<[string, PerMessageDeflateOptions, Record<string, string | null>, string]>([
    ['with takeover', { threshold: 0 }, {}, 'permessage-deflate'],
    ['without the server’s', { threshold: 0, serverNoContextTakeover: true }, {}, 'permessage-deflate; server_no_context_takeover'],
    ['without the client’s', { threshold: 0, clientNoContextTakeover: true }, {}, 'permessage-deflate; client_no_context_takeover'],
    ['a small server window', { threshold: 0, serverMaxWindowBits: 9 }, {}, 'permessage-deflate; server_max_window_bits=9'],
    [
      'a small client window',
      { threshold: 0, clientMaxWindowBits: 9 },
      { client_max_window_bits: null },
      'permessage-deflate; client_max_window_bits=9',
    ],
    [
      'what the client wants',
      { threshold: 0 },
      { server_max_window_bits: '11', server_no_context_takeover: null },
      'permessage-deflate; server_max_window_bits=11; server_no_context_takeover',
    ],
  ])('against ws’s server %s', async (_what, options, offer, agreed) => {
    const server = await wsServer(options);
    const session = await connect(server.uri, deflate(offer));
    expect(negotiated(session)).toEqual([agreed]);
    expect(server.agreed).toEqual(['permessage-deflate']);
    await echoes(session);
    expect(wire(session).bytesSent).toBeLessThan(500_000);
    expect(wire(session).bytesReceived).toBeLessThan(500_000);
  });

  it('against ws’s server without it', async () => {
    const server = await wsServer(false);
    const session = await connect(server.uri, deflate());
    expect([negotiated(session), server.agreed]).toEqual([[], ['']]);
    await echoes(session);
  });

  it('several offers: the server takes one, and that is the one in force; what is unknown is offered beside it [D-07]', async () => {
    const server = await rawServer((socket, head) => {
      socket.write(switching(head, 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10'));
    });
    const offers = [
      extension('x-unknown', { a: null }),
      extension('permessage-deflate', { server_no_context_takeover: null }),
      extension('permessage-deflate', { server_max_window_bits: '12' }),
    ];
    const session = await connect(`ws://127.0.0.1:${server.port}/`, { extensions: offers });
    expect(negotiated(session)).toEqual(['permessage-deflate; server_max_window_bits=10']);
    expect(server.heads[0]).toContain('x-unknown; a, permessage-deflate; server_no_context_takeover, permessage-deflate; server_max');
  });
});

describe('[EXT-16] an extension of one’s own', () => {
  const own = { extensions: [extension('xor', { key: '7' })] };

  it('runs on a server container’s client side against our server, built with isServer false from what the server answered', async () => {
    const [theirs, ours] = [xor({ slow: true }), xor()];
    const server = await start(Talk, { extensions: [theirs] });
    const client = await start([], { extensions: [ours] });
    const session = await connect(server.url('/talk'), own, {}, client.container);
    expect(negotiated(session)).toEqual(['xor; key=7']);
    expect(ours.asked).toEqual([[false, [[['key', '7']]]]]);
    expect(theirs.asked).toEqual([[true, [[['key', '7']]]]]);
    await echoes(session);
    expect(ours.made[0]?.seen.filter((each) => each.endsWith(' hello')).length).toBe(4);
    await session.close();
    await eventually(() => expect(ours.made.map(({ closed }) => closed)).toEqual([1]));
  });

  it('runs beside permessage-deflate', async () => {
    const ours = xor();
    const server = await start(Talk, { extensions: [xor()], perMessageDeflate: true });
    const client = await start([], { extensions: [ours] });
    const extensions = [extension('permessage-deflate'), ...own.extensions];
    const session = await connect(server.url('/talk'), { extensions }, {}, client.container);
    expect(negotiated(session).map((each) => each.split(';')[0])).toEqual(['permessage-deflate', 'xor']);
    await echoes(session);
    expect(wire(session).bytesSent).toBeLessThan(500_000);
  });

  it('is offered and not run by the container of those who only connect: accepted, it fails the handshake [D-07]', async () => {
    const server = await start(Talk, { extensions: [xor()] });
    const error = await refusal(connect(server.url('/talk'), own));
    expect([error.code, error.status, error.headers?.get('sec-websocket-extensions')]).toEqual(['MARGAY_HANDSHAKE', 101, ['xor; key=7']]);
  });

  it('whose factory declines or throws fails the handshake, and what was built beside it is closed', async () => {
    for (const [build, why] of [
      [() => null, 'as its factory cannot run it'],
      [
        () => {
          throw new Error('no such key');
        },
        'no such key',
      ],
    ] as const) {
      const first = xor({ name: 'first', rsv: 3 });
      const client = await start([], { extensions: [first, { name: 'xor', build }] });
      const server = await start(Talk, { extensions: [xor({ name: 'first', rsv: 3 }), xor()] });
      const extensions = [extension('first'), ...own.extensions];
      const error = await refusal(connect(server.url('/talk'), { extensions }, {}, client.container));
      expect([error.code, error.message]).toEqual(['MARGAY_HANDSHAKE', expect.stringContaining(why)]);
      expect(first.made.map(({ closed }) => closed)).toEqual([1]);
    }
  });
});
