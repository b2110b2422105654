/** margay/testing: what is deployed, who is let in, and what those hear who are not. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import {
  type HandshakeRequest,
  type HandshakeResponse,
  OnMessage,
  OnOpen,
  type Principal,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { deploy, memoryTransport } from 'margay/testing';
import { eventually } from '../support/eventually.js';
import { Wireless } from '../support/wireless.js';

@ServerEndpoint('/echo')
class Echo {
  @OnMessage text(text: string): string {
    return text;
  }
}

/** Two problems. */
@ServerEndpoint('no/path')
class Broken {
  @OnMessage one(text: string): string {
    return text;
  }

  @OnMessage two(text: string): string {
    return text;
  }
}

describe('deploying', () => {
  it('is awaited for the app, which is no promise itself, or used at once', async () => {
    const deploying = deploy([Echo]);
    const app = await deploying;
    expect(app.container).toBe(deploying.container);
    expect('then' in app).toBe(false);
    expect(app.container.endpoints.map(({ path }) => path)).toEqual(['/echo']);
    const [one, two] = [await app.connect('/echo'), await deploying.connect('/echo')];
    await Promise.all([one.send('1'), two.send('2')]);
    expect([await one.text(), await two.text()]).toEqual(['1', '2']);
    expect(app.container.url).toBe('');
    await app.close();
  });

  it('takes configurations, several endpoints, and the options of a container', async () => {
    const config = ServerEndpointConfig.Builder.create(Echo, '/configured').build();
    const app = await deploy([Echo, config], { contextPath: '/app' });
    for (const path of ['/app/echo', '/app/configured']) {
      const peer = await app.connect(path);
      await peer.send(path);
      expect(await peer.text()).toBe(path);
    }
    expect((await app.refused('/echo')).status).toBe(404);
    await app.close();
  });

  it('takes an engine in memory, and no other; refuses options at the call', async () => {
    const app = await deploy(Echo, { transport: memoryTransport() });
    await (await app.connect('/echo')).close();
    await app.close();
    expect(() => deploy(Echo, { transport: new Wireless() })).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
    expect(() => deploy(Echo, { contextPath: 'app' })).toThrow(expect.objectContaining({ code: 'MARGAY_OPTION' }));
    expect(() => deploy(Echo, { port: 1 } as never)).toThrow(expect.objectContaining({ code: 'MARGAY_OPTION' }));
  });

  it('[DEP-2] tells all that is wrong to whoever awaits it, connects or closes', async () => {
    const failure = { name: 'DeploymentException', problems: [expect.anything(), expect.anything()] };
    await expect(deploy(Broken)).rejects.toMatchObject(failure);
    await expect(deploy(Broken).connect('/no/path')).rejects.toMatchObject(failure);
    await expect(deploy(Broken).refused('/no/path')).rejects.toMatchObject(failure);
    await expect(deploy(Broken).close()).rejects.toMatchObject(failure);
    const app = deploy(Broken);
    await expect(app.connect('/no/path')).rejects.toMatchObject(failure);
    await app.close(); // it has been told
  });

  it('may be closed before it has begun', async () => {
    const app = deploy(Echo);
    await Promise.all([app.close(), app.close()]);
    expect(() => app.connect('/echo')).toThrow(expect.objectContaining({ code: 'MARGAY_STATE' }));
    expect(() => app.refused('/echo')).toThrow(expect.objectContaining({ code: 'MARGAY_STATE' }));
  });
});

describe('connecting', () => {
  it('[HS-3, HS-7] says what it is told to: subprotocols, an origin, headers; and hears what was agreed on', async () => {
    const seen: unknown[] = [];
    class Looking extends ServerEndpointConfig.Configurator {
      override checkOrigin(origin: string | null): boolean {
        seen.push(origin);
        return true;
      }

      override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
        seen.push(request.getHeaders().get('x-one'), request.getHeaders().get('Host'), request.getUserPrincipal()?.name);
      }
    }
    @ServerEndpoint({ value: '/look', subprotocols: ['v2', 'v1'], configurator: Looking })
    class Look {
      @OnOpen open(session: Session): void {
        seen.push(session.getNegotiatedSubprotocol());
      }
    }
    const authenticate = ({ headers }: IncomingMessage): Principal => ({ name: headers.authorization ?? '' });
    const app = await deploy(Look, { authenticate });
    const options = {
      subprotocols: ['v0', 'v1', 'v2'],
      origin: 'https://a.example',
      headers: { 'X-One': ['1', '2'], Authorization: 'me', host: 'b.example' },
    };
    const peer = await app.connect('/look', options);
    expect(peer.subprotocol).toBe('v1');
    await peer.close();
    expect(seen).toEqual(['https://a.example', ['1', '2'], ['b.example'], 'me', 'v1']);
    await app.close();
  });

  it('asks for a path as a client would: what has to be encoded is', async () => {
    @ServerEndpoint('/{name}')
    class Named {
      @OnOpen open(session: Session): Promise<void> {
        return session.getBasicRemote().sendText(session.getPathParameters().get('name') ?? '');
      }
    }
    const app = await deploy(Named);
    expect(await (await app.connect('/größe 1')).text()).toBe('größe 1');
    expect(await (await app.connect('/a%2Fb?c=d')).text()).toBe('a/b');
    await app.close();
  });

  it('refuses at the call what is no path, and options nobody knows', async () => {
    const app = await deploy(Echo);
    const wrong: readonly [unknown, unknown, string][] = [
      ['echo', {}, 'MARGAY_ARGUMENT'],
      ['ws://localhost/echo', {}, 'MARGAY_ARGUMENT'],
      ['/echo#a', {}, 'MARGAY_ARGUMENT'],
      [undefined, {}, 'MARGAY_ARGUMENT'],
      ['/echo', null, 'MARGAY_OPTION'],
      ['/echo', { subprotocol: ['a'] }, 'MARGAY_OPTION'],
      ['/echo', { subprotocols: 'a' }, 'MARGAY_OPTION'],
      ['/echo', { origin: 1 }, 'MARGAY_OPTION'],
      ['/echo', { headers: 'a' }, 'MARGAY_OPTION'],
      ['/echo', { headers: { a: 'b\nc' } }, 'MARGAY_OPTION'],
      ['/echo', { headers: { 'a b': 'c' } }, 'MARGAY_OPTION'],
      ['/echo', { headers: { a: [1] } }, 'MARGAY_OPTION'],
    ];
    for (const verb of ['connect', 'refused'] as const) {
      for (const [path, options, code] of wrong) {
        expect(() => app[verb](path as string, options as object)).toThrow(expect.objectContaining({ code }));
      }
    }
    expect(() => app.connect('/echo', { subprotocol: ['a'] } as object)).toThrow('did you mean "subprotocols"?');
    expect(app.container.statistics().opened).toBe(0);
    await app.close();
  });
});

describe('a refusal', () => {
  const logger = { debug() {}, info() {}, warn() {}, error() {} };

  it('[D-21] is a DeploymentException of connect, with status, headers and body', async () => {
    const app = await deploy(Echo, { logger });
    const error = await app.connect('/echo', { origin: 'https://evil.example' }).catch((each: unknown) => each);
    expect(error).toMatchObject({ name: 'DeploymentException', code: 'MARGAY_HANDSHAKE', status: 403 });
    const { headers, body, message, stack } = error as {
      headers: ReadonlyMap<string, string[]>;
      body: Buffer;
      message: string;
      stack: string;
    };
    expect(headers.get('content-type')).toEqual(['text/plain; charset=utf-8']);
    expect(body.toString()).toContain('[MARGAY_ORIGIN]');
    expect(message).toMatch(/^\/echo answered 403: .*\[MARGAY_ORIGIN\]$/);
    expect(stack).toContain('testing-door-handshake.test');
    await app.close();
  });

  it('[D-21] is what refused resolves with', async () => {
    class Why extends ServerEndpointConfig.Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, _request: HandshakeRequest, _response: HandshakeResponse): void {
        throw new Error('no');
      }
    }
    @ServerEndpoint({ value: '/why', configurator: Why })
    class Asked {}
    @ServerEndpoint({ value: '/roles', rolesAllowed: ['admin'], challenge: 'Basic realm="x"' })
    class Roles {}
    const app = await deploy([Asked, Roles], { logger });
    const { status, headers, body } = await app.refused('/roles');
    expect([status, headers.get('www-authenticate'), Buffer.isBuffer(body)]).toEqual([401, ['Basic realm="x"'], true]);
    expect((await app.refused('/why')).status).toBe(500);
    expect((await app.refused('/nobody')).body.toString()).toContain('MARGAY_NO_ENDPOINT');
    await app.close();
  });

  it('that does not come is an IllegalStateException, and the connection goes', async () => {
    const app = deploy(Echo);
    await expect(app.refused('/echo')).rejects.toMatchObject({
      code: 'MARGAY_STATE',
      message: 'expected a refusal, but /echo answered 101',
    });
    await eventually(() => expect([...app.container.statistics().closed]).toEqual([[1006, 1]]));
    await app.close();
  });

  it('is not waited for longer than 2000 ms', async () => {
    class Hung extends ServerEndpointConfig.Configurator {
      override checkOrigin(): Promise<boolean> {
        return new Promise(() => {});
      }
    }
    @ServerEndpoint({ value: '/hung', configurator: Hung })
    class Waiting {}
    const app = await deploy(Waiting);
    const failure = { code: 'MARGAY_CONNECT_TIMEOUT', message: expect.stringContaining('/hung did not answer within 2000 ms') };
    await Promise.all([
      expect(app.connect('/hung')).rejects.toMatchObject(failure),
      expect(app.refused('/hung')).rejects.toMatchObject(failure),
    ]);
    await app.close();
  });

  it('of a container that somebody has closed is a DeploymentException, with the cause', async () => {
    const app = await deploy(Echo);
    await app.container.close();
    const failure = { name: 'DeploymentException', code: 'MARGAY_CONNECT', cause: expect.objectContaining({ code: 'ECONNREFUSED' }) };
    await expect(app.connect('/echo')).rejects.toMatchObject(failure);
    await expect(app.refused('/echo')).rejects.toMatchObject(failure);
    await app.close();
  });
});
