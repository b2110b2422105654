/** A connection of a WebSocketServlet is one like others: limits, draining, roles, paths. [TC7-1] */
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { type ContainerOptions, OnOpen, openSessions, ServerEndpoint } from 'margay';
import { type HttpServletRequest, type HttpServletResponse, WebSocketServlet } from 'margay/catalina';
import { ask } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';
import { asked, conversation, hooked, NotingMessages, serving } from '../support/tomcat7.js';

describe('[TC7-1] a connection like others', () => {
  it('counts: statistics, the registry, limits, and places that are given back', async () => {
    const talk = await conversation({}, { maxConnections: 1 });
    expect(talk.container.statistics()).toMatchObject({ open: 1, opened: 1 });
    expect(openSessions(talk.container, '/t').size).toBe(1);
    const full = await ask(talk, asked({}));
    expect([full.status, full.body]).toEqual([503, expect.stringContaining('[MARGAY_MAX_CONNECTIONS]')]);
    expect([...talk.container.statistics().refused]).toEqual([[503, 1]]);
    talk.peer.close(1000);
    await talk.peer.finished();
    await eventually(() => expect(openSessions(talk.container, '/t').size).toBe(0));
    await eventually(async () => expect((await ask(talk, asked({}))).status).toBe(101));
  });

  it('[REL-2] hooks have their time', async () => {
    const started = await hooked({ create: () => new Promise(() => {}) }, { hookTimeout: 50 });
    const { status, body } = await ask(started, asked({}));
    expect([status, body]).toEqual([503, expect.stringContaining('[MARGAY_HOOK_TIMEOUT]')]);
  });

  it('[REL-2] so has authenticate, before a doGet of one’s own', async () => {
    const started = await hooked({ doGet: () => {} }, { hookTimeout: 50, authenticate: () => new Promise<null>(() => {}) });
    expect((await ask(started, asked({}))).status).toBe(503);
  });

  it('[REL-16] a container that closes refuses what is undecided', async () => {
    const begun = gate();
    const started = await hooked({
      create: () => {
        begun.open();
        return new Promise(() => {});
      },
    });
    const peer = RawPeer.ask(started, '/t');
    await begun.promise;
    const closed = started.container.close();
    expect((await peer.response()).status).toBe(503);
    await closed;
  });

  it('the peer leaves while its inbound is made: nothing is logged, nothing stays', async () => {
    const begun = gate();
    const held = gate();
    const started = await hooked({
      create: async () => {
        begun.open();
        await held.promise;
        return new NotingMessages([]);
      },
    });
    const peer = RawPeer.ask(started, '/t');
    await begun.promise;
    peer.reset();
    await new Promise((resolve) => setTimeout(resolve, 20));
    held.open();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(started.container.statistics().opened).toBe(0);
    expect(started.log.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('[HS-1] protected: 401, 403', async () => {
    const options: ContainerOptions = {
      rolesAllowed: ['cat'],
      authenticate: async ({ headers }) => (headers['x-name'] ? { name: 'x', roles: [String(headers['x-name'])] } : null),
    };
    for (const started of [await serving(() => new NotingMessages([]), options), await hooked({}, options)]) {
      expect((await ask(started, asked({}))).status).toBe(401);
      expect((await ask(started, asked({ 'X-Name': 'dog' }))).status).toBe(403);
      expect((await ask(started, asked({ 'X-Name': 'cat' }))).status).toBe(101);
    }
  });

  it('an endpoint at the same path has the upgrades, the servlet the rest', async () => {
    const opened: string[] = [];
    @ServerEndpoint('/t')
    class Talk {
      @OnOpen
      open() {
        opened.push('endpoint');
      }
    }
    const servlet = new (class Both extends WebSocketServlet {
      protected override doGet(_request: HttpServletRequest, response: HttpServletResponse) {
        response.getWriter().print('a page');
      }
      protected createWebSocketInbound() {
        opened.push('servlet');
        return new NotingMessages([]);
      }
    })();
    const started = await start(Talk, { servlets: [{ urlPattern: '/t', servlet }] });
    await RawPeer.open(started, '/t');
    expect(opened).toEqual(['endpoint']);
    expect(await (await fetch(`${started.container.url}/t`)).text()).toBe('a page');
  });

  it('a client that talks at once is heard', async () => {
    const talk = await conversation();
    const other = RawPeer.ask(talk, '/t', { behind: [{ opcode: 1, payload: '早' }] });
    await other.switched();
    await eventually(() => expect(talk.told).toContainEqual(['text', '早']));
  });

  it('node’s own client is refused in full', async () => {
    const { container } = await serving(() => new NotingMessages([]));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${container.url}/t`, {
        headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '12', 'Sec-WebSocket-Key': 'x' },
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end();
    });
    expect(status).toBe(426);
  });
});
