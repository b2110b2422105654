/** What a failed deployment says: every problem of every class, with code, place and cure. */
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  DeploymentException,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  ServerContainer,
  ServerEndpoint,
  Session,
  serve,
  text,
} from 'margay';
import { deploy, refused } from '../support/deploy.js';
import { emitted } from '../support/emitted.js';
import { start } from '../support/start.js';

describe('all of them together', () => {
  @ServerEndpoint('/a//b')
  class Talk {
    @OnOpen
    open(_extra: string) {}

    @OnMessage({ maxMessageSize: -5 })
    text(_a: string, _b: number) {}

    @OnError
    fail(_session: Session) {}
  }

  @ServerEndpoint({ value: 'chat', strict: 1 as never })
  class Chat {
    @OnClose
    static close(_reason: CloseReason) {}
  }

  it('[D-30] serve() collects over all classes, in one exception', async () => {
    const error = await refused(Talk, Chat);
    expect(error).toBeInstanceOf(DeploymentException);
    expect(error.name).toBe('DeploymentException');
    expect(error.code).toBe('MARGAY_DEPLOYMENT');
    expect(error.problems.map(({ endpoint, member, code }) => [endpoint, member, code])).toEqual(
      expect.arrayContaining([
        ['Talk', undefined, 'MARGAY_PATH'],
        ['Talk', 'open', 'MARGAY_PARAMETER'],
        ['Talk', 'text', 'MARGAY_PAYLOAD'],
        ['Talk', 'text', 'MARGAY_MAX_MESSAGE_SIZE'],
        ['Talk', 'fail', 'MARGAY_PARAMETER'],
        ['Chat', undefined, 'MARGAY_PATH'],
        ['Chat', undefined, 'MARGAY_OPTION'],
        ['Chat', 'close', 'MARGAY_HANDLER_KIND'],
      ]),
    );
    expect(error.problems).toHaveLength(8);
  });

  it('[D-30] the message has one a line, each naming its class', async () => {
    const error = await refused(Talk, Chat);
    const lines = error.message.split('\n');
    expect(lines).toEqual(error.problems.map(({ message }) => message));
    for (const [i, line] of lines.entries()) expect(line.startsWith(error.problems[i]?.endpoint as string)).toBe(true);
  });

  it('[D-30] the list is frozen', async () => {
    const error = await refused(Talk);
    expect(Object.isFrozen(error.problems)).toBe(true);
  });

  it('[D-30] one problem gives the exception its code', async () => {
    const error = await refused(emitted(OnError, []));
    expect(error.problems).toHaveLength(1);
    expect(error.code).toBe(error.problems[0]?.code);
    expect(error.message).toBe(error.problems[0]?.message);
  });
});

describe('the deployment as a whole', () => {
  @ServerEndpoint('/good')
  class Good {}

  @ServerEndpoint('/bad')
  class Bad {
    @OnError fail() {}
  }

  it('[DEP-2] a failure before the start withdraws what was there', async () => {
    const container = new ServerContainer();
    await container.addEndpoint(Good);
    await expect(container.addEndpoint(Bad)).rejects.toMatchObject({ code: 'MARGAY_PARAMETER' });
    expect(container.endpoints).toEqual([]);
  });

  it('[DEP-2] and nothing can be added after it', async () => {
    const container = new ServerContainer();
    const first = await container.addEndpoint(Bad).catch((error: unknown) => error);
    const error = await container.addEndpoint(Good).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DeploymentException);
    expect(error).toMatchObject({ code: 'MARGAY_DEPLOYMENT', cause: first });
    expect((error as Error).message).toMatch(/fix .* start a new container/);
  });

  it('[D-30] listen() rejects with the same exception', async () => {
    const container = new ServerContainer();
    const first = await container.addEndpoint(Bad).catch((error: unknown) => error);
    await expect(container.listen({ port: 0 })).rejects.toBe(first);
  });

  it('[URI-5] [ANN-12] two classes at one path are both named', async () => {
    @ServerEndpoint('/a/{x}')
    class Talk {}
    @ServerEndpoint('/a/<y>')
    class Chat {}
    const error = await refused(Talk, Chat);
    expect(error.code).toBe('MARGAY_PATH_TAKEN');
    expect(error.message).toMatch(/Talk/);
    expect(error.message).toMatch(/Chat.*both answer \/a\/.*; change one path/);
  });

  it('[DEP-1] each endpoint that is deployed is logged', async () => {
    const { log } = await deploy(Good);
    expect(log).toEqual([expect.objectContaining({ level: 'info', code: 'MARGAY_DEPLOYED', endpoint: 'Good', path: '/good' })]);
  });

  it('[DEP-3] one class twice, both by program, is refused', async () => {
    const error = await refused(Good, Good);
    expect(error.code).toBe('MARGAY_PATH_TAKEN');
    expect(error.message).toContain('Good');
  });

  it('[DEP-2] [D-15] after the start a failure leaves the rest running, and more can be added', async () => {
    const { container, dial } = await start(Good);
    await expect(container.addEndpoint(Bad)).rejects.toMatchObject({ code: 'MARGAY_PARAMETER' });
    await dial('/good');
    @ServerEndpoint('/late')
    class Late {}
    await container.addEndpoint(Late);
    await dial('/late');
    expect(container.endpoints.map(({ path }) => path)).toEqual(['/good', '/late']);
  });

  it('[DEP-2] [D-15] a late failure of several adds none of them', async () => {
    const { container, dial } = await start(Good);
    @ServerEndpoint('/late')
    class Late {}
    await expect(container.addEndpoints([Late, Bad])).rejects.toMatchObject({ code: 'MARGAY_PARAMETER' });
    await expect(dial('/late')).rejects.toMatchObject({ status: 404 });
    await container.addEndpoint(Late);
    await dial('/late');
  });

  it('[D-30] after close() nothing can be added', async () => {
    const said: string[] = [];
    const note = ({ code }: { code: string }) => void said.push(code);
    const container = new ServerContainer({ logger: { debug() {}, info() {}, warn: note, error: note } });
    await container.addEndpoint(Good);
    await container.close();
    await expect(container.addEndpoint(Good)).rejects.toMatchObject({ name: 'IllegalStateException', code: 'MARGAY_STATE' });
    expect(said).toEqual(['MARGAY_STATE']); // for whoever did not await it
  });

  it('[D-30] serve() checks its options before it deploys', async () => {
    await expect(serve({ endpoints: [Good], prot: 80 } as never)).rejects.toMatchObject({
      name: 'IllegalArgumentException',
      code: 'MARGAY_OPTION',
      message: expect.stringContaining('unknown option "prot"; did you mean "port"?'),
    });
  });
});

describe('each code has its place and its cure', () => {
  class Person {}
  const mixed = () => {
    class Talk {
      text(_uid: string) {}
    }
    PathParam('uid')(Talk.prototype, 'text', 0);
    OnMessage(text)(Talk.prototype, 'text', Object.getOwnPropertyDescriptor(Talk.prototype, 'text') as never);
    ServerEndpoint('/{uid}')(Talk);
    return Talk;
  };
  const needy = () => {
    @ServerEndpoint('/x')
    class Talk {
      constructor(readonly name: string) {}
    }
    return Talk;
  };
  const at = (path: string) => {
    @ServerEndpoint(path)
    class Talk {}
    return Talk;
  };

  it.each<[string, RegExp, () => unknown]>([
    ['NOT_ENDPOINT', /^Person has no @ServerEndpoint.*; add it/, () => Person],
    ['PATH', /^Talk: path "\/a\/\/b" .*; write "\/a\/b"/, () => at('/a//b')],
    ['CONSTRUCTOR', /^Talk's constructor needs 1 argument; give a configurator/, needy],
    ['PARAMETER', /^Talk\.m\(\) parameter 1 is Error; @OnClose takes /, () => emitted(OnClose, [Session, Error])],
    ['PAYLOAD', /^Talk\.m\(\) has two payloads \(parameters 0 and 2\); keep one$/, () => emitted(OnMessage, [String, Session, Buffer])],
    ['NO_DECODER', /^Talk\.m\(\) parameter 0 is Person, .*; /, () => emitted(OnMessage, [Person])],
    [
      'NO_DECODER',
      /^Talk\.m\(\) parameter 0 is Readable, .*; take margay's Reader for text, or InputStream/,
      () => emitted(OnMessage, [Readable]),
    ],
    ['UNTYPED', /^Talk\.m\(\) parameter 0 has no type .*; import its class as a value.*no interface/, () => emitted(OnMessage, [Object])],
    [
      'UNTYPED',
      /^Talk\.m\(\) parameter 0 .*"import type", or list the bindings, as in @OnOpen\(session\)$/,
      () => emitted(OnOpen, [Function]),
    ],
    ['NO_METADATA', /^Talk\.m\(\) .*; compile with emitDecoratorMetadata.* as in @OnMessage\(text\)$/, () => emitted(OnMessage, null)],
    ['MIXED_BINDINGS', /^Talk\.text\(\) has bindings and @PathParam; use pathParam\('uid'\)/, mixed],
    [
      'MAX_MESSAGE_SIZE',
      /^Talk\.m\(\) maxMessageSize 3000000000; .*at most 2147483647/,
      () => emitted(OnMessage({ maxMessageSize: 3e9 }), [String]),
    ],
  ])('[GEN-1] MARGAY_%s', async (code, message, make) => {
    const error = await refused(make());
    expect(error).toBeInstanceOf(DeploymentException);
    expect(error.code).toBe(`MARGAY_${code}`);
    expect(error.message).toMatch(message);
  });
});
