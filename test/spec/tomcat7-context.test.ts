/** What a servlet knows of its place: configuration, context, and the application's server around it. [TC7-8] */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ServerContainer } from 'margay';
import { HttpServlet, type HttpServletRequest, type HttpServletResponse, type ServletConfig } from 'margay/catalina';
import { ask } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { at, attached, doing, hello, own, servers } from '../support/sites.js';

describe('[TC7-8] container.handle', () => {
  it('while the container closes a servlet answers 503, afterwards nobody', async () => {
    const begun = gate();
    const held = gate();
    const { url, container } = await attached(
      at(
        doing(() => {
          begun.open();
          return held.promise;
        }),
      ),
    );
    const answer = fetch(`${url}/s`);
    await begun.promise;
    const closed = container.close();
    const refused = await fetch(`${url}/s`);
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('[MARGAY_DRAINING]')]);
    held.open();
    await answer;
    await closed;
    expect((await fetch(`${url}/s`)).status).toBe(404);
  });

  it('is not for what comes before the container is attached', async () => {
    const container = new ServerContainer(at(doing(hello)));
    const taken: boolean[] = [];
    const server = createServer((request, response) => {
      taken.push(container.handle(request, response));
      response.end();
    });
    servers.add({ server, container });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/app/s`);
    expect(taken).toEqual([false]);
  });

  it('a path that cannot be read, or a target that is none, is nobody’s', async () => {
    const { port } = await attached({ servlets: [{ urlPattern: '/*', servlet: doing(hello) }] });
    for (const target of ['/%', '/../x', '*'])
      expect((await ask({ port }, { target, method: 'OPTIONS', headers: { Upgrade: [], Connection: [] } })).status).toBe(404);
  });
});

describe('[TC7-8] configuration and context', () => {
  it('init parameters, names and a context that all share', async () => {
    let config: ServletConfig | undefined;
    class First extends HttpServlet {
      override init(given: ServletConfig) {
        config = given; // and no super.init(given)
        this.getServletContext().setAttribute('connections', ['猫']);
      }
    }
    class Second extends HttpServlet {
      protected override doGet(_request: HttpServletRequest, response: HttpServletResponse) {
        const context = this.getServletContext();
        response
          .getWriter()
          .print(
            JSON.stringify([
              context.getAttribute('connections'),
              context.getAttribute('none'),
              this.getInitParameter('x'),
              this.getServletName(),
            ]),
          );
      }
    }
    const { url, container } = await own({
      contextPath: '/app',
      servlets: [
        { urlPattern: '/first', servlet: First, initParams: { byteBufferMaxSize: '2097152', 名: '小明' } },
        { urlPattern: '/second', servlet: Second },
      ],
    });
    expect([
      config?.getInitParameter('名'),
      config?.getInitParameter('none'),
      config?.getInitParameterNames(),
      config?.getServletName(),
    ]).toEqual(['小明', null, ['byteBufferMaxSize', '名'], 'First']);
    expect(config?.getServletContext().getContextPath()).toBe('/app');
    expect(await (await fetch(`${url}/second`)).json()).toEqual([['猫'], null, null, 'Second']);
    expect(container.attributes.get('connections')).toEqual(['猫']);
    config?.getServletContext().setAttribute('connections', null);
    expect(container.attributes.has('connections')).toBe(false);
    config?.getServletContext().setAttribute('a', 1);
    config?.getServletContext().removeAttribute('a');
    expect(config?.getServletContext().getAttribute('a')).toBeNull();
  });

  it('[CON-8] one context for all containers of one context path on one server, in init already', async () => {
    const server = createServer();
    const seen: unknown[] = [];
    class Looks extends HttpServlet {
      override init() {
        seen.push(this.getServletContext().getAttribute('who'));
        this.getServletContext().setAttribute('who', this.getInitParameter('me'));
      }
    }
    const container = (contextPath: string, me: string) =>
      new ServerContainer({ contextPath, servlets: [{ urlPattern: '/x', servlet: Looks, initParams: { me } }] });
    for (const each of [container('/a', 'first'), container('/a', 'second'), container('/b', 'third')]) {
      servers.add({ server, container: each });
      await each.attach(server);
    }
    expect(seen).toEqual([null, 'first', null]);
  });

  it('there is none before a container has it', () => {
    const servlet = doing(null);
    for (const use of [() => servlet.getServletConfig(), () => servlet.getServletContext(), () => servlet.getInitParameter('x')]) {
      expect(use).toThrow(expect.objectContaining({ code: 'MARGAY_STATE' }));
    }
  });

  it('a servlet that is asked by many at a time is one object', async () => {
    let most = 0;
    let now = 0;
    const { url } = await own(
      at(
        doing(async (_request, response) => {
          most = Math.max(most, ++now);
          await eventually(() => expect(most).toBeGreaterThan(1));
          now--;
          response.getWriter().print('ok');
        }),
      ),
    );
    expect(await Promise.all(['1', '2', '3'].map(async () => (await fetch(`${url}/s`)).text()))).toEqual(['ok', 'ok', 'ok']);
  });
});
