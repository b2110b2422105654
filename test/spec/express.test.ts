/** An application of Express with express-session, whose logins hold for its endpoints too. [HS-15, EXT-11] */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import express, { type Request, type Response } from 'express';
import session, { type Session as HttpSession, MemoryStore } from 'express-session';
import {
  EndpointConfig,
  type HandshakeRequest,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

declare module 'express-session' {
  interface SessionData {
    user: string;
    cart: string[];
  }
}

/** Tells of sessions that are destroyed, by their id. */
class TellingStore extends MemoryStore {
  readonly ends = new EventEmitter();

  override destroy(id: string, done?: (error?: unknown) => void): void {
    super.destroy(id, (error) => {
      this.ends.emit(id);
      done?.(error);
    });
  }
}

const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

/** The application: it logs in and out, and serves an endpoint to those who are logged in. */
async function application(endpoint: new () => object) {
  const store = new TellingStore();
  const sessions = session({ store, secret: 'a secret of the tests', resave: false, saveUninitialized: false });
  const app = express();
  app.use(sessions);
  app.get('/login', (request, response) => {
    const { name } = request.query;
    request.session.user = String(name);
    request.session.cart = ['tea'];
    response.send('in');
  });
  app.get('/logout', (request, response) => request.session.destroy(() => response.send('out')));
  app.get('/buy', (request, response) => response.send(String(request.session.cart?.push('milk'))));

  /** The HTTP session of an upgrade request; express-session looks once a request. */
  const sessionOf = (request: IncomingMessage): Promise<HttpSession & { user?: string }> =>
    new Promise((resolve, reject) => {
      const next = (error?: unknown) => (error ? reject(error) : resolve((request as Request).session));
      sessions(request as Request, new ServerResponse(request) as Response, next);
    });
  const container = new ServerContainer({
    authenticate: async (request) => {
      const { user } = await sessionOf(request);
      return user === undefined ? null : { name: user };
    },
    httpSession: async (request) => {
      const found = await sessionOf(request);
      return found.user === undefined ? null : found; // express-session makes an empty one for everybody
    },
    onSessionEnd: (id, ended) => {
      store.ends.once(id, ended);
      return () => store.ends.off(id, ended);
    },
  });
  await container.addEndpoint(endpoint);
  const server = createServer(app);
  await container.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  cleanUp.push(() => container.close());
  const { port } = server.address() as AddressInfo;
  const get = async (path: string, cookie = '') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } });
    return { text: await response.text(), cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie };
  };
  const dial = async (cookie: string) => {
    const peer = await Peer.open(`ws://127.0.0.1:${port}/shop`, { headers: { cookie } });
    cleanUp.push(() => peer.socket.terminate());
    return peer;
  };
  return { port, store, get, dial };
}

describe('[HS-15] with Express and express-session', () => {
  /** The Java idiom: the HTTP session goes into the user properties, where @OnOpen finds it. */
  class KeepsSession extends ServerEndpointConfig.Configurator {
    override modifyHandshake(config: ServerEndpointConfig, request: HandshakeRequest): void {
      config.getUserProperties().set('httpSession', request.getHttpSession());
    }
  }

  @ServerEndpoint({ value: '/shop', configurator: KeepsSession, rolesAllowed: ['*'] })
  class Shop {
    #cart: readonly string[] = [];

    @OnOpen
    open(_session: Session, config: EndpointConfig): void {
      this.#cart = (config.getUserProperties().get('httpSession') as HttpSession & { cart: string[] }).cart;
    }

    @OnMessage
    text(question: string, own: Session): string {
      const kept = own.getUserProperties().get('httpSession') as HttpSession;
      return question === 'who' ? `${own.getUserPrincipal()?.name} ${kept.id.length > 20}` : this.#cart.join();
    }
  }

  it('who has logged in is the principal, and @OnOpen has the HTTP session; who has not gets 401', async () => {
    const { port, get, dial } = await application(Shop);
    expect((await ask({ port }, { target: '/shop' })).status).toBe(401);
    const { cookie } = await get('/login?name=ann');
    const peer = await dial(cookie);
    peer.send('who');
    peer.send('cart');
    expect(await peer.take(2)).toEqual(['ann true', 'tea']);
    const forged = cookie.replace(/\.[^.]*$/, '.AAAA');
    expect((await ask({ port }, { target: '/shop', headers: { Cookie: forged } })).status).toBe(401);
  });

  it('[EXT-11] logging out closes what that login had opened with 1008, and nothing else', async () => {
    const { port, store, get, dial } = await application(Shop);
    const [ann, bob] = [(await get('/login?name=ann')).cookie, (await get('/login?name=bob')).cookie];
    const [one, two, other] = [await dial(ann), await dial(ann), await dial(bob)];
    expect((await get('/logout', ann)).text).toBe('out');
    const closed = { code: 1008, phrase: 'This connection was opened under an authenticated HTTP session that has ended.' };
    expect([await one.closed, await two.closed]).toEqual([closed, closed]);
    other.send('who');
    expect(await other.next()).toBe('bob true');
    expect((await ask({ port }, { target: '/shop', headers: { Cookie: ann } })).status).toBe(401);
    await other.close();
    await eventually(() => expect(store.ends.eventNames()).toEqual([]));
  });

  it('[EXT-11] a session that is saved or changed has not ended', async () => {
    const { get, dial } = await application(Shop);
    const { cookie } = await get('/login?name=ann');
    const peer = await dial(cookie);
    expect((await get('/buy', cookie)).text).toBe('2');
    peer.send('who');
    expect(await peer.next()).toBe('ann true');
  });
});
