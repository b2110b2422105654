/** Standard decorators: what deploys and what is refused. This folder is compiled without experimentalDecorators. */
import { describe, expect, it } from '@jest/globals';
import {
  Byte,
  binary,
  type Class,
  closeReason,
  config,
  error,
  Int,
  last,
  number,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  pathParam,
  pong,
  ServerContainer,
  ServerEndpoint,
  type ServerEndpointOptions,
  session,
  text,
} from 'margay';
import { deploy, refused } from '../support/deploy.js';

type Decorate = (method: () => void, context: ClassMethodDecoratorContext) => void;

/** `class Talk { @decorator m() {} }` at a path. */
function talk(decorator: unknown, path = '/{a}'): Class {
  @ServerEndpoint(path)
  class Talk {
    @(decorator as Decorate) m() {}
  }
  return Talk;
}

describe('D-01: the standard dialect', () => {
  it('[D-01] this is it: no types were emitted', () => {
    class Plain {
      @(OnOpen as Decorate) open() {}
    }
    expect(Reflect.getOwnMetadata('design:paramtypes', Plain.prototype, 'open')).toBeUndefined();
    expect(Object.hasOwn(Plain, (Symbol as unknown as { metadata: symbol }).metadata)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['@OnOpen', OnOpen],
    ['@OnOpen()', OnOpen()],
    ['@OnOpen(…)', OnOpen(pathParam('a'), session, config, pathParam('a', Int))],
    ['@OnClose', OnClose],
    ['@OnClose()', OnClose()],
    ['@OnClose(…)', OnClose(session, pathParam('a', BigInt), closeReason)],
    ['@OnError', OnError],
    ['@OnError()', OnError()],
    ['@OnError(…)', OnError(pathParam('a'), error, session)],
    ['@OnMessage(text)', OnMessage(text)],
    ['@OnMessage(last, session, text)', OnMessage(last, session, text)],
    ['@OnMessage(binary, last)', OnMessage(binary, last)],
    ['@OnMessage(pong)', OnMessage(pong)],
    ['@OnMessage(Int)', OnMessage(Int)],
    ['@OnMessage(options, …)', OnMessage({ maxMessageSize: 6 }, number, pathParam('a'))],
  ])('[D-01] [D-28] [D-29] [ANN-7] deploys: %s', async (_, decorator) => {
    expect((await deploy(talk(decorator))).container.endpoints).toHaveLength(1);
  });

  it.each<[string, unknown, string, RegExp]>([
    ['bare', OnMessage, 'NO_METADATA', /says nothing of its parameters; list the bindings, as in @OnMessage\(text\)$/],
    ['called', OnMessage(), 'NO_METADATA', /list the bindings/],
    ['options alone', OnMessage({ maxMessageSize: 6 }), 'NO_METADATA', /list the bindings/],
    ['no payload', OnMessage(session), 'PAYLOAD', /has no payload/],
    ['two payloads', OnMessage(text, session, binary), 'PAYLOAD', /has two payloads \(parameters 0 and 2\); keep one$/],
    ['two kinds', OnMessage(Int, Byte), 'PAYLOAD', /has two payloads \(parameters 0 and 1\); keep one$/],
    ['text twice', OnMessage(text, text), 'PAYLOAD', /has two payloads \(parameters 0 and 1\); keep one$/],
    ['last without text or bytes', OnMessage(last, session), 'PAYLOAD', /last-part flag without text or bytes/],
    ['last with a pong', OnMessage(pong, last), 'PAYLOAD', /last-part flag without text or bytes/],
    ['last with a number', OnMessage(number, last), 'PAYLOAD', /last-part flag without text or bytes/],
    ['last twice', OnMessage(text, last, last), 'PARAMETER', /parameter 2 is .* again, as parameter 1 is; keep one$/],
    ['session twice', OnMessage(session, text, session), 'PARAMETER', /parameter 2 is Session again, as parameter 0 is; keep one$/],
    ['@OnMessage(config)', OnMessage(text, config), 'PARAMETER', /parameter 1 is EndpointConfig; @OnMessage takes/],
    ['@OnMessage(error)', OnMessage(text, error), 'PARAMETER', /parameter 1 is Error; @OnMessage takes/],
    ['@OnOpen(text)', OnOpen(session, text), 'PARAMETER', /parameter 1 is a string; @OnOpen takes/],
    ['@OnOpen(Int)', OnOpen(Int), 'PARAMETER', /parameter 0 is Int; @OnOpen takes/],
    ['@OnOpen(closeReason)', OnOpen(closeReason), 'PARAMETER', /parameter 0 is CloseReason; @OnOpen takes/],
    ['@OnOpen(last)', OnOpen(last), 'PARAMETER', /parameter 0 is .*; @OnOpen takes/],
    ['@OnClose(config)', OnClose(config), 'PARAMETER', /parameter 0 is EndpointConfig; @OnClose takes/],
    ['@OnClose(error)', OnClose(error), 'PARAMETER', /parameter 0 is Error; @OnClose takes/],
    ['@OnClose twice the reason', OnClose(closeReason, closeReason), 'PARAMETER', /parameter 1 is CloseReason again/],
    ['@OnError without the error', OnError(session), 'PARAMETER', /takes no Error; add /],
    ['@OnError(closeReason)', OnError(error, closeReason), 'PARAMETER', /parameter 1 is CloseReason; @OnError takes/],
    ['no binding', OnOpen('session' as never), 'PARAMETER', /parameter 0 is bound to "session", which is no binding/],
    ['a constructor for a binding', OnMessage(text, String as never), 'PARAMETER', /parameter 1 is bound to String, which is no binding/],
    ['undefined', OnMessage(text, undefined as never), 'PARAMETER', /parameter 1 is bound to undefined, which is no binding/],
    ['a path parameter without a name', OnOpen(pathParam('')), 'PATH_PARAM', /parameter 0 is a path parameter named ""/],
    [
      'a path parameter that is not plain',
      OnOpen((pathParam as (name: string, token: unknown) => typeof text)('a', Date)),
      'PATH_PARAM',
      /parameter 0 is \{a\} as Date; use/,
    ],
    ['maxMessageSize', OnMessage({ maxMessageSize: 2 ** 31 }, text), 'MAX_MESSAGE_SIZE', /maxMessageSize 2147483648; .*at most 2147483647/],
    ['an unknown option', OnMessage({ max: 6 } as object, text), 'OPTION', /unknown option "max"/],
  ])('[ANN-8] [ANN-11] [ANN-12] refused: %s', async (_, decorator, code, words) => {
    const problem = await refused(talk(decorator));
    expect(problem.code).toBe(`MARGAY_${code}`);
    expect(problem.message).toMatch(words);
    expect(problem.message.startsWith('Talk.m() ')).toBe(true);
    expect(problem.problems[0]).toMatchObject({ endpoint: 'Talk', member: 'm' });
  });

  it('[PP-3] an unknown name is warned of', async () => {
    const { log } = await deploy(talk(OnOpen(pathParam('b'))));
    expect(log).toContainEqual(expect.objectContaining({ level: 'warn', code: 'MARGAY_PATH_PARAM_UNKNOWN', member: 'm', name: 'b' }));
  });
});

describe('methods', () => {
  it('[ANN-6] static, #private, accessors and fields are refused', async () => {
    const any = OnOpen() as any;
    @ServerEndpoint('/talk')
    class Talk {
      @any static one() {}
      @any #two() {}
      @any get three() {
        return 3;
      }
      @any four = 4;
      @any accessor five = 5;
      use() {
        return this.#two;
      }
    }
    const problem = await refused(Talk);
    expect(new Set(problem.problems.map(({ code }) => code))).toEqual(new Set(['MARGAY_HANDLER_KIND']));
    expect(
      problem.message
        .split('\n')
        .map((line) => line.split(';')[0])
        .sort(),
    ).toEqual([
      'Talk.#two is #private',
      'Talk.five is an accessor',
      'Talk.four is a field',
      'Talk.one is static',
      'Talk.three is an accessor',
    ]);
  });

  it('[ANN-5] one method each', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage(text) a(_message: string) {}
      @OnMessage(Int) b(_message: number) {}
      @OnMessage(binary) c(_message: Buffer) {}
    }
    const problem = await refused(Talk);
    expect(problem.code).toBe('MARGAY_DUPLICATE_HANDLER');
    expect(problem.message).toBe('Talk.a() and Talk.b() both take text; keep one');
  });

  it('[ANN-5] a method named by a symbol is a handler', async () => {
    const name = Symbol('named');
    @ServerEndpoint('/talk')
    class Talk {
      @OnError(session) [name]() {}
    }
    expect((await refused(Talk)).message).toMatch(/^Talk\.named\(\) takes no Error/);
  });
});

describe('inheritance', () => {
  @ServerEndpoint('/base')
  class Base {
    @OnMessage(text) text(message: string) {
      return message;
    }
  }

  it('[ANN-4] a bare subclass is no endpoint, though it inherits the metadata', async () => {
    class Sub extends Base {}
    expect((await refused(Sub)).code).toBe('MARGAY_NOT_ENDPOINT');
  });

  it('[ANN-4] nor is one that only decorates a method', async () => {
    class Sub extends Base {
      @OnOpen open() {}
    }
    expect((await refused(Sub)).code).toBe('MARGAY_NOT_ENDPOINT');
  });

  it('[ANN-17] another name for a slot that an inherited handler holds is refused', async () => {
    @ServerEndpoint('/sub')
    class Sub extends Base {
      @OnMessage(text) receive(message: string) {
        return message;
      }
    }
    const problem = await refused(Sub);
    expect(problem.code).toBe('MARGAY_DUPLICATE_HANDLER');
    expect(problem.message).toBe('Sub.receive() and Base.text() both take text; keep one');
  });

  it('[ANN-17] an override without a decorator makes room; one with a decorator is one handler', async () => {
    @ServerEndpoint('/bare')
    class Bare extends Base {
      override text(message: string) {
        return message;
      }
      @OnMessage(text) receive(message: string) {
        return message;
      }
    }
    @ServerEndpoint('/again')
    class Again extends Base {
      @OnMessage(text) override text(message: string) {
        return message;
      }
    }
    expect((await deploy(Base, Bare, Again)).container.endpoints).toHaveLength(3);
  });
});

describe('the class', () => {
  it('[ANN-1] a constructor that needs arguments is refused', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      readonly name: string;
      constructor(name: string) {
        this.name = name;
      }
    }
    expect((await refused(Talk)).message).toMatch(/^Talk's constructor needs 1 argument; /);
  });

  it('[D-36] an unknown option names the nearest', async () => {
    @ServerEndpoint({ value: '/talk', alowedOrigins: '*' } as ServerEndpointOptions)
    class Talk {}
    const problem = await refused(Talk);
    expect(problem.code).toBe('MARGAY_OPTION');
    expect(problem.message).toBe('Talk: unknown option "alowedOrigins"; did you mean "allowedOrigins"?');
  });

  it('[D-30] all problems of all classes come together', async () => {
    @ServerEndpoint('/a//b')
    class Talk {
      @OnError(session) fail() {}
    }
    @ServerEndpoint('chat')
    class Chat {}
    const problem = await refused(Talk, Chat);
    expect(problem.code).toBe('MARGAY_DEPLOYMENT');
    expect(problem.problems.map(({ endpoint, code }) => `${endpoint} ${code}`).sort()).toEqual([
      'Chat MARGAY_PATH',
      'Talk MARGAY_PARAMETER',
      'Talk MARGAY_PATH',
    ]);
    expect(problem.message.split('\n')).toHaveLength(3);
  });

  it('[ANN-4] metadata that another library wrote does not disturb', async () => {
    const mark = (_: unknown, context: ClassDecoratorContext) => {
      context.metadata['mark'] = true;
    };
    @mark
    class Marked {}
    expect((await refused(Marked)).code).toBe('MARGAY_NOT_ENDPOINT');
    expect(new ServerContainer().endpoints).toEqual([]);
  });
});
