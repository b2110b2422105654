/** What a session tells of its connection. [SES-1 … SES-14] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  DecodeException,
  EndpointConfig,
  HandshakeRequest,
  HandshakeResponse,
  IllegalStateException,
  IOException,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
  serve,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { closing, OPCODES } from '../support/frames.js';
import { Peer } from '../support/peer.js';
import { RawClient } from '../support/raw-client.js';
import { start } from '../support/start.js';

/** Every member that throws once the session is closed. */
const MEMBERS: Readonly<Record<string, (session: Session) => unknown>> = {
  getContainer: (session) => session.getContainer(),
  getProtocolVersion: (session) => session.getProtocolVersion(),
  getNegotiatedSubprotocol: (session) => session.getNegotiatedSubprotocol(),
  getNegotiatedExtensions: (session) => session.getNegotiatedExtensions(),
  isSecure: (session) => session.isSecure(),
  getRequestURI: (session) => session.getRequestURI(),
  getQueryString: (session) => session.getQueryString(),
  getRequestParameterMap: (session) => session.getRequestParameterMap(),
  getPathParameters: (session) => session.getPathParameters(),
  getUserPrincipal: (session) => session.getUserPrincipal(),
  getUserProperties: (session) => session.getUserProperties(),
  getMaxIdleTimeout: (session) => session.getMaxIdleTimeout(),
  setMaxIdleTimeout: (session) => session.setMaxIdleTimeout(0),
  getMaxTextMessageBufferSize: (session) => session.getMaxTextMessageBufferSize(),
  setMaxTextMessageBufferSize: (session) => session.setMaxTextMessageBufferSize(10),
  getMaxBinaryMessageBufferSize: (session) => session.getMaxBinaryMessageBufferSize(),
  setMaxBinaryMessageBufferSize: (session) => session.setMaxBinaryMessageBufferSize(10),
  getBasicRemote: (session) => session.getBasicRemote(),
  getAsyncRemote: (session) => session.getAsyncRemote(),
  getOpenSessions: (session) => session.getOpenSessions(),
};

describe('a closed session', () => {
  it('[SES-1] every member but getId, isOpen, close and toString throws IllegalStateException that names it', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/closed')
    class Closed {
      @OnOpen open(own: Session): void {
        session = own;
      }
    }
    const { dial } = await start(Closed);
    const peer = await dial('/closed');
    const id = session?.getId() as string;
    await peer.close();
    await eventually(() => expect(() => session?.getContainer()).toThrow());
    for (const [name, call] of Object.entries(MEMBERS)) {
      const thrown = caught(() => call(session as Session));
      expect(thrown).toBeInstanceOf(IllegalStateException);
      expect(thrown).toMatchObject({ code: 'MARGAY_SESSION_CLOSED', message: expect.stringContaining(`${name}()`) });
      expect((thrown as Error).message).toContain(id);
    }
    expect(session?.getId()).toBe(id);
    expect(session?.isOpen()).toBe(false);
    expect(String(session)).toContain(id);
    await expect(session?.close()).resolves.toBeUndefined();
    await expect(session?.close(new CloseReason(CloseReason.CloseCodes.GOING_AWAY, 'again'))).resolves.toBeUndefined();
  });

  it('[SES-1, SES-5, D-10, D-27, CLO-16] inside @OnClose all of them work, isOpen() is false and sends fail with IOException', async () => {
    const thrown: unknown[] = [];
    let seen: { isOpen: boolean; sent: unknown; registered: boolean } | undefined;
    @ServerEndpoint('/in-close/{id}')
    class InClose {
      @OnClose async close(session: Session): Promise<void> {
        for (const call of Object.values(MEMBERS)) thrown.push(caught(() => call(session)));
        seen = {
          isOpen: session.isOpen(),
          sent: await session
            .getBasicRemote()
            .sendText('x')
            .catch((error: unknown) => error),
          registered: session.getOpenSessions().has(session),
        };
      }
    }
    const { dial } = await start(InClose);
    await (await dial('/in-close/7?a=b')).close();
    await eventually(() => expect(seen).toBeDefined());
    expect(thrown).toEqual(Object.values(MEMBERS).map(() => undefined));
    expect(seen).toMatchObject({ isOpen: false, registered: false });
    expect(seen?.sent).toBeInstanceOf(IOException);
    expect(seen?.sent).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
  });

  it('[SES-1, D-27] until the socket is gone the session is not closed, though @OnClose has settled', async () => {
    let session: Session | undefined;
    let settled = false;
    @ServerEndpoint('/waits')
    class Waits {
      @OnOpen open(own: Session): void {
        session = own;
        void own.close();
      }

      @OnClose close(): void {
        settled = true;
      }
    }
    const { port } = await start(Waits);
    const client = await RawClient.open(port, '/waits');
    await client.closeFrame();
    await eventually(() => expect(settled).toBe(true));
    expect(session?.isOpen()).toBe(false);
    expect(session?.getProtocolVersion()).toBe('13');
    client.send({ opcode: OPCODES.close, payload: closing(1000) });
    client.end();
    await eventually(() => expect(() => session?.getProtocolVersion()).toThrow(IllegalStateException));
  });

  it('[SES-5, CLO-10] isOpen() is false as soon as close() was called, before anything has left', async () => {
    const seen: boolean[] = [];
    @ServerEndpoint('/at-once')
    class AtOnce {
      @OnMessage text(_message: string, session: Session): void {
        seen.push(session.isOpen());
        void session.close();
        seen.push(session.isOpen());
      }
    }
    const { dial } = await start(AtOnce);
    const peer = await dial('/at-once');
    peer.send('x');
    expect(await peer.closed).toEqual({ code: 1000, phrase: '' });
    expect(seen).toEqual([true, false]);
  });

  it('[SES-5, D-27] isOpen() turns false when the close frame of the peer takes its turn, not when it arrives', async () => {
    const seen: string[] = [];
    @ServerEndpoint('/turn')
    class Turn {
      @OnMessage async text(message: string, session: Session): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 30)); // the close frame arrives meanwhile
        seen.push(`${message} ${session.isOpen()} ${session.getOpenSessions().size}`);
      }

      @OnClose close(session: Session): void {
        seen.push(`close ${session.isOpen()} ${session.getOpenSessions().size}`);
      }
    }
    const { port } = await start(Turn);
    const client = await RawClient.open(port, '/turn');
    client.send({ opcode: OPCODES.text, payload: '1' }, { opcode: OPCODES.text, payload: '2' }, { opcode: OPCODES.close });
    await eventually(() => expect(seen).toEqual(['1 true 1', '2 true 1', 'close false 0']));
  });
});

describe('identity', () => {
  it('[SES-2] getId() is unique, unguessable and the same before and after close', async () => {
    const sessions: Session[] = [];
    @ServerEndpoint('/id')
    class Id {
      @OnOpen open(session: Session): void {
        sessions.push(session);
      }
    }
    const { dial } = await start(Id);
    const peers = await Promise.all(Array.from({ length: 20 }, () => dial('/id')));
    const ids = sessions.map((session) => session.getId());
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id.replaceAll('-', '').length).toBeGreaterThanOrEqual(22); // 128 bits, in base64 at the shortest
    for (const [one, two] of ids.slice(1).map((id, i) => [id, ids[i] as string] as const)) {
      const alike = [...one].filter((character, at) => character === two[at]).length;
      expect(alike).toBeLessThan(one.length / 2); // no counter
    }
    await Promise.all(peers.map((peer) => peer.close()));
    expect(sessions.map((session) => session.getId())).toEqual(ids);
  });

  it('[SES-3] getContainer() is the container that serves, for every session', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/one')
    class One {
      @OnOpen open(session: Session): void {
        seen.push(session.getContainer());
      }
    }
    @ServerEndpoint('/two')
    class Two extends One {
      @OnOpen override open(session: Session): void {
        super.open(session);
      }
    }
    const { container, dial } = await start([One, Two]);
    await dial('/one');
    await dial('/two');
    expect(seen).toHaveLength(2);
    for (const each of seen) expect(each).toBe(container);
  });

  it('[GEN-6] a session prints as one line with id, path and state, through String() and console.log', async () => {
    const { inspect } = await import('node:util');
    const lines: string[][] = [];
    @ServerEndpoint('/print/{who}')
    class Print {
      @OnOpen open(session: Session): void {
        lines.push([session.toString(), inspect(session), inspect({ session }, { breakLength: Infinity }), session.getId()]);
      }

      @OnClose close(session: Session): void {
        lines.push([session.toString(), inspect(session), inspect([session]), session.getId()]);
      }
    }
    const { dial } = await start(Print);
    await (await dial('/print/me')).close();
    await eventually(() => expect(lines).toHaveLength(2));
    for (const [i, state] of ['open', 'closing'].entries()) {
      const [text, inspected, nested, id] = lines[i] as [string, string, string, string];
      expect(text).toBe(inspected);
      expect(nested).toContain(text);
      expect(text).not.toContain('\n');
      for (const part of [id, '/print/me', state]) expect(text).toContain(part);
    }
  });

  it('[GEN-6] remotes, close reasons and close codes print as one line too', async () => {
    const { inspect } = await import('node:util');
    const lines: [string, string][] = [];
    let id = '';
    @ServerEndpoint('/remotes')
    class Remotes {
      @OnOpen open(session: Session): void {
        id = session.getId();
        for (const remote of [session.getBasicRemote(), session.getAsyncRemote()]) lines.push([String(remote), inspect(remote)]);
      }
    }
    const { dial } = await start(Remotes);
    await dial('/remotes');
    for (const [text, inspected] of lines) {
      expect(inspected).toBe(text);
      expect(text).not.toContain('\n');
      for (const part of [id, '/remotes', 'open']) expect(text).toContain(part);
    }
    expect(lines).toHaveLength(2);
    const reason = new CloseReason(CloseReason.CloseCodes.GOING_AWAY, 'bye');
    expect([String(reason), inspect(reason)]).toEqual(['CloseReason[1001,bye]', 'CloseReason[1001,bye]']);
    expect(String(reason.getCloseCode())).toBe('GOING_AWAY');
    expect(inspect(reason.getCloseCode())).toMatch(/^[^\n]*GOING_AWAY[^\n]*1001[^\n]*$/);
    expect(String(CloseReason.CloseCodes.getCloseCode(4321))).toBe('4321');
  });
});

describe('the handshake', () => {
  it('[SES-4, SES-6, SES-7, SES-8, SES-10, SES-11, SES-13] of a plain connection', async () => {
    let seen: unknown[] = [];
    @ServerEndpoint('/plain')
    class Plain {
      @OnOpen open(session: Session): void {
        seen = [
          session.getProtocolVersion(),
          session.isSecure(),
          session.getNegotiatedSubprotocol(),
          session.getNegotiatedExtensions(),
          session.getQueryString(),
          [...session.getRequestParameterMap()],
          session.getUserPrincipal(),
        ];
      }
    }
    const { dial } = await start(Plain);
    await dial('/plain', { perMessageDeflate: true });
    expect(seen).toEqual(['13', false, '', [], null, [], null]);
  });

  it('[SES-6, SES-9] over TLS the session is secure and its URI is wss', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/tls')
    class Tls {
      @OnOpen open(session: Session): void {
        seen.push(session.isSecure(), session.getRequestURI().href);
      }
    }
    const psk = Buffer.from('a key that both know beforehand');
    const how = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const; // no certificate is needed
    const tls = { ...how, pskCallback: () => psk };
    const container = await serve({ endpoints: [Tls], port: 0, host: '127.0.0.1', tls });
    const options = { ...how, pskCallback: () => ({ psk, identity: 'peer' }), checkServerIdentity: () => undefined as never };
    const url = `${container.url.replace('https', 'wss')}/tls?q`;
    const peer = await Peer.open(url, options);
    peer.socket.terminate();
    await container.close();
    expect(seen).toEqual([true, url]);
  });

  it('[SES-6, SES-9, D-37] behind a trusted proxy that says https the session is secure and its URI is that of the proxy', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/proxied')
    class Proxied {
      @OnOpen open(session: Session): void {
        seen.push(session.isSecure(), session.getRequestURI().href);
      }
    }
    const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'shop.example:443' };
    const trusting = await start(Proxied, { trustProxy: true });
    await trusting.dial('/proxied', { headers });
    const wary = await start(Proxied);
    await wary.dial('/proxied', { headers });
    expect(seen).toEqual([true, 'wss://shop.example/proxied', false, wary.url('/proxied')]);
  });

  it('[SES-7] the subprotocol that was agreed on', async () => {
    const seen: string[] = [];
    @ServerEndpoint({ value: '/sub', subprotocols: ['chat', 'superchat'] })
    class Sub {
      @OnOpen open(session: Session): void {
        seen.push(session.getNegotiatedSubprotocol());
      }
    }
    const { dial } = await start(Sub);
    const peer = await dial('/sub', { subprotocols: ['other', 'superchat', 'chat'] });
    expect(seen).toEqual(['superchat']);
    expect(peer.socket.protocol).toBe('superchat');
  });

  it('[SES-8] the extensions in force, with the parameters of the response', async () => {
    let list: Session['getNegotiatedExtensions'] extends () => infer T ? T : never = [];
    @ServerEndpoint('/ext')
    class Ext {
      @OnOpen open(session: Session): void {
        list = session.getNegotiatedExtensions();
      }
    }
    const { url } = await start(Ext, { perMessageDeflate: { serverMaxWindowBits: 10 } });
    let header = '';
    const { default: WebSocket } = await import('ws');
    const socket = new WebSocket(url('/ext'), { perMessageDeflate: true });
    socket.on('upgrade', ({ headers }) => {
      header = String(headers['sec-websocket-extensions']);
    });
    await new Promise((resolve) => socket.once('open', resolve));
    socket.terminate();
    const spelled = list.map((each) =>
      [each.getName(), ...each.getParameters().map((p) => (p.getValue() === null ? p.getName() : `${p.getName()}=${p.getValue()}`))].join(';'),
    );
    expect(list).toHaveLength(1);
    expect(spelled).toEqual([header.replaceAll(' ', '')]);
    expect(spelled[0]).toContain('server_max_window_bits=10');
    expect(() => (list as unknown[]).push('x')).toThrow(TypeError);
  });

  it('[SES-9, SES-10, SES-11] URI, query and parameters of the request', async () => {
    const seen: Session[] = [];
    @ServerEndpoint('/room/{id}')
    class Room {
      @OnOpen open(session: Session): void {
        seen.push(session);
      }
    }
    const { url, dial } = await start(Room);
    const query = 'a=1&b=x%20y&a=2+3&bare&id=other&%C3%A4=%F0%9F%90%88';
    await dial(`/room/seven%20?${query}`);
    const [session] = seen as [Session];
    const uri = session.getRequestURI();
    expect(uri).toBeInstanceOf(URL);
    expect(uri.href).toBe(`${url('/room/seven%20')}?${query}`);
    expect(session.getQueryString()).toBe(query);
    const parameters = session.getRequestParameterMap();
    expect([...parameters]).toEqual([
      ['a', ['1', '2 3']],
      ['b', ['x y']],
      ['bare', ['']],
      ['id', ['other']], // not the path's [D-11]
      ['ä', ['🐈']],
    ]);
    uri.pathname = '/changed';
    expect(session.getRequestURI().pathname).toBe('/room/seven%20');
  });

  it('[SES-9] the URI leaves the default port out', async () => {
    const seen: string[] = [];
    @ServerEndpoint('/port')
    class Port {
      @OnOpen open(session: Session): void {
        seen.push(session.getRequestURI().href);
      }
    }
    const { dial } = await start(Port);
    await dial('/port', { headers: { Host: 'cats.example:80' } });
    await dial('/port', { headers: { Host: 'cats.example:8080' } });
    expect(seen).toEqual(['ws://cats.example/port', 'ws://cats.example:8080/port']);
  });

  it('[SES-11, D-11] the parameter map has no path parameters, and can not be changed', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/map/{id}')
    class Mapped {
      @OnOpen open(own: Session): void {
        session = own;
      }
    }
    const { dial } = await start(Mapped);
    await dial('/map/7?x=1');
    const map = session?.getRequestParameterMap() as Map<string, string[]>;
    expect([...map.keys()]).toEqual(['x']);
    expect(() => map.set('y', [])).toThrow();
    expect(() => map.get('x')?.push('2')).toThrow(TypeError);
    expect([...(session?.getRequestParameterMap() ?? [])]).toEqual([['x', ['1']]]);
  });

  it('[SES-12, PP-6] path parameters are decoded and read-only', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/path/{a}/{b}')
    class Path {
      @OnOpen open(own: Session): void {
        session = own;
      }
    }
    const { dial } = await start(Path);
    await dial('/path/x%2Fy%20z/%E4%BD%A0?a=query');
    const map = session?.getPathParameters() as Map<string, string>;
    expect([...map]).toEqual([
      ['a', 'x/y z'],
      ['b', '你'],
    ]);
    expect(() => map.set('c', '')).toThrow();
  });
});

describe('user properties', () => {
  it('[SES-14, HS-9] start as modifyHandshake left them, are the session’s own, and last until @OnClose has completed', async () => {
    const trace: unknown[] = [];
    const configs: EndpointConfig[] = [];
    class Seeding extends ServerEndpointConfig.Configurator {
      override modifyHandshake(config: ServerEndpointConfig, request: HandshakeRequest, _response: HandshakeResponse): void {
        config.getUserProperties().set('query', request.getQueryString());
      }
    }
    @ServerEndpoint({ value: '/props', configurator: Seeding })
    class Props {
      @OnOpen open(session: Session, config: EndpointConfig): void {
        configs.push(config);
        config.getUserProperties().set('late', true);
        trace.push(session.getUserProperties().get('query'), session.getUserProperties().has('late'));
        session.getUserProperties().set('mine', session.getId());
        trace.push(config.getUserProperties().has('mine'));
      }

      @OnMessage text(_message: string, session: Session): string {
        return String(session.getUserProperties().get('mine') === session.getId());
      }

      @OnClose async close(session: Session): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 20));
        trace.push(session.getUserProperties().get('mine') === session.getId());
      }
    }
    const { dial } = await start(Props);
    const one = await dial('/props?one');
    const two = await dial('/props?two');
    expect(trace).toEqual(['one', false, false, 'two', false, false]);
    expect(configs[0]).not.toBe(configs[1]);
    for (const peer of [one, two]) {
      peer.send('x');
      expect(await peer.next()).toBe('true');
      await peer.close();
    }
    await eventually(() => expect(trace.slice(6)).toEqual([true, true]));
  });

  it('[SES-14] are there in @OnError too', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/props/{n}')
    class Props {
      @OnOpen open(session: Session): void {
        session.getUserProperties().set('name', 'a cat');
      }

      @OnMessage text(_value: number): void {}

      @OnError error(session: Session, error: Error): void {
        seen.push(session.getUserProperties().get('name'), error instanceof DecodeException);
      }
    }
    const { dial } = await start(Props);
    (await dial('/props/1')).send('no number');
    await eventually(() => expect(seen).toEqual(['a cat', true]));
  });
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
