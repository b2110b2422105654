/** Where a client follows a redirect, and where not. */
import { describe, expect, it } from '@jest/globals';
import { registerAuthenticator } from 'margay';
import { connect, Diary, refusal } from '../support/connecting.js';
import { eventually } from '../support/eventually.js';
import { HttpProxy } from '../support/http-proxy.js';
import { cert, key } from '../support/localhost-certificate.js';
import { type RawServer, type RawServerOptions, rawServer, switching } from '../support/raw-server.js';

const targetOf = (head: string) => head.split(' ')[1] as string;
const targets = (server: RawServer) => server.heads.map(targetOf);
const redirect = (status: number, ...lines: readonly string[]) =>
  [`HTTP/1.1 ${status} Elsewhere`, ...lines, 'Content-Length: 2', '', 'go'].join('\r\n');

/** Redirects from the paths that it knows, as their function says; switches at all others. */
const leading = (ways: Readonly<Record<string, string | null | ((head: string) => string)>>, options?: RawServerOptions) =>
  rawServer((socket, head) => {
    const to = ways[targetOf(head)];
    if (to === undefined) socket.write(switching(head));
    else if (typeof to === 'function') socket.end(to(head));
    else socket.end(redirect(302, ...(to === null ? [] : [`Location: ${to}`])));
  }, options);

const at = ({ port }: { readonly port: number }, path = '/') => `ws://127.0.0.1:${port}${path}`;
const tls = { tls: { key, cert } };
const trusted = { sslContext: { ca: cert } };

describe('[CLI-10] a redirect', () => {
  it.each([300, 301, 302, 303, 305, 307, 308])('%i is followed, with GET and the same offers', async (status) => {
    const server = await leading({ '/a': () => redirect(status, 'Location: /b') });
    await connect(at(server, '/a'), { subprotocols: ['v2'] });
    expect(server.heads.map((head) => head.split('\r\n')[0])).toEqual(['GET /a HTTP/1.1', 'GET /b HTTP/1.1']);
    expect(server.heads[1]).toContain('Sec-WebSocket-Protocol: v2');
    await eventually(() => expect(server.sockets[0]?.readableEnded || server.sockets[0]?.destroyed).toBe(true));
  });

  it.each([304, 306, 309])('%i is none', async (status) => {
    const server = await rawServer((socket) => void socket.end(redirect(status, 'Location: /b')));
    const error = await refusal(connect(at(server, '/a')));
    expect([error.code, error.status, targets(server)]).toEqual(['MARGAY_HANDSHAKE', status, ['/a']]);
  });

  it.each([
    ['/b', '/b'],
    ['b?c=d', '/x/b?c=d'],
    ['../b', '/b'],
    ['?only', '/x/a?only'],
    ['//127.0.0.1:PORT/b', '/b'],
    ['ws://127.0.0.1:PORT/b', '/b'],
    ['http://127.0.0.1:PORT/b', '/b'],
    ['HTTP://127.0.0.1:PORT', '/'],
    ['http://127.0.0.1:PORT//two//slashes', '//two//slashes'],
    ['/b#part', '/b'],
    ['/a%2Fb', '/a%2Fb'],
    ['/ü', '/%C3%BC'],
    ['http://ann:secret@127.0.0.1:PORT/b', '/b'],
  ])('to %s asks for %s; the session says where it ended up [SES-9]', async (location, target) => {
    const server = await leading({ '/x/a?q': () => redirect(302, `Location: ${location.replace('PORT', String(server.port))}`) });
    const session = await connect(at(server, '/x/a?q'));
    expect(targets(server)).toEqual(['/x/a?q', target]);
    expect(server.heads[1]).toContain(`\r\nHost: 127.0.0.1:${server.port}\r\n`);
    expect(server.heads[1]).not.toContain('Authorization');
    expect([String(session.getRequestURI()), session.getQueryString()]).toEqual([at(server, target), target.split('?')[1] ?? null]);
  });

  it('to another server is followed, and leaves nothing open behind it', async () => {
    const last = await leading({});
    const first = await leading({ '/': at(last, '/here') });
    const session = await connect(at(first));
    expect(String(session.getRequestURI())).toBe(at(last, '/here'));
    expect(last.heads[0]).toContain(`\r\nHost: 127.0.0.1:${last.port}\r\n`);
    await eventually(() => expect(first.sockets[0]?.readableEnded || first.sockets[0]?.destroyed).toBe(true));
  });

  it('from ws to wss is followed; https is wss', async () => {
    const secure = await leading({}, tls);
    const plain = await leading({ '/': `https://localhost:${secure.port}/b` });
    const session = await connect(at(plain), {}, trusted);
    expect([String(session.getRequestURI()), session.isSecure()]).toEqual([`wss://localhost:${secure.port}/b`, true]);
  });

  it.each(['ws', 'http'])('from wss to %s is refused, and nobody is asked', async (scheme) => {
    const plain = await leading({});
    const secure = await leading({ '/': `${scheme}://127.0.0.1:${plain.port}/b` }, tls);
    const error = await refusal(connect(`wss://localhost:${secure.port}/`, {}, trusted));
    expect([error.code, error.status, error.headers?.get('location')?.length]).toEqual(['MARGAY_REDIRECT', 302, 1]);
    expect(error.message).toContain('from wss to ws');
    expect(plain.sockets).toHaveLength(0);
  });

  it('within wss is followed; a relative one stays there', async () => {
    const secure = await leading({ '/': '/b', '/b': '//localhost:PORT/c' }, tls);
    const error = await refusal(connect(`wss://localhost:${secure.port}/`, {}, trusted)); // PORT is no port
    expect([error.code, targets(secure)]).toEqual(['MARGAY_REDIRECT', ['/', '/b']]);
    const session = await connect(`wss://localhost:${secure.port}/x`, {}, trusted);
    expect(session.isSecure()).toBe(true);
  });

  it.each([
    ['without a Location', null],
    ['which leads to ftp://host/; only', 'ftp://host/'],
    ['which leads to javascript:alert(1); only', 'javascript:alert(1)'],
    ['which leads to file:///etc/passwd; only', 'file:///etc/passwd'],
    ['which leads to http://; only', 'http://'],
    ['which leads round in a circle', '/'],
    ['which leads round in a circle', ''],
    ['which leads round in a circle', '#part'],
  ])('%s is refused', async (why, location) => {
    const server = await leading({ '/': location });
    const error = await refusal(connect(at(server)));
    expect([error.code, error.status, error.body?.toString()]).toEqual(['MARGAY_REDIRECT', 302, 'go']);
    expect(error.message).toContain(why);
    expect(server.heads).toHaveLength(1);
  });

  it('that leads back to where one has been is refused, over several servers too', async () => {
    const second: RawServer = await leading({ '/b': () => redirect(302, `Location: ${at(first, '/a')}`) });
    const first: RawServer = await leading({ '/a': at(second, '/b') });
    const error = await refusal(connect(at(first, '/a')));
    expect([error.code, first.heads.length, second.heads.length]).toEqual(['MARGAY_REDIRECT', 1, 1]);
    expect(error.message).toContain('in a circle');
  });

  it('is followed 20 times and no more, unless maxRedirects says otherwise; 0 follows none [CLI-9]', async () => {
    const next = (head: string) => redirect(302, `Location: /${Number(targetOf(head).slice(1)) - 1}`);
    const server = await rawServer(
      (socket, head) => void (targetOf(head) === '/0' ? socket.write(switching(head)) : socket.end(next(head))),
    );
    await connect(at(server, '/20'));
    expect(server.heads).toHaveLength(21);
    const most = async (from: number, how: Parameters<typeof connect>[2], properties = {}) => {
      const before = server.heads.length;
      const outcome = await connect(at(server, `/${from}`), { properties }, how).then(
        () => 'open',
        ({ code, status }) => `${code} ${status}`,
      );
      return [outcome, server.heads.length - before];
    };
    expect(await most(21, {})).toEqual(['MARGAY_REDIRECT 302', 21]);
    expect(await most(21, { maxRedirects: 21 })).toEqual(['open', 22]);
    expect(await most(2, { maxRedirects: 1 })).toEqual(['MARGAY_REDIRECT 302', 2]);
    expect(await most(1, { maxRedirects: 1 })).toEqual(['open', 2]);
    expect(await most(1, { maxRedirects: 0 })).toEqual(['MARGAY_REDIRECT 302', 1]);
    expect(await most(2, {}, { MAX_REDIRECTIONS: '1' })).toEqual(['MARGAY_REDIRECT 302', 2]);
    expect(await most(1, {}, { MAX_REDIRECTIONS: 0 })).toEqual(['MARGAY_REDIRECT 302', 1]);
    expect(await most(2, { maxRedirects: 2 }, { MAX_REDIRECTIONS: 0 })).toEqual(['open', 3]);
  });

  it('to where nobody listens says whom it could not reach', async () => {
    const gone = await leading({});
    await gone.stop();
    const server = await leading({ '/': at(gone, '/b') });
    const error = await refusal(connect(at(server)));
    expect([error.code, error.status]).toEqual(['MARGAY_CONNECT', undefined]);
    expect(error.message).toContain(at(gone, '/b'));
  });

  it('goes through the proxy as well, each time with a tunnel of its own [CLI-12]', async () => {
    const last = await leading({});
    const first = await leading({ '/': at(last, '/b') });
    const proxy = await HttpProxy.start();
    await connect(at(first), {}, { proxy: `http://127.0.0.1:${proxy.port}` });
    expect(proxy.connects.map(({ target }) => target)).toEqual([`127.0.0.1:${first.port}`, `127.0.0.1:${last.port}`]);
  });
});

describe('[CLI-10] credentials', () => {
  const auth = { username: 'ann', password: 'secret' };
  const challenge = ['HTTP/1.1 401 Who', 'WWW-Authenticate: Basic realm="x"', 'Content-Length: 0', '', ''].join('\r\n');
  /** Wants to know who asks, at this path; redirects or switches then. */
  const asking = (to: string | null) =>
    rawServer((socket, head) => {
      if (!head.includes('Authorization: ')) socket.end(challenge);
      else if (to === null || targetOf(head) === '/b') socket.write(switching(head));
      else socket.end(redirect(302, `Location: ${to}`));
    });

  it('are not sent behind a redirect of the same server, until it asks again', async () => {
    const server = await asking('/b');
    await connect(at(server, '/a'), {}, { auth });
    const sent = server.heads.map((head) => `${targetOf(head)} ${head.includes('Authorization: ')}`);
    expect(sent).toEqual(['/a false', '/a true', '/b false', '/b true']);
  });

  it('are never sent to another origin, not even to one that asks: MARGAY_AUTHENTICATION with its answer', async () => {
    const thief = await asking(null);
    const first = await asking(at(thief));
    const error = await refusal(connect(at(first, '/a'), {}, { auth }));
    expect(thief.heads.map((head) => head.includes('Authorization'))).toEqual([false]);
    expect([error.code, error.status]).toEqual(['MARGAY_AUTHENTICATION', 401]);
    expect(error.message).toContain('nobody but the server that was asked first');
  });

  it('nor is a registered authenticator asked there, with auth or without: it may have a secret of its own [CLI-11]', async () => {
    registerAuthenticator('x-secret', () => 'X-Secret 42');
    const who = 'HTTP/1.1 401 Who\r\nWWW-Authenticate: X-Secret\r\nContent-Length: 0\r\n\r\n';
    const thief = await rawServer((socket, head) => void (head.includes('X-Secret') ? socket.write(switching(head)) : socket.end(who)));
    const first = await leading({ '/a': at(thief, '/b') });
    for (const how of [{}, { auth }]) {
      const error = await refusal(connect(at(first, '/a'), {}, how));
      expect([error.code, error.status]).toEqual(['MARGAY_AUTHENTICATION', 401]);
    }
    expect(thief.heads.map((head) => head.includes('Authorization'))).toEqual([false, false]);
    await connect(at(thief, '/b'));
    expect(thief.heads.at(-1)).toContain('Authorization: X-Secret 42');
  });

  it('another port, another scheme and another name are other origins', async () => {
    const secure = await rawServer((socket) => void socket.end(challenge), tls);
    const server = await leading({ '/': `wss://localhost:${secure.port}/` });
    const named = await leading({ '/': () => redirect(302, `Location: ws://localhost:${named.port}/b`), '/b': () => challenge });
    for (const each of [server, named]) {
      const error = await refusal(connect(at(each), {}, { auth, ...trusted }));
      expect([error.code, error.status]).toEqual(['MARGAY_AUTHENTICATION', 401]);
    }
    for (const head of [...secure.heads, ...named.heads]) expect(head).not.toContain('Authorization');
  });

  it('that a hook has set stay in the request they were set for', async () => {
    const server = await leading({ '/': '/b' });
    class Once extends Diary {
      override beforeRequest(headers: Map<string, string[]>): void {
        if (this.requests.length === 0) headers.set('Authorization', ['Bearer x']);
        super.beforeRequest(headers);
      }
    }
    await connect(at(server), { configurator: new Once() });
    expect(server.heads.map((head) => head.includes('Authorization'))).toEqual([true, false]);
  });
});
