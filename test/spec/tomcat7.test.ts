/** Tomcat 7's servlets and inbounds, as an application of that time was made of them. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ContainerOptions, type ServerContainer, serve } from 'margay';
import { HttpServlet, type HttpServletRequest, type HttpServletResponse, MessageInbound, WebSocketServlet } from 'margay/catalina';
import { RawPeer } from '../support/raw-peer.js';

const open = new Set<ServerContainer>();
afterEach(async () => {
  await Promise.all([...open].map((container) => container.close()));
  open.clear();
});

async function serving(options: ContainerOptions) {
  const container = await serve({ port: 0, host: '127.0.0.1', ...options });
  open.add(container);
  return { container, port: Number(new URL(container.url).port) };
}

class Echo extends MessageInbound {
  protected onBinaryMessage(message: Buffer) {
    return this.getWsOutbound().writeBinaryMessage(message);
  }
  protected onTextMessage(message: string) {
    return this.getWsOutbound().writeTextMessage(message);
  }
}
class EchoServlet extends WebSocketServlet {
  protected createWebSocketInbound() {
    return new Echo();
  }
}
class Greeting extends HttpServlet {
  protected override doGet(request: HttpServletRequest, response: HttpServletResponse) {
    response.setContentType('text/html;charset=UTF-8');
    response.getWriter().println(`Hello ${request.getParameter('name')}`);
  }
  protected override doPost(request: HttpServletRequest, response: HttpServletResponse) {
    this.doGet(request, response);
  }
}

describe('an application', () => {
  it('[TC7-1, TC7-3] echoes', async () => {
    const { port } = await serving({ contextPath: '/app', servlets: [{ urlPattern: '/echo', servlet: EchoServlet }] });
    const peer = await RawPeer.open({ port }, '/app/echo');
    peer.text('Grüße 小明 🐈');
    expect(await peer.received(1)).toEqual(
      [Buffer.from('Grüße 小明 🐈').toString('latin1')].map((t) => Buffer.from(t, 'latin1').toString()),
    );
  });

  it('[TC7-8] answers GET and POST', async () => {
    const { container } = await serving({ contextPath: '/app', servlets: [{ urlPattern: '/hello', servlet: Greeting }] });
    const got = await fetch(`${container.url}/hello?name=${encodeURIComponent('小明')}`);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/html;charset=UTF-8', 'Hello 小明\n']);
    const posted = await fetch(`${container.url}/hello`, { method: 'POST', body: new URLSearchParams({ name: '🐈 & co' }) });
    expect(await posted.text()).toBe('Hello 🐈 & co\n');
    expect((await fetch(`${container.url}/hello`, { method: 'PUT', body: 'x' })).status).toBe(405);
  });
});
