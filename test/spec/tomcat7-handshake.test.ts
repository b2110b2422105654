/** The handshake of a WebSocketServlet. [TC7-1] */
import { describe, expect, it } from '@jest/globals';
import { IllegalStateException } from 'margay';
import type { HttpServletRequest, StreamInbound } from 'margay/catalina';
import { ask, type Question } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { asked, type Hooks, hooked, NotingMessages, serving } from '../support/tomcat7.js';

const plain = () => serving(() => new NotingMessages([]));

describe('[TC7-1] what a request must say', () => {
  const ROWS: readonly [what: string, headers: NonNullable<Question['headers']>, status: number][] = [
    ['all is well', {}, 101],
    ['no Upgrade', { Upgrade: [] }, 400],
    ['another Upgrade', { Upgrade: 'h2c' }, 400],
    ['websocket among others, in any case', { Upgrade: 'h2c, WebSocket' }, 101],
    ['no Connection', { Connection: [] }, 400],
    ['no upgrade in Connection', { Connection: 'keep-alive' }, 400],
    ['upgrade among others', { Connection: 'keep-alive, upgrade' }, 101],
    ['no version', { 'Sec-WebSocket-Version': [] }, 426],
    ['version 8', { 'Sec-WebSocket-Version': '8' }, 426],
    ['no key', { 'Sec-WebSocket-Key': [] }, 400],
    ['an empty key', { 'Sec-WebSocket-Key': ' ' }, 400],
    ['a key of any form', { 'Sec-WebSocket-Key': 'short' }, 101],
    ['extensions, of which there are none', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 101],
  ];
  it.each(ROWS)('%s', async (_what, headers, status) => {
    const response = await ask(await plain(), asked(headers));
    expect(response.status).toBe(status);
    if (status === 426) expect(response.headers.get('sec-websocket-version')).toEqual(['13']);
    expect(response.headers.get('sec-websocket-extensions')).toBeUndefined();
  });

  it('the key is answered as for every endpoint', async () => {
    const { headers } = await ask(await plain(), asked({}));
    expect(headers.get('sec-websocket-accept')).toEqual(['HSmrc0sMlYUkAGmm5OPpG2HaGWk=']);
  });

  it('a plain GET is answered with 400, another method with 405', async () => {
    const { container } = await plain();
    const got = await fetch(`${container.url}/t`);
    expect([got.status, await got.text()]).toEqual([400, expect.stringContaining('[MARGAY_UPGRADE_HTTP]')]);
    const posted = await fetch(`${container.url}/t`, { method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('no extension is negotiated, even where the container has some', async () => {
    const { headers, status } = await ask(
      await serving(() => new NotingMessages([]), { perMessageDeflate: true }),
      asked({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
    );
    expect([status, headers.get('sec-websocket-extensions')]).toEqual([101, undefined]);
  });
});

describe('[TC7-1, D-06] verifyOrigin', () => {
  it.each([
    [undefined, 101],
    ['http://localhost', 101],
    ['http://evil.example', 403],
    ['http://friend.example', 101],
  ])('by default %s: %i', async (origin, status) => {
    const started = await serving(() => new NotingMessages([]), { allowedOrigins: ['http://friend.example'] });
    expect((await ask(started, asked(origin === undefined ? {} : { Origin: origin }))).status).toBe(status);
    if (status === 403)
      expect(started.log).toMatchObject([{}, { code: 'MARGAY_ORIGIN', message: expect.stringContaining('allowedOrigins') }]);
  });

  it('decides where it is overridden, and may ask the default', async () => {
    const origins: (string | null)[] = [];
    const verifyOrigin: Hooks['verifyOrigin'] = (origin, byDefault) => {
      origins.push(origin);
      return origin === 'http://friend.example' || byDefault(origin);
    };
    const started = await hooked({ verifyOrigin });
    const statusFor = async (headers: NonNullable<Question['headers']>) => (await ask(started, asked(headers))).status;
    expect(await statusFor({})).toBe(101);
    expect(await statusFor({ Origin: 'http://friend.example' })).toBe(101);
    expect(await statusFor({ Origin: 'http://evil.example' })).toBe(403);
    expect(origins).toEqual([null, 'http://friend.example', 'http://evil.example']);
    expect(started.log.at(-1)).toMatchObject({ code: 'MARGAY_ORIGIN', message: expect.stringContaining("Hooked's verifyOrigin") });
  });
});

describe('[TC7-1] selectSubProtocol', () => {
  it('is asked when the client offers some, in its order; createWebSocketInbound is told', async () => {
    const seen: unknown[] = [];
    const started = await hooked({
      selectSubProtocol: (offered) => {
        seen.push([...offered]);
        return offered[1] ?? null;
      },
      create: (subProtocol) => {
        seen.push(subProtocol);
        return new NotingMessages([]);
      },
    });
    const { headers } = await ask(started, asked({ 'Sec-WebSocket-Protocol': 'chat, snake' }));
    expect(headers.get('sec-websocket-protocol')).toEqual(['snake']);
    const none = await ask(started, asked({}));
    expect(none.headers.get('sec-websocket-protocol')).toBeUndefined();
    expect(seen).toEqual([['chat', 'snake'], 'snake', null]);
  });

  it('none by default', async () => {
    const { status, headers } = await ask(await plain(), asked({ 'Sec-WebSocket-Protocol': 'chat' }));
    expect([status, headers.get('sec-websocket-protocol')]).toEqual([101, undefined]);
  });

  it('one that the client did not offer is a 500, and told to the log', async () => {
    const started = await hooked({ selectSubProtocol: () => 'other' });
    expect((await ask(started, asked({ 'Sec-WebSocket-Protocol': 'chat' }))).status).toBe(500);
    expect(started.log.at(-1)).toMatchObject({ code: 'MARGAY_HOOK_FAILED', endpoint: 'Hooked' });
  });
});

describe('[TC7-1] createWebSocketInbound', () => {
  it('has the request, until it is done', async () => {
    const held = gate();
    let kept: HttpServletRequest | undefined;
    let seen: unknown;
    const started = await hooked(
      {
        create: async (_subProtocol, request) => {
          kept = request;
          await held.promise;
          seen = [
            request.getHeader('x-Cat'),
            request.getHeaders('X-CAT'),
            request.getParameter('名'),
            [...request.getParameterMap()],
            request.getQueryString(),
            request.getRequestURI(),
            request.getServletPath(),
            request.getPathInfo(),
            request.getContextPath(),
            request.getMethod(),
            request.getCookies()?.map((cookie) => [cookie.getName(), cookie.getValue()]),
            request.getSession(false),
            request.getUserPrincipal(),
            request.getRemoteAddr(),
            request.getHeader('nothing'),
            request.getParameter('nothing'),
          ];
          return new NotingMessages([]);
        },
      },
      { contextPath: '/app', authenticate: async () => ({ name: '小明' }), httpSession: () => ({ id: 's1' }), trustProxy: true },
    );
    const peer = RawPeer.ask(started, '/app/t?%E5%90%8D=%E5%B0%8F&%E5%90%8D=x', {
      lines: ['X-Cat: a', 'x-cat: b', 'Cookie: a=1; b="2"', 'X-Forwarded-For: 10.1.2.3'],
    });
    await eventually(() => expect(kept).toBeDefined());
    expect(kept?.getMethod()).toBe('GET');
    held.open();
    await peer.switched();
    expect(seen).toEqual([
      ...['a', ['a', 'b'], '小', [['名', ['小', 'x']]], '%E5%90%8D=%E5%B0%8F&%E5%90%8D=x', '/app/t', '/t', null, '/app', 'GET'],
      ...[
        [
          ['a', '1'],
          ['b', '2'],
        ],
        { id: 's1' },
        { name: '小明' },
        '10.1.2.3',
        null,
        null,
      ],
    ]);
    for (const use of [
      () => kept?.getHeader('x'),
      () => kept?.getParameterMap(),
      () => kept?.getSession(false),
      () => kept?.getRemoteAddr(),
    ]) {
      expect(use).toThrow(IllegalStateException);
      expect(use).toThrow(expect.objectContaining({ code: 'MARGAY_STATE' }));
    }
  });

  const BAD: readonly [what: string, create: () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('no inbound today');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no inbound today'))],
    ['returns nothing', () => 0],
    ['returns something else', () => ({})],
  ];
  it.each(BAD)('%s: 500 and an error line; the next one is served', async (_what, create) => {
    let bad = true;
    const started = await hooked({ create: () => (bad ? (create() as StreamInbound) : new NotingMessages([])) });
    const { status, body } = await ask(started, asked({}));
    expect([status, body]).toEqual([500, expect.stringContaining('[MARGAY_HOOK_FAILED]')]);
    expect(started.log.filter(({ level }) => level === 'error')).toMatchObject([
      {
        code: 'MARGAY_HOOK_FAILED',
        endpoint: 'Hooked',
        path: '/t',
        message: expect.stringMatching(/no inbound today|createWebSocketInbound returned/),
      },
    ]);
    bad = false;
    expect((await ask(started, asked({}))).status).toBe(101);
  });

  it('a second connection for the same inbound is a 500', async () => {
    const one = new NotingMessages([]);
    const started = await serving(() => one);
    await RawPeer.open(started, '/t');
    expect((await ask(started, asked({}))).status).toBe(500);
    expect(started.log.at(-1)?.message).toContain('serves a connection already');
  });
});

describe('[TC7-1] doGet', () => {
  it('may answer itself, or go on', async () => {
    const started = await hooked({
      doGet: (request, response, goOn) => {
        if (request.getParameter('key') === '猫') return goOn();
        response.setHeader('X-Why', 'no key');
        return response.sendError(401, '没有钥匙');
      },
    });
    const refused = await ask(started, asked({}));
    expect([refused.status, refused.body, refused.headers.get('x-why')]).toEqual([401, '没有钥匙', ['no key']]);
    await RawPeer.open(started, `/t?key=${encodeURIComponent('猫')}`);
    expect(started.container.statistics().open).toBe(1);
  });

  it('knows who asks, and the hooks are asked once', async () => {
    let times = 0;
    const names: unknown[] = [];
    const started = await hooked(
      {
        doGet: (request, _response, goOn) => {
          names.push(request.getUserPrincipal()?.name);
          return goOn();
        },
        create: (_subProtocol, request) => {
          names.push(request.getUserPrincipal()?.name);
          return new NotingMessages([]);
        },
      },
      { authenticate: async () => ({ name: `小明 ${++times}` }) },
    );
    await RawPeer.open(started, '/t');
    expect(names).toEqual(['小明 1', '小明 1']);
  });

  it('throws after the handshake: a line, and the connection stays', async () => {
    const started = await hooked({
      doGet: async (_request, _response, goOn) => {
        await goOn();
        throw new Error('too late');
      },
    });
    const peer = await RawPeer.open(started, '/t');
    await eventually(() => expect(started.log.at(-1)).toMatchObject({ code: 'MARGAY_SERVLET_FAILED' }));
    peer.ping('x');
    expect(await peer.ponged()).toEqual(['x']);
  });
});
