/** What a client asks with: the request line and the header lines, as they come to a server. */
import { describe, expect, it } from '@jest/globals';
import { ClientEndpoint, ContainerProvider, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { configured, connect, extension, Quiet, refusal } from '../support/connecting.js';
import { eventually } from '../support/eventually.js';
import { type RawServer, rawServer, switching } from '../support/raw-server.js';
import { start } from '../support/start.js';

/** Answers every request as it should. */
const obliging = (...lines: readonly string[]) => rawServer((socket, head) => void socket.write(switching(head, ...lines)));

/** Gives a tunnel, and is itself what is at its end: so any host and any port can be asked for. */
async function everywhere(): Promise<{ readonly proxy: RawServer; readonly asked: string[] }> {
  const asked: string[] = [];
  const proxy = await rawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.once('data', (bytes: Buffer) => {
      asked.push(bytes.toString('latin1'));
      socket.write(switching(bytes.toString('latin1')));
    });
  });
  return { proxy, asked };
}

const head = (server: RawServer, at = -1) => (server.heads.at(at) as string).split('\r\n');
const line = (lines: readonly string[], name: string) => lines.filter((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));

describe('[CLI-4] the request', () => {
  it('has these lines in this order and no others; the offers are unchanged, those that nobody here can run too [D-07]', async () => {
    const server = await obliging();
    const extensions = [
      extension('x-own', { b: '2', a: null, text: 'a "word", and more' }),
      extension('permessage-deflate', { client_max_window_bits: null, server_max_window_bits: '10' }),
      extension('x-own', { a: '1' }),
    ];
    const options = { origin: 'https://app.example:8443' };
    await connect(`ws://127.0.0.1:${server.port}/talk?to=ann`, { subprotocols: ['v2', 'V1', 'a.b'], extensions }, options);
    const lines = head(server);
    expect(lines.map((each) => each.replace(/(?<=-Key: ).*/, '…'))).toEqual([
      'GET /talk?to=ann HTTP/1.1',
      `Host: 127.0.0.1:${server.port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: …',
      'Sec-WebSocket-Protocol: v2, V1, a.b',
      'Sec-WebSocket-Extensions: x-own; b=2; a; text="a \\"word\\", and more", ' +
        'permessage-deflate; client_max_window_bits; server_max_window_bits=10, x-own; a=1',
      'Origin: https://app.example:8443',
    ]);
  });

  it('has no Origin, no Authorization, no subprotocol and no extension of its own accord', async () => {
    const server = await obliging();
    await connect(`ws://127.0.0.1:${server.port}/`, {}, { auth: { username: 'ann', password: 'secret' } });
    const names = head(server)
      .slice(1)
      .map((each) => each.split(':')[0]);
    expect(names).toEqual(['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Version', 'Sec-WebSocket-Key']);
  });

  it('takes the Origin from the user property DEFAULT_ORIGIN_HEADER_VALUE; the option is more important [CLI-9]', async () => {
    const server = await obliging();
    const written = { properties: { DEFAULT_ORIGIN_HEADER_VALUE: 'http://old.example' } };
    await connect(`ws://127.0.0.1:${server.port}/`, written);
    expect(line(head(server), 'origin')).toEqual(['Origin: http://old.example']);
    await connect(`ws://127.0.0.1:${server.port}/`, written, { origin: 'http://new.example' });
    expect(line(head(server), 'origin')).toEqual(['Origin: http://new.example']);
  });

  it('has a key of 16 bytes that was never there before', async () => {
    const server = await obliging();
    for (let i = 0; i < 20; i++) await connect(`ws://127.0.0.1:${server.port}/`);
    const keys = server.heads.map((each) => /^Sec-WebSocket-Key: (.*)$/m.exec(each)?.[1]?.trim() ?? '');
    for (const key of keys) {
      expect(Buffer.from(key, 'base64')).toHaveLength(16);
      expect(Buffer.from(key, 'base64').toString('base64')).toBe(key);
    }
    expect(new Set(keys).size).toBe(20);
  });

  it('says the subprotocols of @ClientEndpoint, and the session tells which one the server took [SES-11]', async () => {
    @ClientEndpoint({ subprotocols: ['v3', 'v2'] })
    class Ticker {}
    const server = await obliging('Sec-WebSocket-Protocol: v2');
    const session = await ContainerProvider.getWebSocketContainer().connectToServer(Ticker, `ws://127.0.0.1:${server.port}/`);
    expect(line(head(server), 'sec-websocket-protocol')).toEqual(['Sec-WebSocket-Protocol: v3, v2']);
    expect(session.getNegotiatedSubprotocol()).toBe('v2');
    void session.close();
  });
});

describe('[CLI-3] Host and target', () => {
  it.each([
    ['ws://shop.example/', 'shop.example:80', 'shop.example'],
    ['ws://shop.example:80/', 'shop.example:80', 'shop.example'],
    ['ws://shop.example:8080/', 'shop.example:8080', 'shop.example:8080'],
    ['ws://shop.example:443/', 'shop.example:443', 'shop.example:443'],
    ['ws://[::1]/', '[::1]:80', '[::1]'],
    ['ws://[2001:DB8:0::1]:8080/', '[2001:db8::1]:8080', '[2001:db8::1]:8080'],
    ['WS://Bücher.example/', 'xn--bcher-kva.example:80', 'xn--bcher-kva.example'],
  ])('%s is asked for at %s, with the Host %s', async (uri, authority, host) => {
    const { proxy, asked } = await everywhere();
    await connect(uri, {}, { proxy: `http://127.0.0.1:${proxy.port}` });
    expect(head(proxy).slice(0, 2)).toEqual([`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`]);
    expect(line(asked.join().split('\r\n'), 'host')).toEqual([`Host: ${host}`]);
  });

  it.each([
    ['', '/'],
    ['/', '/'],
    ['?q', '/?q'],
    ['//testWebsocket/7/bob', '//testWebsocket/7/bob'],
    ['///', '///'],
    ['/a%2Fb/%c3%bc/%7e', '/a%2Fb/%c3%bc/%7e'],
    ['/ü/a b', '/%C3%BC/a%20b'],
    ['/x?a=b+c&d=%26&e=ü&&f', '/x?a=b+c&d=%26&e=%C3%BC&&f'],
    ['/x?//y/../z', '/x?//y/../z'],
    ['/a/./b/../c;d=e', '/a/c;d=e'],
    ["/@:$!*(),'", "/@:$!*(),'"],
  ])('the target of …%s is %s', async (written, target) => {
    const server = await obliging();
    const session = await connect(`ws://127.0.0.1:${server.port}${written}`);
    expect(head(server)[0]).toBe(`GET ${target} HTTP/1.1`);
    expect(`${session.getRequestURI()}`).toContain(target.split('?')[0]);
    expect(session.getQueryString()).toBe(target.includes('?') ? target.slice(target.indexOf('?') + 1) : null);
  });

  it('a URL does as well as its text, and keeps what it was', async () => {
    const server = await obliging();
    const uri = new URL(`ws://127.0.0.1:${server.port}/one?two`);
    const session = await connect(uri);
    uri.pathname = '/other';
    expect(session.getRequestURI()?.pathname ?? '').toBe('/one');
    expect(head(server)[0]).toBe('GET /one?two HTTP/1.1');
  });

  it('the path with two slashes that Java clients write comes to its endpoint, with its parameters [URI-17]', async () => {
    const heard: string[] = [];
    @ServerEndpoint('/testWebsocket/{relationId}/{userCode}')
    class Relations {
      @OnOpen open(session: Session, @PathParam('relationId') relation: string, @PathParam('userCode') user: string): void {
        session.getAsyncRemote().sendText(`${user} of ${relation}`);
      }
    }
    @ClientEndpoint
    class Asking {
      @OnMessage text(text: string): void {
        heard.push(text);
      }
    }
    const started = await start(Relations);
    const session = await ContainerProvider.getWebSocketContainer().connectToServer(Asking, started.url('//testWebsocket/7/b%C3%BCb'));
    await eventually(() => expect(heard).toEqual(['büb of 7']));
    await session.close();
  });

  it.each([
    ['http://127.0.0.1/', 'use ws and a host'],
    ['https://127.0.0.1/', 'use wss and a host'],
    ['127.0.0.1/', 'is no URI with a scheme'],
    ['/path', 'is no URI with a scheme'],
    ['ws:///', 'is no URI with a scheme'],
    ['ws://', 'is no URI with a scheme'],
    ['', '"": is no URI with a scheme'],
    ['ws://ann:secret@127.0.0.1:70000/', 'ws://127.0.0.1:70000/: is no URI with a scheme'],
    ['ws://ann:the/secret@127.0.0.1/', 'ws://127.0.0.1/: is no URI with a scheme'],
    ['ws://127.0.0.1:70000/', 'is no URI with a scheme'],
    ['ws://127.0.0.1/#part', 'has a fragment'],
    ['ws://127.0.0.1/#', 'has a fragment'],
    ['ws://ann:secret@127.0.0.1/', 'has a user name or password'],
    ['http://ann:secret@127.0.0.1/', 'use ws and a host'],
    ['ws://ann:secret@127.0.0.1/#part', 'has a fragment'],
  ])('%j is no place to connect to: MARGAY_URI', async (uri, why) => {
    const error = await refusal(ContainerProvider.getWebSocketContainer().connectToServer(Quiet, configured({}), uri));
    expect(error.code).toBe('MARGAY_URI');
    expect(error.message).toContain(why);
    expect(error.message).not.toContain('secret');
  });
});
