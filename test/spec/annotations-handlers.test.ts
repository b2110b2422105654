/** Which methods are handlers, and how many of each there may be. */
import { describe, expect, it } from '@jest/globals';
import { type Class, OnClose, OnError, OnMessage, OnOpen, PongMessage, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import { deploy, refused } from '../support/deploy.js';

describe('handlers', () => {
  it.each<[string, () => Class, string]>([
    [
      '@OnOpen',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnOpen a() {}
          @OnOpen b() {}
        }
        return Talk;
      },
      'Talk.a() and Talk.b() both are @OnOpen; keep one',
    ],
    [
      '@OnClose',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnClose a() {}
          @OnClose() b() {}
        }
        return Talk;
      },
      'Talk.a() and Talk.b() both are @OnClose; keep one',
    ],
    [
      '@OnError',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnError a(_error: Error) {}
          @OnError b(_error: Error, _session: Session) {}
        }
        return Talk;
      },
      'Talk.a() and Talk.b() both are @OnError; keep one',
    ],
    [
      'whole text and text in parts',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage a(_message: string) {}
          @OnMessage b(_part: string, _last: boolean) {}
        }
        return Talk;
      },
      'Talk.a() and Talk.b() both take text; keep one',
    ],
    [
      'text and a number',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage a(_message: string) {}
          @OnMessage b(_message: number) {}
        }
        return Talk;
      },
      'Talk.a() and Talk.b() both take text; keep one',
    ],
    [
      'bytes and bytes in parts',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage a(_message: ArrayBuffer) {}
          @OnMessage b(_part: Buffer, _last: boolean) {}
        }
        return Talk;
      },
      'Talk.a() and Talk.b() both take binary; keep one',
    ],
    [
      'pongs',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage a(_message: PongMessage) {}
          @OnMessage b(_message: PongMessage, _session: Session) {}
        }
        return Talk;
      },
      'Talk.a() and Talk.b() both take pong; keep one',
    ],
  ])('[ANN-5] one method each: %s', async (_, make, message) => {
    const error = await refused(make());
    expect(error.code).toBe('MARGAY_DUPLICATE_HANDLER');
    expect(error.message).toBe(message);
    expect(error.problems[0]).toMatchObject({ endpoint: 'Talk', member: 'a' });
  });

  it('[ANN-5] text, bytes and pongs have a method each, at most three', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage text(_message: string) {}
      @OnMessage binary(_message: Buffer) {}
      @OnMessage pong(_message: PongMessage) {}
    }
    expect((await deploy(Talk)).container.endpoints).toHaveLength(1);
  });

  it('[ANN-5] one method may serve several moments', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      @OnClose
      either(_session: Session) {}
    }
    expect((await deploy(Talk)).container.endpoints).toHaveLength(1);
  });

  it('[ANN-6] a static method is refused', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      static open() {}
    }
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_HANDLER_KIND');
    expect(error.message).toMatch(/^Talk\.open is static; .*instance method/);
  });

  it('[ANN-6] an accessor is refused', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      get text() {
        return (message: string) => message;
      }
    }
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_HANDLER_KIND');
    expect(error.message).toMatch(/^Talk\.text is an accessor; .*instance method/);
  });

  it('[ANN-6] a field is refused', async () => {
    class Talk {
      text = (message: string) => message;
    }
    OnMessage()(Talk.prototype, 'text', undefined as never);
    ServerEndpoint('/talk')(Talk);
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_HANDLER_KIND');
    expect(error.message).toContain('Talk.text is a field');
  });

  it('[ANN-8] the injected types match exactly: a subclass of EndpointConfig is not EndpointConfig', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(_config: ServerEndpointConfig) {}
    }
    const error = await refused(Talk);
    expect(error.code).toBe('MARGAY_PARAMETER');
    expect(error.message).toMatch(/^Talk\.open\(\) parameter 0 is ServerEndpointConfig; @OnOpen takes Session, EndpointConfig/);
  });
});
