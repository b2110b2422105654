/** Types that are lost on the way to run time, and what is asked for instead. */
import { describe, expect, it } from '@jest/globals';
import { type Class, type Session as LostSession, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { deploy, refused } from '../support/deploy.js';
import { emitted } from '../support/emitted.js';

type Make = () => Class;

describe('types that are lost', () => {
  it.each<[string, Make]>([
    [
      'import type',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnOpen m(_session: LostSession) {}
        }
        return Talk;
      },
    ],
    [
      'a union with null',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnOpen m(_session: Session | null) {}
        }
        return Talk;
      },
    ],
    [
      'any',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage m(_message: any) {}
        }
        return Talk;
      },
    ],
    [
      'an interface',
      () => {
        interface Message {
          text: string;
        }
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage m(_message: Message) {}
        }
        return Talk;
      },
    ],
    [
      'a function',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage m(_message: () => void) {}
        }
        return Talk;
      },
    ],
    [
      'undefined',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage m(_message: undefined) {}
        }
        return Talk;
      },
    ],
    [
      'a path parameter without a type',
      () => {
        @ServerEndpoint('/{a}')
        class Talk {
          @OnOpen m(@PathParam('a') _a: string | null) {}
        }
        return Talk;
      },
    ],
  ])('[D-01] %s is refused, with the cure', async (_, make) => {
    const error = await refused(make());
    expect(error.code).toBe('MARGAY_UNTYPED');
    expect(error.message).toMatch(/^Talk\.m\(\) parameter 0 has no type at run time/);
    expect(error.message).toMatch(/import its class as a value/);
    expect(error.message).toMatch(/list the bindings/);
    expect(error.problems[0]).toMatchObject({ endpoint: 'Talk', member: 'm', parameter: 0 });
  });

  it('[D-01] an optional parameter keeps its type', async () => {
    @ServerEndpoint('/{a}')
    class Talk {
      @OnOpen open(@PathParam('a') _a?: string, _session?: Session) {}
    }
    expect((await deploy(Talk)).container.endpoints).toHaveLength(1);
  });

  it('[D-29] [D-01] a legacy class without metadata is refused, with the cure', async () => {
    const error = await refused(emitted(OnMessage, null));
    expect(error.code).toBe('MARGAY_NO_METADATA');
    expect(error.message).toMatch(/^Talk\.m\(\) .*emitDecoratorMetadata.*bindings/);
  });

  it('[D-01] arity is never looked at: without metadata a method without parameters is refused too', async () => {
    expect((await refused(emitted(OnOpen, null))).code).toBe('MARGAY_NO_METADATA');
  });

  it('[D-01] metadata that is too short for a path parameter leaves it untyped', async () => {
    class Talk {
      open(_session: Session, _a: string) {}
    }
    Reflect.defineMetadata('design:paramtypes', [Session], Talk.prototype, 'open');
    PathParam('a')(Talk.prototype as never, 'open' as never, 1 as never);
    OnOpen(Talk.prototype, 'open', Object.getOwnPropertyDescriptor(Talk.prototype, 'open') as TypedPropertyDescriptor<Talk['open']>);
    ServerEndpoint('/{a}')(Talk);
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_UNTYPED');
    expect(error.problems[0]).toMatchObject({ member: 'open', parameter: 1 });
  });
});
