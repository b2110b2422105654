/** The hooks of a client's handshake: what they see, what they may change, and what becomes of their errors. */
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ClientEndpoint, ClientEndpointConfig, ContainerProvider, type HandshakeResponse } from 'margay';
import { connect, Diary, extension, refusal } from '../support/connecting.js';
import { eventually } from '../support/eventually.js';
import { HttpProxy } from '../support/http-proxy.js';
import { type RawServer, rawServer, switching } from '../support/raw-server.js';

type Before = (headers: Map<string, string[]>) => void | Promise<void>;
type After = (response: HandshakeResponse) => void | Promise<void>;

/** A diary that also does this. */
function hooks(before: Before = () => {}, after: After = () => {}): Diary {
  return new (class extends Diary {
    override beforeRequest(headers: Map<string, string[]>): void | Promise<void> {
      super.beforeRequest(headers);
      return before(headers);
    }
    override afterResponse(response: HandshakeResponse): void | Promise<void> {
      super.afterResponse(response);
      return after(response);
    }
  })();
}

const obliging = (...lines: readonly string[]) => rawServer((socket, head) => void socket.write(switching(head, ...lines)));
const at = ({ port }: { readonly port: number }, path = '/') => `ws://127.0.0.1:${port}${path}`;
const lines = (server: RawServer) => (server.heads.at(-1) as string).split('\r\n');
const answer = (status: number, ...more: readonly string[]) => [`HTTP/1.1 ${status} So`, ...more, 'Content-Length: 0', '', ''].join('\r\n');

/** A port where nobody listens. */
async function nobody(): Promise<{ readonly port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return { port };
}

describe('[CLI-5] beforeRequest', () => {
  it('sees what is to be sent, by name in any case, and what it makes of it is sent: lists joined by commas, empty ones left out', async () => {
    const server = await obliging();
    const seen: unknown[] = [];
    const configurator = hooks((headers) => {
      seen.push(headers.get('HOST'), headers.get('sec-websocket-version'), headers.has('Origin'), headers.get('Nothing'));
      headers.set('X-Trace', ['1', '2', 'three, four']);
      headers.set('x-trace-2', ['one']).set('X-TRACE-2', ['another']);
      headers.set('Origin', []);
      headers.get('sec-websocket-protocol')?.push('v3');
      headers.set('Cookie', ['a=b; c=d']);
      headers.delete('cookie');
      headers.set('X-Empty', ['']);
    });
    await connect(at(server), { configurator, subprotocols: ['v2'] }, { origin: 'http://app.example' });
    expect(seen).toEqual([[`127.0.0.1:${server.port}`], ['13'], true, undefined]);
    const sent = lines(server).filter((line) => !/^(Host|Upgrade|Connection|Sec-WebSocket-(Key|Version)):/.test(line));
    expect(sent).toEqual([
      'GET / HTTP/1.1',
      'Sec-WebSocket-Protocol: v2, v3',
      'X-Trace: 1, 2, three, four',
      'x-trace-2: another',
      'X-Empty: ',
    ]);
  });

  it('may be async, and the request waits for it', async () => {
    const server = await obliging();
    const configurator = hooks(async (headers) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(server.sockets).toHaveLength(0);
      headers.set('Authorization', ['Bearer late']);
    });
    await connect(at(server), { configurator });
    expect(lines(server)).toContain('Authorization: Bearer late');
    expect(configurator.calls).toEqual(['before', 'after an answer']);
  });

  it.each(['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key'])('an empty list leaves out %s, too', async (name) => {
    const server = await rawServer((socket) => void socket.end(answer(400)));
    await refusal(connect(at(server), { configurator: hooks((headers) => void headers.set(name, [])) }));
    expect(lines(server).filter((line) => line.startsWith(`${name}:`))).toEqual([]);
    expect(lines(server)).toHaveLength(5);
  });

  it('what it does to key, subprotocols and extensions is what the answer is held against [CLI-6]', async () => {
    const server = await obliging('Sec-WebSocket-Protocol: mine', 'Sec-WebSocket-Extensions: permessage-deflate');
    const key = Buffer.alloc(16, 7).toString('base64');
    const configurator = hooks((headers) => {
      headers.set('Sec-WebSocket-Key', [key]);
      headers.set('Sec-WebSocket-Protocol', ['other, mine']);
      headers.set('Sec-WebSocket-Extensions', ['x-own', 'permessage-deflate; client_no_context_takeover']);
    });
    const session = await connect(at(server), { configurator, subprotocols: ['theirs'], extensions: [extension('x-else')] });
    expect(lines(server)).toContain(`Sec-WebSocket-Key: ${key}`);
    expect(session.getNegotiatedSubprotocol()).toBe('mine');
    expect(session.getNegotiatedExtensions().map(String)).toEqual(['permessage-deflate']);

    const silent = hooks((headers) => {
      headers.set('Sec-WebSocket-Protocol', []);
    });
    const error = await refusal(connect(at(server), { configurator: silent, subprotocols: ['mine'] }));
    expect(error.message).toContain('the subprotocol "mine", which was not offered');
    const bare = hooks((headers) => void headers.delete('Sec-WebSocket-Extensions'));
    const written = { configurator: bare, subprotocols: ['mine'], extensions: [extension('permessage-deflate')] };
    expect((await refusal(connect(at(server), written))).message).toMatch(/permessage-deflate.*, which was not offered/);
  });

  it.each([[[5]], [['v2', null]], ['v2'], [undefined]])('that sets a header to %j: MARGAY_HANDSHAKE, and nobody is asked', async (odd) => {
    const server = await obliging('Sec-WebSocket-Protocol: 5');
    const before = hooks((headers) => void headers.set('Sec-WebSocket-Protocol', odd as string[]));
    const error = await refusal(connect(at(server), { configurator: before }));
    expect([error.code, error.message]).toEqual(['MARGAY_HANDSHAKE', expect.stringContaining('give a list of texts')]);
    expect(server.sockets).toHaveLength(0);
  });

  it('is called once for each request, those after a redirect and a challenge too, and sees a new key and the answer each time', async () => {
    const server = await rawServer((socket, head) => {
      if (head.startsWith('GET /a ')) socket.end(answer(302, 'Location: /b'));
      else if (!head.includes('Authorization')) socket.end(answer(401, 'WWW-Authenticate: Basic realm="x"'));
      else socket.write(switching(head));
    });
    const configurator = hooks();
    await connect(at(server, '/a'), { configurator }, { auth: { username: 'ann', password: 'secret' } });
    expect(configurator.calls).toEqual(['before', 'after an answer', 'before', 'after an answer', 'before', 'after an answer']);
    const { requests, responses } = configurator;
    expect(requests.map((each) => each.get('authorization')?.[0]?.slice(0, 5))).toEqual([undefined, undefined, 'Basic']);
    expect(new Set(requests.map((each) => each.get('Sec-WebSocket-Key')?.[0])).size).toBe(3);
    expect(new Set(requests).size).toBe(3);
    expect(responses.map((each) => each.get('Location') ?? each.get('Www-Authenticate') ?? each.get('UPGRADE'))).toEqual([
      ['/b'],
      ['Basic realm="x"'],
      ['websocket'],
    ]);
  });

  it('is not called again for the proxy, which sees nothing of its headers [CLI-12]', async () => {
    const server = await obliging();
    const proxy = await HttpProxy.start({ authorization: `Basic ${btoa('ann:secret')}` });
    const configurator = hooks((headers) => void headers.set('X-Secret', ['told to the server']));
    await connect(at(server), { configurator }, { proxy: `http://ann:secret@127.0.0.1:${proxy.port}` });
    expect(configurator.calls).toEqual(['before', 'after an answer']);
    expect(proxy.connects).toHaveLength(2);
    expect(JSON.stringify(proxy.connects)).not.toContain('told to');
    expect(lines(server)).toContain('X-Secret: told to the server');
  });

  it.each<[string, Before, string]>([
    ['throws', () => { throw new Error('no token'); }, 'beforeRequest failed: no token'], // biome-ignore format: a row
    ['rejects', () => Promise.reject(new Error('no token')), 'beforeRequest failed: no token'],
    ['sets a line that would end it', (headers) => void headers.set('X-A', ['b\r\nX-C: d']), 'illegal header line'],
    ['sets a name that is none', (headers) => void headers.set('X A', ['b']), 'illegal header line'],
    ['sets what is no list', (headers) => void headers.set('X-A', 'b' as unknown as string[]), 'X-A'],
    ['sets null', (headers) => void headers.set('X-A', null as unknown as string[]), 'X-A'],
  ])('that %s: MARGAY_HANDSHAKE, and nothing is sent', async (_how, before, why) => {
    const server = await obliging();
    const error = await refusal(connect(at(server), { configurator: hooks(before) }));
    expect(error.code).toBe('MARGAY_HANDSHAKE');
    expect(error.message).toContain(why);
    if (why.startsWith('before')) expect(error.cause).toEqual(new Error('no token'));
    expect(error.status).toBeUndefined();
    await connect(at(server)); // what had been sent would be there by now
    expect(server.heads).toHaveLength(1);
    expect(server.sockets).toHaveLength(1);
  });
});

describe('[CLI-5] afterResponse', () => {
  it.each([403, 404, 500, 503])('sees the headers of a %i, by name in any case, one entry for each line', async (status) => {
    const server = await rawServer((socket) => void socket.end(answer(status, 'Set-Cookie: a=1', 'X-Why: so', 'set-cookie: b=2')));
    const configurator = hooks();
    const error = await refusal(connect(at(server), { configurator }));
    const [seen] = configurator.responses;
    expect([seen?.get('SET-cookie'), seen?.get('x-why'), seen?.has('X-WHY'), seen?.has('nothing')]).toEqual([
      ['a=1', 'b=2'],
      ['so'],
      true,
      false,
    ]);
    expect(configurator.calls).toEqual(['before', 'after an answer']);
    expect(error.headers?.get('x-why')).toEqual(['so']);
  });

  it('sees what a refused 101 said', async () => {
    const server = await obliging('Sec-WebSocket-Protocol: uninvited');
    const configurator = hooks();
    await refusal(connect(at(server), { configurator }));
    expect(configurator.responses[0]?.get('Sec-WebSocket-Protocol')).toEqual(['uninvited']);
  });

  it('gets an empty map where nothing came that could be read, once, and the request fails as it would without it', async () => {
    const garbage = await rawServer((socket) => void socket.end('SSH-2.0-OpenSSH_9\r\n'));
    const hasty = await rawServer((socket) => socket.destroy());
    const slow = await rawServer(() => {});
    const endless = await rawServer((socket) => void socket.write(`HTTP/1.1 101 Switching\r\nX: ${'x'.repeat(9000)}\r\n`));
    const proxy = await HttpProxy.start({ refuse: { status: 403, body: 'not for you' } });
    for (const [server, code, options] of [
      [await nobody(), 'MARGAY_CONNECT'],
      [garbage, 'MARGAY_HANDSHAKE'],
      [hasty, 'MARGAY_HANDSHAKE'],
      [endless, 'MARGAY_HANDSHAKE'],
      [slow, 'MARGAY_CONNECT_TIMEOUT', { timeout: 50 }],
      [slow, 'MARGAY_PROXY', { proxy: `http://127.0.0.1:${proxy.port}` }],
    ] as const) {
      const configurator = hooks();
      const error = await refusal(connect(at(server), { configurator }, options ?? {}));
      expect([error.code, ...configurator.calls]).toEqual([code, 'before', 'after nothing']);
    }
  });

  it.each<[string, After]>([
    ['throws', () => { throw new Error('I do not like it'); }], // biome-ignore format: a row
    ['rejects', () => Promise.reject(new Error('I do not like it'))],
  ])('that %s: MARGAY_HANDSHAKE; nothing is opened, and nothing more is asked', async (_how, after) => {
    const server = await rawServer((socket, head) => {
      if (head.startsWith('GET /redirect')) socket.end(answer(302, 'Location: /'));
      else socket.write(switching(head));
    });
    for (const path of ['/', '/redirect']) {
      const error = await refusal(connect(at(server, path), { configurator: hooks(undefined, after) }));
      expect([error.code, error.cause]).toEqual(['MARGAY_HANDSHAKE', new Error('I do not like it')]);
      expect(error.message).toContain('afterResponse failed: I do not like it');
    }
    await eventually(() => expect(server.sockets.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true));
    expect(server.heads).toHaveLength(2);
  });

  it('that throws where nothing came: the first failure is told', async () => {
    const after = () => Promise.reject(new Error('mine'));
    const error = await refusal(connect(at(await nobody()), { configurator: hooks(undefined, after) }));
    expect([error.code, (error.cause as NodeJS.ErrnoException).code]).toEqual(['MARGAY_CONNECT', 'ECONNREFUSED']);
  });

  it('is waited for before the session opens', async () => {
    const order: string[] = [];
    const after = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push('after');
    };
    await connect(at(await obliging()), { configurator: hooks(undefined, after) });
    expect(order).toEqual(['after']);
  });
});

describe('[CLI-5] the configurator of an annotated class', () => {
  it('is made once for each connectToServer, and sees all of its requests [ANN-3]', async () => {
    const made: Diary[] = [];
    class Own extends Diary {
      constructor() {
        super();
        made.push(this);
      }
    }
    @ClientEndpoint({ configurator: Own })
    class Ticker {}
    const server = await rawServer((socket, head) => {
      if (head.startsWith('GET /a ')) socket.end(answer(307, 'Location: /b'));
      else socket.write(switching(head));
    });
    const container = ContainerProvider.getWebSocketContainer();
    for (const session of [
      await container.connectToServer(Ticker, at(server, '/a')),
      await container.connectToServer(Ticker, at(server, '/a')),
    ]) {
      void session.close();
    }
    expect(made.map(({ calls }) => calls.length)).toEqual([4, 4]);
    expect(made[0]).toBeInstanceOf(ClientEndpointConfig.Configurator);
  });
});
