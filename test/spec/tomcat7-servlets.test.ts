/** HttpServlet: requests and answers, over a server of the container's and over one of the application's. [TC7-8] */
import { describe, expect, it } from '@jest/globals';
import { type ContainerOptions, IllegalArgumentException } from 'margay';
import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from 'margay/catalina';
import { ask } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Answer, at, attached, doing, form, hello, own } from '../support/sites.js';

describe.each([
  ['on its own server', own],
  ["on the application's", attached],
])('[TC7-8] a servlet %s', (_where, serving) => {
  it('answers GET and POST, with parameters of the query and of a form', async () => {
    const { url } = await serving(at(doing(hello)));
    const got = await fetch(`${url}/s?name=${encodeURIComponent('小明')}`);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/html;charset=UTF-8', 'Hello 小明\n']);
    const posted = await fetch(`${url}/s`, form({ name: '🐈 & <b>' }));
    expect([posted.status, await posted.text()]).toEqual([200, 'Hello 🐈 & <b>\n']);
    const empty = await fetch(`${url}/s`, { method: 'POST' });
    expect(await empty.text()).toBe('Hello null\n');
  });

  it('the query stands before the body; other bodies are no parameters', async () => {
    const lists: Answer = (request, response) =>
      response.getWriter().print(JSON.stringify([...request.getParameterMap(), request.getParameterValues('none')]));
    const { url } = await serving(at(doing(null, lists)));
    expect(await (await fetch(`${url}/s?a=1&b=2`, form({ a: '3' }))).json()).toEqual([['a', ['1', '3']], ['b', ['2']], null]);
    const json = await fetch(`${url}/s`, { method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json' } });
    expect(await json.json()).toEqual([null]);
  });

  it('a form of 64 KiB is read, a larger one is a 413, whether or not it says so', async () => {
    const size: Answer = (request, response) => response.getWriter().print(request.getParameter('a')?.length);
    const { url, port } = await serving(at(doing(size)));
    expect(await (await fetch(`${url}/s`, form({ a: 'x'.repeat(65_534) }))).text()).toBe('65534');
    const large = await fetch(`${url}/s`, form({ a: 'x'.repeat(65_535) }));
    expect([large.status, await large.text()]).toEqual([413, expect.stringContaining('[MARGAY_FORM_TOO_LARGE]')]);
    const peer = await RawPeer.connect({ port });
    const chunk = `${(40_000).toString(16)}\r\n${'x'.repeat(40_000)}\r\n`;
    peer.send(
      `POST /app/s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );
    expect((await peer.response()).status).toBe(413);
  });

  it('[REL-2] a form that does not arrive in time is a 408; one whose sender leaves is forgotten', async () => {
    let calls = 0;
    const { port, log } = await serving(
      at(
        doing(() => void calls++),
        { handshakeTimeout: 100 },
      ),
    );
    const head =
      'POST /app/s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na=';
    const [slow, gone] = [await RawPeer.connect({ port }), await RawPeer.connect({ port })];
    slow.send(head);
    gone.send(head);
    await new Promise((resolve) => setTimeout(resolve, 20));
    gone.reset();
    expect((await slow.response()).status).toBe(408);
    expect(calls).toBe(0);
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('[TC7-8] a form whose sender waits to be asked for it is asked; one that is too large is not', async () => {
    const { port } = await serving(at(doing(hello)));
    const [small, large] = [await RawPeer.connect({ port }), await RawPeer.connect({ port })];
    const head = (length: number) =>
      `POST /app/s HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n\r\n`;
    small.send(head(7));
    await eventually(() => expect(small.bytes.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n'));
    small.send('name=xy');
    await eventually(() => expect(small.bytes.toString()).toMatch(/HTTP\/1.1 200 OK[\s\S]*Hello xy/));
    large.send(head(70_000));
    await eventually(() => expect(large.bytes.toString()).toContain('[MARGAY_FORM_TOO_LARGE]'));
  });

  it('[TC7-8] a form with a request for another protocol is refused, and not taken for an empty one', async () => {
    const { port } = await serving(at(doing(hello)));
    const peer = await RawPeer.connect({ port });
    peer.send(
      'POST /app/s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nname=xy',
    );
    const { status, body } = await peer.response();
    expect([status, body]).toEqual([400, expect.stringContaining('[MARGAY_UPGRADE_HTTP]')]);
  });

  it('[TC7-8] headers that say where an answer ends are not the servlet’s', async () => {
    const { port } = await serving(
      at(
        doing((_request, response) => {
          response.setHeader('content-length', '2');
          response.setHeader('Transfer-Encoding', 'chunked');
          response.setHeader('Trailer', 'X-Sum');
          response.getWriter().print('小明');
        }),
      ),
    );
    const { status, headers, body } = await ask({ port }, { target: '/app/s', headers: { Upgrade: [], Connection: [] } });
    expect([status, headers.get('content-length'), headers.has('transfer-encoding'), body]).toEqual([200, ['6'], false, '小明']);
  });

  it.each([204, 205, 304])('[TC7-8] an answer of %i has no body, whatever was written', async (status) => {
    const { port } = await serving(
      at(
        doing((_request, response) => {
          response.setStatus(status);
          response.getWriter().print('hello');
        }),
      ),
    );
    const peer = await RawPeer.connect({ port });
    peer.send('GET /app/s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await peer.ended();
    const answer = peer.bytes.toString();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/Content-Length: 0\r\n[\s\S]*\r\n\r\n$/i);
  });

  it('[TC7-8] a target that is an absolute URI has only its path for a request URI', async () => {
    const where: Answer = (request, response) => response.getWriter().print(`${request.getRequestURI()} ${request.getQueryString()}`);
    const { port } = await serving(at(doing(where)));
    for (const [target, said] of [
      ['http://localhost/app/s/a%2Fb?q=http://x/', '/app/s/a%2Fb q=http://x/'],
      ['/app//s;a=1?', null],
      ['/app//s/;a=1?', '/app//s/;a=1 '],
    ] as const) {
      const { status, body } = await ask({ port }, { target, headers: { Upgrade: [], Connection: [] } });
      if (said === null) expect(status).toBe(404);
      else expect(body).toBe(said);
    }
  });

  it('HEAD has no body, other methods are a 405 that says which there are', async () => {
    const { url } = await serving(at(doing(hello)));
    const head = await fetch(`${url}/s?name=x`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '8', '']);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await fetch(`${url}/s`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    }
  });

  it.each([
    ['neither', doing(null), 'GET', ''],
    ['doPost alone', doing(null, hello), 'GET', 'POST'],
    ['neither, posted', doing(null), 'POST', ''],
  ])('what is not overridden is a 405: %s', async (_what, servlet, method, allow) => {
    const { url } = await serving(at(servlet));
    const response = await fetch(`${url}/s`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  it('what it throws is a 500 and a line; it serves the next', async () => {
    const failing: Answer = async (request, response) => {
      response.getWriter().print('half a page');
      if (request.getParameter('ok') === null) throw new Error('out of ideas');
    };
    const { url, log } = await serving(at(doing(failing)));
    const failed = await fetch(`${url}/s`);
    expect([failed.status, await failed.text()]).toEqual([500, 'The servlet failed. [MARGAY_SERVLET_FAILED]']);
    expect(log.filter(({ level }) => level === 'error')).toMatchObject([{ code: 'MARGAY_SERVLET_FAILED', servlet: 'Doing', path: '/s/*' }]);
    expect(await (await fetch(`${url}/s?ok`)).text()).toBe('half a page');
  });

  it('says where it is asked', async () => {
    const where: Answer = (request, response) =>
      response
        .getWriter()
        .print(
          JSON.stringify([
            request.getRequestURI(),
            request.getContextPath(),
            request.getServletPath(),
            request.getPathInfo(),
            request.getQueryString(),
            request.getHeaderNames().includes('host'),
            request.getCookies(),
            request.getHeaders('x-none'),
          ]),
        );
    const { url } = await serving(at(doing(where)));
    const encoded = encodeURIComponent('小明');
    expect(await (await fetch(`${url}/s/${encoded}/a?q=${encoded}`)).json()).toEqual([
      `/app/s/${encoded}/a`,
      '/app',
      '/s',
      '/小明/a',
      `q=${encoded}`,
      true,
      null,
      [],
    ]);
    expect(((await (await fetch(`${url}/s`)).json()) as unknown[]).slice(2, 5)).toEqual(['/s', null, null]);
  });

  it('sets status, headers and type; the last of a name, or one more of it', async () => {
    const { url } = await serving(
      at(
        doing((_request, response) => {
          response.setStatus(201);
          response.setHeader('X-One', 'a');
          response.setHeader('x-one', 'b');
          response.addHeader('Set-Cookie', 'a=1');
          response.addHeader('Set-Cookie', 'b=2');
          response.setCharacterEncoding('utf-8');
          response.setContentType('text/html');
          response.getWriter().write('<p>猫');
          response.getWriter().println();
        }),
      ),
    );
    const response = await fetch(`${url}/s`);
    expect([response.status, response.headers.get('x-one'), response.headers.getSetCookie(), response.headers.get('content-type')]).toEqual(
      [201, 'b', ['a=1', 'b=2'], 'text/html;charset=UTF-8'],
    );
    expect(await response.text()).toBe('<p>猫\n');
  });

  it('an answer that stands is not changed any more', async () => {
    const errors: unknown[] = [];
    const { url } = await serving(
      at(
        doing((_request, response) => {
          const writer = response.getWriter();
          writer.print('first');
          writer.flush();
          expect(response.isCommitted()).toBe(true);
          response.setStatus(500);
          response.setHeader('X-Late', 'x');
          response.addHeader('X-Late', 'x');
          try {
            response.sendError(404);
          } catch (error) {
            errors.push(error);
          }
          writer.print(', second');
          writer.close();
          writer.print(', third');
        }),
      ),
    );
    const response = await fetch(`${url}/s`);
    expect([response.status, response.headers.get('x-late'), await response.text()]).toEqual([200, null, 'first, second']);
    expect(errors).toEqual([expect.objectContaining({ code: 'MARGAY_STATE' })]);
  });

  it('sendError answers instead of what was written', async () => {
    const { url } = await serving(
      at(
        doing((request, response) => {
          response.setContentType('text/html');
          response.getWriter().print('a page');
          const message = request.getParameter('message');
          if (message === null) response.sendError(404);
          else response.sendError(404, message);
          response.getWriter().print('more');
        }),
      ),
    );
    const response = await fetch(`${url}/s?message=${encodeURIComponent('没有')}`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      404,
      'text/plain;charset=UTF-8',
      '没有',
    ]);
    expect(await (await fetch(`${url}/s`)).text()).toBe('Not Found');
  });

  it('what cannot be set is refused', async () => {
    const { url } = await serving(
      at(
        doing((request, response) => {
          const odd: (() => void)[] = [
            () => response.setStatus(99),
            () => response.setStatus(101),
            () => response.setHeader('X', 'a\r\nb'),
            () => response.addHeader('X Y', 'a'),
            () => response.setCharacterEncoding('GBK'),
            () => request.setCharacterEncoding('ISO-8859-1'),
            () => request.getSession(true as never),
          ];
          for (const each of odd) expect(each).toThrow(IllegalArgumentException);
          request.setCharacterEncoding('UTF-8');
          response.getWriter().print(odd.length);
        }),
      ),
    );
    expect(await (await fetch(`${url}/s`)).text()).toBe('7');
  });

  it('[HS-1] who asks is asked for: session, principal, roles', async () => {
    const who: Answer = (request, response) =>
      response.getWriter().print(JSON.stringify([request.getUserPrincipal()?.name, request.getSession(false)]));
    const options: ContainerOptions = {
      rolesAllowed: ['cat'],
      authenticate: async ({ headers }) => (headers['x-name'] === undefined ? null : { name: 'Tom', roles: [String(headers['x-name'])] }),
      httpSession: async () => ({ id: 's1' }),
    };
    const { url } = await serving(at(doing(who), options));
    expect((await fetch(`${url}/s`)).status).toBe(401);
    expect((await fetch(`${url}/s`, { headers: { 'X-Name': 'dog' } })).status).toBe(403);
    expect(await (await fetch(`${url}/s`, { headers: { 'X-Name': 'cat' } })).json()).toEqual(['Tom', { id: 's1' }]);
    const confidential = await serving(at(doing(who), { confidential: true }));
    expect((await fetch(`${confidential.url}/s`)).status).toBe(403);
  });

  it('answers an upgrade request, too, which it knows nothing of', async () => {
    const site = await serving(at(doing((_request, response) => response.getWriter().print('a page'))));
    const { status, body } = await ask(site, { target: '/app/s' });
    expect([status, body]).toEqual([200, 'a page']);
  });

  it('other paths are not its own', async () => {
    const { url } = await serving(at(doing(hello)));
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(url.replace('/app', '/s'))).status).toBe(404);
  });

  it('a container that closes waits for its answer, and lets it go', async () => {
    const begun = gate();
    const held = gate();
    const events: string[] = [];
    class Slow extends HttpServlet {
      protected override async doGet(_request: HttpServletRequest, response: HttpServletResponse) {
        begun.open();
        await held.promise;
        response.getWriter().print('after all');
        events.push('answered');
      }
      override destroy() {
        events.push('destroyed');
      }
    }
    const { url, container } = await serving(at(new Slow()));
    const answer = fetch(`${url}/s`);
    await begun.promise;
    const closed = container.close();
    held.open();
    expect(await (await answer).text()).toBe('after all');
    await closed;
    expect(events).toEqual(['answered', 'destroyed']);
  });
});
