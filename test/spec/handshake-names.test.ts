/** Names that objects have of themselves, in every place of a request where a stranger may write one. [REL-4] */
import { describe, expect, it } from '@jest/globals';
import { type HandshakeRequest, OnMessage, pathParam, ServerEndpoint, ServerEndpointConfig, Session, text } from 'margay';
import type { ExtensionFactory } from 'margay/spi';
import { ask, type Question } from '../support/ask.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'isPrototypeOf',
  '__defineGetter__',
  'prototype',
] as const;

/** What a hook sees of a request, and how it was answered. */
async function seen(question: Question, look: (request: HandshakeRequest) => unknown, subprotocols: readonly string[] = []) {
  const looks: unknown[] = [];
  class Hooks extends ServerEndpointConfig.Configurator {
    override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
      looks.push(look(request));
    }
  }
  const counting: ExtensionFactory = {
    name: 'counting',
    build: (offers) => ({
      rsv: [],
      parameters: (offers[0] ?? []).map((each) => each),
      inbound: (frame) => frame,
      outbound: (frame) => frame,
    }),
  };
  @ServerEndpoint({ value: '/talk/{who}', configurator: Hooks, subprotocols, perMessageDeflate: true })
  class Talk {}
  const started = await start(Talk, { trustProxy: true, extensions: [counting] });
  const response = await ask(started, { target: '/talk/ann', ...question });
  return { ...response, looks };
}

describe.each(NAMES)('[REL-4] %s', (name) => {
  it('as a header is one, and is not there when it was not sent', async () => {
    const look = (request: HandshakeRequest) => request.getHeaders().get(name);
    expect((await seen({ headers: { [name]: ['1', '2'], Host: 'localhost' } }, look)).looks).toEqual([['1', '2']]);
    expect((await seen({}, look)).looks).toEqual([undefined]);
  });

  it('as a cookie is a part of its header', async () => {
    const { looks } = await seen({ headers: { Cookie: `${name}=1; a=${name}` } }, (request) => request.getHeaders().get('cookie'));
    expect(looks).toEqual([[`${name}=1; a=${name}`]]);
  });

  it('as an extension is one that nobody has, also with parameters of that name', async () => {
    const offer = `${name}; ${name}=${name}, permessage-deflate; ${name}, counting; ${name}=${name}; a=1`;
    const { status, headers } = await seen({ headers: { 'Sec-WebSocket-Extensions': offer } }, () => 0);
    expect([status, headers.get('sec-websocket-extensions')]).toEqual([101, [`counting; ${name}=${name}; a=1`]]);
  });

  it('as a subprotocol is spoken only where the endpoint lists it', async () => {
    const question = { headers: { 'Sec-WebSocket-Protocol': `${name}, b` } };
    expect((await seen(question, () => 0)).headers.has('sec-websocket-protocol')).toBe(false);
    expect((await seen(question, () => 0, ['b'])).headers.get('sec-websocket-protocol')).toEqual(['b']);
    expect((await seen(question, () => 0, ['b', name])).headers.get('sec-websocket-protocol')).toEqual([name]);
  });

  it('as a query parameter and as the value of a path parameter is one', async () => {
    const target = `/talk/${name}?${name}=1&${name}=2&a[${name}]=3&${name}[b]=4`;
    const { looks } = await seen({ target }, (request) => new Map(request.getParameterMap()));
    const expected = new Map([
      [name as string, ['1', '2']],
      [`a[${name}]`, ['3']],
      [`${name}[b]`, ['4']],
      ['who', [name]],
    ]);
    expect(looks).toEqual([expected]);
  });

  it('as a segment of the path leads nowhere, unless a template says so', async () => {
    @ServerEndpoint('/a')
    class Plain {}
    const started = await start([Plain]);
    for (const target of [`/${name}`, `/a/${name}`, `/${name}/a`]) expect((await ask(started, { target })).status).toBe(404);
    @ServerEndpoint(`/${name}/{${name}}`)
    class Named {
      @OnMessage(text, pathParam(name))
      say(_message: string, value: string): string {
        return value;
      }
    }
    const peer = await RawPeer.open(await start(Named), `/${name}/${name}`);
    peer.text('who');
    expect(await peer.received(1)).toEqual([name]);
  });

  it('in what proxies say is a parameter nobody asks for, or no address', async () => {
    const look = (request: HandshakeRequest) => request.getRemoteAddress();
    const { looks } = await seen({ headers: { Forwarded: `${name}=1;for=192.0.2.1;${name}="x"` } }, look);
    expect(looks).toEqual(['192.0.2.1']);
    for (const header of ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Proto']) {
      const value = header === 'Forwarded' ? `for=${name}` : name;
      expect((await seen({ headers: { [header]: value } }, look)).looks).toEqual(['127.0.0.1']);
    }
    expect((await seen({ headers: { 'X-Forwarded-Host': name } }, (request) => request.getRequestURI().host)).looks).toEqual([
      name.toLowerCase(),
    ]);
  });

  it('as a user property, of a session that came with all of them, is one', async () => {
    @ServerEndpoint('/props')
    class Props {
      @OnMessage
      text(_message: string, session: Session): string {
        const before = session.getUserProperties().has(name);
        session.getUserProperties().set(name, 'mine');
        return `${before} ${session.getUserProperties().get(name)} ${session.getRequestParameterMap().get(name)?.join()}`;
      }
    }
    const peer = await RawPeer.open(await start(Props), `/props?${name}=q`, { lines: [`${name}: x`] });
    peer.text('go');
    expect(await peer.received(1)).toEqual(['false mine q']);
  });
});

it('[REL-4] none of it has left a trace on the objects of this process', () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { who?: unknown }).who).toBeUndefined();
});
