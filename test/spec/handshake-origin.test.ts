/** Who may connect, and whose word counts for where they come from. [D-06, D-37, REL-6] */
import { describe, expect, it } from '@jest/globals';
import { type HandshakeRequest, OnOpen, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

describe('[D-06, REL-6] the default', () => {
  const ROWS: readonly (readonly [origin: string | null, host: string, status: number])[] = [
    [null, 'a.example', 101],
    ['http://a.example', 'a.example', 101],
    ['https://a.example', 'a.example', 101], // schemes are not compared
    ['HTTP://A.Example', 'a.EXAMPLE', 101],
    ['http://a.example:80', 'a.example', 101],
    ['http://a.example', 'a.example:80', 101],
    ['https://a.example', 'a.example:443', 101],
    ['https://a.example:443', 'a.example', 101],
    ['http://a.example:8080', 'a.example:8080', 101],
    ['http://[::1]:8080', '[::1]:8080', 101],
    ['http://[::1]', '[::1]', 101],
    ['http://127.0.0.1:8080', '127.0.0.1:8080', 101],
    ['http://b.example', 'a.example', 403],
    ['http://a.example.evil', 'a.example', 403],
    ['http://evil-a.example', 'a.example', 403],
    ['http://sub.a.example', 'a.example', 403],
    ['http://a.example:8080', 'a.example', 403],
    ['http://a.example', 'a.example:8080', 403],
    ['http://a.example:8080', 'a.example:8081', 403],
    ['https://a.example', 'a.example:80', 403], // 80 is not the default of https
    ['http://a.example', 'a.example:443', 403],
    ['wss://a.example:443', 'a.example', 101],
    ['ftp://a.example:21', 'a.example', 403], // of a scheme we do not know no port is the default
    ['http://a.example:080', 'a.example', 101],
    ['http://a.example:65536', 'a.example', 403],
    ['http://a.example:80:80', 'a.example', 403],
    ['http://[::1]', '[::2]', 403],
    ['http://[2001:DB8::1]:80', '[2001:db8::1]', 101],
    ['http://[0:0:0:0:0:0:0:1]', '[::1]', 403], // the same text, not the same address
    ['http://[::1', '[::1]', 403],
    ['http://::1', '[::1]', 403],
    ['http://localhost', '127.0.0.1', 403], // the same text, not the same machine
    ['null', 'a.example', 403],
    ['null', 'null', 403],
    ['', 'a.example', 403],
    ['a.example', 'a.example', 403],
    ['http://', 'a.example', 403],
    ['http://a.example/', 'a.example', 403],
    ['http://user@a.example', 'a.example', 403],
    ['http://a.example@evil.example', 'a.example', 403],
    ['http://evil.example@a.example', 'a.example', 403],
    ['http://user:secret@a.example', 'a.example', 403],
    ['http://a.example.', 'a.example', 403], // to a browser another origin, to a resolver the same machine
    ['http://a.example.', 'a.example.', 101],
    ['http://xn--bcher-kva.example', 'xn--bcher-kva.example', 101],
    ['http://XN--Bcher-Kva.example', 'xn--bcher-kva.example', 101],
    ['http://b\u00fccher.example', 'xn--bcher-kva.example', 403], // browsers send punycode
    ['http://a.example#', 'a.example', 403],
    ['http://a.example?', 'a.example', 403],
    ['http://a.example\\', 'a.example', 403],
    ['http:a.example', 'a.example', 403],
    ['//a.example', 'a.example', 403],
    ['NULL', 'a.example', 403],
    ['undefined', 'a.example', 403],
    ['http://evil.example http://a.example', 'a.example', 403],
    ['http://a.example, http://evil.example', 'a.example', 403],
  ];

  it.each(ROWS)('a page of %j at %j: %d', async (origin, host, status) => {
    @ServerEndpoint('/talk')
    class Talk {}
    expect((await ask(await start(Talk), { headers: { Host: host, Origin: origin } })).status).toBe(status);
  });

  it('several lines of Origin do not get through, not even the same one twice', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const started = await start(Talk);
    for (const Origin of [
      ['http://localhost', 'http://evil.example'],
      ['http://evil.example', 'http://localhost'],
      ['http://localhost', 'http://localhost'],
      ['http://localhost', ''],
      ['http://localhost', 'null', 'http://localhost'],
    ]) {
      expect((await ask(started, { headers: { Origin } })).status).toBe(403);
    }
  });
});

describe('[D-06, REL-6] allowedOrigins', () => {
  const ROWS: readonly (readonly [allowed: '*' | readonly string[], origin: string, status: number])[] = [
    ['*', 'http://evil.example', 101],
    ['*', 'null', 101],
    ['*', 'what is this', 101],
    [['http://a.example'], 'http://a.example', 101],
    [['http://a.example'], 'HTTP://A.EXAMPLE:80', 101],
    [['http://a.example:80'], 'http://a.example', 101],
    [['http://a.example'], 'https://a.example', 403],
    [['http://a.example'], 'http://a.example:8080', 403],
    [['http://a.example'], 'http://b.a.example', 403],
    [['http://a.example'], 'http://localhost', 101], // it widens: the same host stays allowed
    [['http://a.example'], 'null', 403],
    [['null'], 'null', 101],
    [[], 'http://a.example', 403],
  ];

  it.each(ROWS)('%j on the container: a page of %s gets %d', async (allowedOrigins, origin, status) => {
    @ServerEndpoint('/talk')
    class Talk {}
    expect((await ask(await start(Talk, { allowedOrigins }), { headers: { Origin: origin } })).status).toBe(status);
  });

  it("[D-36] the endpoint's value replaces the container's whole value", async () => {
    @ServerEndpoint({ value: '/strict', allowedOrigins: [] })
    class Strict {}
    @ServerEndpoint({ value: '/other', allowedOrigins: ['http://b.example'] })
    class Other {}
    @ServerEndpoint('/plain')
    class Plain {}
    const started = await start([Strict, Other, Plain], { allowedOrigins: ['http://a.example'] });
    const status = async (target: string, origin: string) => (await ask(started, { target, headers: { Origin: origin } })).status;
    expect(await status('/strict', 'http://a.example')).toBe(403);
    expect(await status('/other', 'http://a.example')).toBe(403);
    expect(await status('/other', 'http://b.example')).toBe(101);
    expect(await status('/plain', 'http://a.example')).toBe(101);
    expect(await status('/plain', 'http://b.example')).toBe(403);
  });

  it("a Configurator's own checkOrigin replaces it", async () => {
    class Open extends ServerEndpointConfig.Configurator {
      override checkOrigin(): boolean {
        return true;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Open, allowedOrigins: ['http://a.example'] })
    class Talk {}
    expect((await ask(await start(Talk), { headers: { Origin: 'http://evil.example' } })).status).toBe(101);
  });

  it('a refusal by a configurator of its own is not blamed on allowedOrigins', async () => {
    class Strict extends ServerEndpointConfig.Configurator {
      override checkOrigin(): boolean {
        return false;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Strict })
    class Talk {}
    const started = await start(Talk);
    await ask(started, { headers: { Origin: 'http://a.example', Host: 'here.example' } });
    const line = started.log.find(({ code }) => code === 'MARGAY_ORIGIN');
    expect(line?.message).toContain("Talk's configurator decides that in checkOrigin");
    expect(line?.message).not.toContain('allowedOrigins');
  });

  it('a refusal is logged once per origin, naming Origin, Host and the cure', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const started = await start(Talk);
    for (const origin of ['http://a.example', 'http://a.example', 'http://b.example', 'http://a.example']) {
      await ask(started, { headers: { Origin: origin, Host: 'here.example' } });
    }
    const lines = started.log.filter(({ code }) => code === 'MARGAY_ORIGIN');
    expect(lines).toMatchObject([
      { level: 'warn', origin: 'http://a.example', host: 'here.example', path: '/talk' },
      { level: 'warn', origin: 'http://b.example', host: 'here.example', path: '/talk' },
    ]);
    expect(lines[0]?.message).toContain('allowedOrigins');
    expect(lines[0]?.message).toContain('http://a.example');
    expect(lines[0]?.message).toContain('here.example');
  });
});

describe('[D-37] trustProxy', () => {
  const FORWARDED = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Host': 'public.example', 'X-Forwarded-Proto': 'https' };
  const PUBLIC = { origin: 'https://public.example', uri: 'wss://public.example/talk', secure: true, address: '203.0.113.7' };
  const PRIVATE = { origin: 'http://inner.example', uri: 'ws://inner.example/talk', secure: false, address: '127.0.0.1' };

  const ROWS: readonly (readonly [trust: boolean | readonly string[], headers: Record<string, string>, seen: typeof PUBLIC])[] = [
    [false, FORWARDED, PRIVATE],
    [[], FORWARDED, PRIVATE],
    [['10.0.0.0/8'], FORWARDED, PRIVATE],
    [true, FORWARDED, PUBLIC],
    [['127.0.0.1'], FORWARDED, PUBLIC],
    [['127.0.0.0/8'], FORWARDED, PUBLIC],
    [true, {}, PRIVATE],
    [true, { Forwarded: 'for=203.0.113.7;host=public.example;proto=https' }, PUBLIC],
    [true, { ...FORWARDED, 'X-Forwarded-Host': 'x', Forwarded: 'for="203.0.113.7:99";host="public.example";proto=https' }, PUBLIC],
    [true, { ...FORWARDED, 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' }, PUBLIC], // the last untrusted hop, from the right
    [['127.0.0.1', '192.0.2.1'], { ...FORWARDED, 'X-Forwarded-For': '198.51.100.1, 203.0.113.7, 192.0.2.1' }, PUBLIC],
  ];

  it.each(ROWS)('%j with %j', async (trustProxy, headers, { origin, uri, secure, address }) => {
    const seen: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
        seen.push(request.getRequestURI().href, request.getRemoteAddress());
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(session.getRequestURI().href, session.isSecure());
      }
    }
    const started = await start(Talk, { trustProxy });
    expect((await ask(started, { headers: { Host: 'inner.example', Origin: origin, ...headers } })).status).toBe(101);
    await eventually(() => expect(seen).toEqual([uri, address, uri, secure]));
    expect((await ask(started, { headers: { Host: 'inner.example', Origin: 'http://evil.example', ...headers } })).status).toBe(403);
  });
});
