/** What a session tells of its handshake, and its user properties. [SES-4, SES-6 … SES-14] */
import { describe, expect, it } from '@jest/globals';
import {
  DecodeException,
  EndpointConfig,
  HandshakeRequest,
  HandshakeResponse,
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
import { Peer } from '../support/peer.js';
import { start } from '../support/start.js';

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
      [each.getName(), ...each.getParameters().map((p) => (p.getValue() === null ? p.getName() : `${p.getName()}=${p.getValue()}`))].join(
        ';',
      ),
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
