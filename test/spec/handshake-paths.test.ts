/** Which requests find an endpoint. [URI-9, URI-12, URI-14, URI-17, D-31] */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { ask, written } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

describe('[URI-9] no match', () => {
  it.each(['/', '/tal', '/talk/', '/talk/x', '/Talk', '/talk%2F', '/x/talk'])('%s: 404', async (target) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const { status, body } = await ask(await start(Talk), { target });
    expect(`${status} ${body}`).toMatch(/^404 .*\[MARGAY_NO_ENDPOINT\]$/);
  });
});

describe('[URI-12] a target that cannot be read', () => {
  it.each([
    '/talk%',
    '/talk%2',
    '/%zz',
    '/%C3',
    '/%FF',
    '/%ED%A0%80',
    '/%00',
    '/talk%00',
    '*',
    '/..',
    '/../talk',
    '/talk/../../talk',
    '/%2e%2e/talk',
  ])('%s: 400', async (target) => {
    @ServerEndpoint('/{any}')
    class Any {}
    const { status, body } = await ask(await start(Any), { target });
    expect(`${status} ${body}`).toMatch(/^400 .*\[MARGAY_UPGRADE_TARGET\]$/);
  });

  it.each([
    ['/%E4%BD%A0', '你'],
    ['/a%2Fb', 'a/b'],
    ['/%7Bbar%7D', '{bar}'],
    ['/a+b', 'a+b'],
    ['/a%20b', 'a b'],
    ['/a%2520b', 'a%20b'],
    ['/a;p=1', 'a;p=1'],
    ['/x/../y', 'y'],
    ['/./y', 'y'],
    ['/%2e/y', 'y'],
    ['/x/%2E%2e/y', 'y'],
    ['/y?a=/b/%zz', 'y'],
    ['/...', '...'],
  ])('%s is decoded once: %j', async (target, value) => {
    const seen: unknown[] = [];
    @ServerEndpoint('/{any}')
    class Any {
      @OnOpen
      open(session: Session, @PathParam('any') any: string): void {
        seen.push(any, session.getPathParameters().get('any'));
      }
    }
    expect((await ask(await start(Any), { target })).status).toBe(101);
    await eventually(() => expect(seen).toEqual([value, value]));
  });

  it('[URI-12] the query is no part of it, and is kept as it stood', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(session.getQueryString(), session.getRequestURI().href);
      }
    }
    expect((await ask(await start(Talk), { target: '/talk?a=%20b&c?d', headers: { Host: 'h:8080' } })).status).toBe(101);
    await eventually(() => expect(seen).toEqual(['a=%20b&c?d', 'ws://h:8080/talk?a=%20b&c?d']));
  });
});

describe('[URI-17] odd targets', () => {
  it.each([
    ['//', '/'],
    ['///x', '/x'],
    ['//h/p', '/h/p'],
    ['/h//p', '/h/p'],
    ['/h///p', '/h/p'],
    ['http://other.example/h/p', '/h/p'],
    ['http://other.example//h/p', '/h/p'],
    ['ws://other.example/x?y', '/x'],
    ['http://other.example', '/'],
    ['http://other.example?q', '/'],
  ])('%s is %s', async (target, path) => {
    const seen: string[] = [];
    @ServerEndpoint('/')
    class Root {
      @OnOpen
      open(): void {
        seen.push('/');
      }
    }
    @ServerEndpoint('/x')
    class X {
      @OnOpen
      open(): void {
        seen.push('/x');
      }
    }
    @ServerEndpoint('/h/p')
    class HostLike {
      @OnOpen
      open(): void {
        seen.push('/h/p');
      }
    }
    expect((await ask(await start([Root, X, HostLike]), { target })).status).toBe(101);
    await eventually(() => expect(seen).toEqual([path]));
  });
});

describe('[URI-14] contextPath', () => {
  it.each([
    ['/app/talk', 101],
    ['//app//talk', 101],
    ['/x/../app/talk', 101],
    ['/%61pp/talk', 101],
    ['/talk', 404],
    ['/app', 404],
    ['/application/talk', 404],
    ['/APP/talk', 404],
    ['/app/app/talk', 404],
    ['/app/../talk', 404],
  ])('with /app, %s: %d', async (target, status) => {
    @ServerEndpoint('/talk')
    class Talk {}
    expect((await ask(await start(Talk, { contextPath: '/app' }), { target })).status).toBe(status);
  });

  it('is part of the request URI and of container.url, but not of the endpoint path', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/talk/{who}')
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(session.getRequestURI().pathname, [...session.getPathParameters()]);
      }
      @OnMessage
      text(message: string): string {
        return message;
      }
    }
    const { container, dial } = await start(Talk, { contextPath: '/app' });
    const peer = await dial('/talk/ann'); // below container.url
    peer.send('x');
    expect(await peer.next()).toBe('x');
    expect(container.url).toMatch(/:\d+\/app$/);
    expect(container.endpoints.map(({ path }) => path)).toEqual(['/talk/{who}']);
    expect(seen).toEqual(['/app/talk/ann', [['who', 'ann']]]);
  });
});

describe("[D-31] plain HTTP on a container's own port", () => {
  const plain = { Upgrade: null, Connection: null, 'Sec-WebSocket-Version': null, 'Sec-WebSocket-Key': null };

  it.each(['GET', 'POST', 'PUT', 'OPTIONS'])('%s on an endpoint path is 426 and names the upgrade, else 404', async (method) => {
    @ServerEndpoint('/talk/{who}')
    class Talk {}
    const started = await start(Talk);
    const { status, body, headers } = await ask(started, { method, target: '/talk/ann?x', headers: plain });
    expect(`${status} ${body}`).toMatch(/^426 .*\[MARGAY_UPGRADE_REQUIRED\]$/);
    expect(headers.get('upgrade')).toEqual(['websocket']);
    expect(headers.get('connection')?.join().toLowerCase()).toContain('upgrade');
    const missed = await ask(started, { method, target: '/nowhere', headers: plain });
    expect(`${missed.status} ${missed.body}`).toMatch(/^404 .*\[MARGAY_NO_ENDPOINT\]$/);
  });

  it('HEAD is answered without a body', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const peer = await RawPeer.connect(await start(Talk));
    peer.send(written({ method: 'HEAD', headers: plain }));
    await peer.ended();
    const [head, body] = peer.bytes.toString('latin1').split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 426 /);
    expect(body).toBe('');
  });

  it('[HS-1] row 1: POST with an Upgrade header, or another protocol, is plain HTTP', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const started = await start(Talk);
    expect((await ask(started, { method: 'POST' })).status).toBe(426);
    expect((await ask(started, { headers: { Upgrade: 'h2c' } })).status).toBe(426);
    expect((await ask(started, { headers: { Upgrade: 'websockets' } })).status).toBe(426);
  });
});
