/** What modifyHandshake may do, and how long hooks may take. [HS-8, HS-9, REL-2, LIF-3] */
import { describe, expect, it } from '@jest/globals';
import {
  EndpointConfig,
  type HandshakeRequest,
  type HandshakeResponse,
  OnClose,
  OnOpen,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { ask } from '../support/ask.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { Configurator } = ServerEndpointConfig;

describe('[HS-8, HS-9] modifyHandshake', () => {
  it('appends its headers, each value a line; protocol headers are ignored with a warning', async () => {
    class Hooks extends Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, _request: HandshakeRequest, response: HandshakeResponse): void {
        const headers = response.getHeaders();
        expect([...headers]).toEqual([]); // starts empty
        headers.set('Set-Cookie', ['a=1', 'b=2']);
        headers.set('X-Own', ['first']);
        headers.get('x-own')?.push('second');
        headers.set('sec-websocket-accept', ['mine']);
        headers.set('Upgrade', ['mine']);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const started = await start(Talk);
    const { status, headers } = await ask(started);
    expect(status).toBe(101);
    expect(headers.get('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(headers.get('x-own')).toEqual(['first', 'second']);
    expect(headers.get('upgrade')).toEqual(['websocket']);
    expect(headers.get('sec-websocket-accept')).toEqual(['HSmrc0sMlYUkAGmm5OPpG2HaGWk=']);
    const ignored = started.log.filter(({ code }) => code === 'MARGAY_HEADER_IGNORED');
    expect(ignored.map(({ name, level }) => [name, level])).toEqual([
      ['sec-websocket-accept', 'warn'],
      ['Upgrade', 'warn'],
    ]);
  });

  it('a header that is no list of lines is a 500, and the log says what to write', async () => {
    class Hooks extends Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, _request: HandshakeRequest, response: HandshakeResponse): void {
        response.getHeaders().set('X-Own', 'abc' as never);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const started = await start(Talk);
    expect((await ask(started)).status).toBe(500);
    expect(started.log.find(({ code }) => code === 'MARGAY_HOOK_FAILED')?.message).toContain(
      'X-Own to "abc"; give a list of lines: ["abc"]',
    );
  });

  it.each([
    ['a line break', 'x\r\nX-Smuggled: 1'],
    ['NUL', 'x\0'],
  ])('a value with %s never reaches the wire: 500', async (_what, value) => {
    class Hooks extends Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, _request: HandshakeRequest, response: HandshakeResponse): void {
        response.getHeaders().set('X-Own', [value]);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    const { status, headers } = await ask(await start(Talk));
    expect(status).toBe(500);
    expect(headers.has('x-smuggled')).toBe(false);
  });

  it('[HS-9] gets a config of its own for each connection, whose properties seed the session', async () => {
    const configs: EndpointConfig[] = [];
    const seen: unknown[] = [];
    class Hooks extends Configurator {
      override modifyHandshake(config: ServerEndpointConfig): void {
        configs.push(config);
        seen.push(config.getUserProperties().get('n') ?? 'fresh');
        config.getUserProperties().set('n', configs.length);
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnOpen
      open(session: Session, config: EndpointConfig): void {
        seen.push(configs.at(-1) === config, session.getUserProperties().get('n'));
        config.getUserProperties().set('n', 'later');
        seen.push(session.getUserProperties().get('n'));
      }
    }
    const started = await start(Talk);
    await ask(started);
    await eventually(() => expect(seen).toEqual(['fresh', true, 1, 1]));
    await ask(started);
    await eventually(() => expect(seen).toEqual(['fresh', true, 1, 1, 'fresh', true, 2, 2]));
    expect(configs[0]).not.toBe(configs[1]);
  });
});

describe('[REL-2] hookTimeout', () => {
  it('holds for all hooks together: 503, and what comes later opens nobody', async () => {
    const late = gate();
    const opens: unknown[] = [];
    let instances = 0;
    class Hooks extends Configurator {
      override async checkOrigin(): Promise<boolean> {
        await sleep(100);
        return true;
      }
      override async modifyHandshake(): Promise<void> {
        await sleep(100);
      }
      override async getEndpointInstance<T extends object>(type: new () => T): Promise<T> {
        instances++;
        await late.promise;
        return new type();
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnOpen
      open(): void {
        opens.push(1);
      }
    }
    const started = await start(Talk, { hookTimeout: 250 });
    const since = performance.now();
    const { status, body } = await ask(started);
    expect(`${status} ${body}`).toMatch(/^503 .*\[MARGAY_HOOK_TIMEOUT\]$/);
    expect(performance.now() - since).toBeLessThan(1000);
    late.open();
    await sleep(20);
    expect(instances).toBe(1);
    expect(opens).toEqual([]);
  });

  it('may be set for one endpoint', async () => {
    class Hooks extends Configurator {
      override async checkOrigin(): Promise<boolean> {
        await sleep(300);
        return true;
      }
    }
    @ServerEndpoint({ value: '/quick', configurator: Hooks, hookTimeout: 50 })
    class Quick {}
    @ServerEndpoint({ value: '/slow', configurator: Hooks })
    class Slow {}
    const started = await start([Quick, Slow]);
    expect((await ask(started, { target: '/quick' })).status).toBe(503);
    expect((await ask(started, { target: '/slow' })).status).toBe(101);
  });

  it('[LIF-3] a peer that leaves meanwhile gets nothing, is not opened, and its hooks go no further', async () => {
    const hook = gate();
    const ran: string[] = [];
    class Hooks extends Configurator {
      override async checkOrigin(): Promise<boolean> {
        ran.push('checkOrigin');
        await hook.promise;
        return true;
      }
      override modifyHandshake(): void {
        ran.push('modifyHandshake');
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnOpen
      open(): void {
        ran.push('open');
      }
      @OnClose
      close(): void {
        ran.push('close');
      }
    }
    const peer = await RawPeer.connect(await start(Talk));
    peer.send(upgradeRequest('/talk'));
    await eventually(() => expect(ran).toEqual(['checkOrigin']));
    peer.reset();
    await sleep(30);
    hook.open();
    await sleep(30);
    expect(ran).toEqual(['checkOrigin']);
  });
});
