/** What an endpoint may say of itself beyond its path. */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, OnOpen, ServerContainer, ServerEndpoint, ServerEndpointConfig, type ServerEndpointOptions, Session } from 'margay';
import { deploy, refused } from '../support/deploy.js';
import { start } from '../support/start.js';

function talk(options: object) {
  @ServerEndpoint({ value: '/talk', ...options } as ServerEndpointOptions)
  class Talk {}
  return Talk;
}

describe('[D-36] options of the container, set for one endpoint', () => {
  it.each<[string, object]>([
    ['allowedOrigins', { allowedOrigins: '*' }],
    ['allowedOrigins', { allowedOrigins: ['https://a.example', 'null'] }],
    ['maxTextMessageBufferSize', { maxTextMessageBufferSize: 10 }],
    ['maxBinaryMessageBufferSize', { maxBinaryMessageBufferSize: 0 }],
    ['maxIdleTimeout', { maxIdleTimeout: 0 }],
    ['readIdleTimeout', { readIdleTimeout: 100 }],
    ['writeIdleTimeout', { writeIdleTimeout: 0 }],
    ['asyncSendTimeout', { asyncSendTimeout: -1 }],
    ['closeTimeout', { closeTimeout: 100 }],
    ['abnormalCloseSendTimeout', { abnormalCloseSendTimeout: 50 }],
    ['hookTimeout', { hookTimeout: 1000 }],
    ['stuckCallbackAfter', { stuckCallbackAfter: 0 }],
    ['highWaterMark', { highWaterMark: 1024 }],
    ['backlog', { backlog: { events: 1 } }],
    ['perMessageDeflate', { perMessageDeflate: true }],
    ['perMessageDeflate', { perMessageDeflate: { serverMaxWindowBits: 9, level: -1 } }],
    ['strict', { strict: true }],
    ['nothing', { allowedOrigins: undefined, strict: undefined }],
  ])('[D-36] %s: %j', async (_, options) => {
    expect((await deploy(talk(options))).container.endpoints).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['a slip', { alowedOrigins: '*' }, 'Talk: unknown option "alowedOrigins"; did you mean "allowedOrigins"?'],
    ['a slip in a JSR field', { subprotocol: [] }, 'Talk: unknown option "subprotocol"; did you mean "subprotocols"?'],
    ['letter case', { Strict: true }, 'Talk: unknown option "Strict"; did you mean "strict"?'],
    ['nothing near', { zzzzzzzzzz: 1 }, 'Talk: unknown option "zzzzzzzzzz"; known are '],
    ['the container’s alone', { contextPath: '/x' }, 'Talk: unknown option "contextPath"'],
    ['the container’s alone', { shutdownTimeout: 1 }, 'Talk: unknown option "shutdownTimeout"'],
    ['an inherited name', { toString: 1 }, 'Talk: unknown option "toString"'],
    ['a wrong type', { strict: 'yes' }, 'Talk: strict "yes"; give true or false'],
    ['a wrong size', { maxTextMessageBufferSize: -1 }, 'Talk: maxTextMessageBufferSize -1; give a whole number of bytes'],
    ['a wrong time', { closeTimeout: 0 }, 'Talk: closeTimeout 0; give a number of ms above 0'],
    ['an inner slip', { backlog: { event: 1 } }, 'Talk: backlog: unknown option "event"; did you mean "events"?'],
    ['a wrong origin', { allowedOrigins: ['a.example/x'] }, 'Talk: allowedOrigins'],
    ['window bits', { perMessageDeflate: { serverMaxWindowBits: 8 } }, 'give a whole number from 9 to 15'],
  ])('[D-36] refused: %s', async (_, options, words) => {
    const error = await refused(talk(options));
    expect(error.code).toBe('MARGAY_OPTION');
    expect(error.message).toContain(words);
  });

  it('[D-36] all of them are told', async () => {
    const error = await refused(talk({ alowedOrigins: '*', strict: 1, subprotocols: ['a b', 'a b'] }));
    expect(error.problems.map(({ code }) => code)).toEqual(Array(4).fill('MARGAY_OPTION'));
  });

  it.each<[string, unknown]>([
    ['a list', 'chat'],
    ['tokens', ['a,b']],
    ['tokens', ['']],
    ['tokens', ['chat room']],
    ['strings', [7]],
    ['no undefined', [undefined]],
    ['each once', ['chat', 'chat']],
  ])('[ANN-1] subprotocols are %s: %j', async (_, subprotocols) => {
    const error = await refused(talk({ subprotocols }));
    expect(error.code).toBe('MARGAY_OPTION');
    expect(error.message).toMatch(/^Talk: subprotocols has .*; list tokens/);
  });
});

describe('the endpoint’s value replaces the container’s', () => {
  const echo = (options: object) => {
    @ServerEndpoint({ value: '/talk', ...options } as ServerEndpointOptions)
    class Talk {
      @OnOpen open(session: Session) {
        const sizes = [session.getMaxTextMessageBufferSize(), session.getMaxBinaryMessageBufferSize(), session.getMaxIdleTimeout()];
        return session.getBasicRemote().sendText(sizes.join());
      }
      @OnMessage text(message: string) {
        return message;
      }
    }
    return Talk;
  };

  it('[D-36] sizes and times, each by itself', async () => {
    const container = { maxTextMessageBufferSize: 100, maxBinaryMessageBufferSize: 200, maxIdleTimeout: 5000 };
    const { dial } = await start(echo({ maxTextMessageBufferSize: 7 }), container);
    const peer = await dial('/talk');
    expect(await peer.next()).toBe('7,200,5000');
    peer.send('12345678');
    expect((await peer.closed).code).toBe(1009);
  });

  it('[D-36] allowedOrigins: none at all where the container lets everybody in', async () => {
    const { dial } = await start(echo({ allowedOrigins: [] }), { allowedOrigins: '*' });
    await expect(dial('/talk', { origin: 'https://other.example' })).rejects.toMatchObject({ status: 403 });
    expect(await (await dial('/talk')).next()).toBe('1048576,1048576,0');
  });

  it('[D-36] allowedOrigins: one where the container lets nobody in', async () => {
    const { dial } = await start(echo({ allowedOrigins: ['https://other.example'] }));
    await dial('/talk', { origin: 'https://other.example' });
    await expect(dial('/talk', { origin: 'https://third.example' })).rejects.toMatchObject({ status: 403 });
  });

  it('[D-36] perMessageDeflate, on and off', async () => {
    const deflate = { perMessageDeflate: true };
    const on = await (await start(echo(deflate))).dial('/talk', deflate);
    expect(on.socket.extensions).toContain('permessage-deflate');
    const off = await (await start(echo({ perMessageDeflate: false }), deflate)).dial('/talk', deflate);
    expect(off.socket.extensions).toBe('');
  });
});

describe('[ANN-1] what @ServerEndpoint says holds', () => {
  it('[ANN-1] subprotocols are negotiated, the client’s order decides', async () => {
    @ServerEndpoint({ value: '/talk', subprotocols: ['a', 'b'] })
    class Talk {}
    const peer = await (await start(Talk)).dial('/talk', { subprotocols: ['c', 'b', 'a'] });
    expect(peer.socket.protocol).toBe('b');
  });

  it('[ANN-1] [ANN-3] one configurator serves all connections, and makes the instances', async () => {
    let made = 0;
    class Making extends ServerEndpointConfig.Configurator {
      readonly number = ++made;
      #given = 0;
      override getEndpointInstance<T extends object>(type: new () => T): T {
        return Object.assign(new type(), { name: `${this.number}.${++this.#given}` });
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Making })
    class Talk {
      declare readonly name: string;
      @OnOpen open(session: Session) {
        return session.getBasicRemote().sendText(this.name);
      }
    }
    const { dial } = await start(Talk);
    expect(await (await dial('/talk')).next()).toBe('1.1');
    expect(await (await dial('/talk')).next()).toBe('1.2');
    expect(made).toBe(1);
  });

  it('[ANN-1] a constructor that throws is an InstantiationException at connect, and a 500', async () => {
    const thrown = new Error('on purpose');
    @ServerEndpoint('/talk')
    class Talk {
      constructor() {
        throw thrown;
      }
    }
    const { dial, log } = await start(Talk);
    await expect(dial('/talk')).rejects.toMatchObject({ status: 500, body: expect.stringContaining('[MARGAY_HOOK_FAILED]') });
    const line = log.find(({ level }) => level === 'error');
    expect(line).toMatchObject({ code: 'MARGAY_HOOK_FAILED', endpoint: 'Talk', err: { code: 'MARGAY_INSTANTIATION', cause: thrown } });
  });
});

describe('options of the container', () => {
  it.each<[object, string]>([
    [{ alowedOrigins: '*' }, 'unknown option "alowedOrigins"; did you mean "allowedOrigins"?'],
    [{ contextPath: 'app' }, 'contextPath "app"'],
    [{ logger: {} }, 'logger: it has no method debug()'],
    [{ port: 80 }, 'port is an option of serve()'],
  ])('[D-36] %j', (options, words) => {
    expect(() => new ServerContainer(options)).toThrow(
      expect.objectContaining({ name: 'IllegalArgumentException', code: 'MARGAY_OPTION', message: expect.stringContaining(words) }),
    );
  });
});
