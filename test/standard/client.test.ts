/** @ClientEndpoint with standard decorators: its forms, what it calls, and what it refuses. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  ClientEndpoint,
  ClientEndpointConfig,
  CloseReason,
  ContainerProvider,
  closeReason,
  config,
  Decoder,
  DeploymentException,
  Encoder,
  EndpointConfig,
  error,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  pathParam,
  ServerEndpoint,
  Session,
  session,
  text,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

@ServerEndpoint({ value: '/echo', subprotocols: ['v1'] })
class Echo {
  @OnMessage(text, session) text(message: string, peer: Session): Promise<void> | string {
    return message === 'bye' ? peer.close() : `echo ${message}`;
  }
}

const container = ContainerProvider.getWebSocketContainer();

describe('the forms', () => {
  const heard: string[] = [];

  @ClientEndpoint
  class Bare {
    @OnMessage(text) text(message: string): void {
      heard.push(`bare ${message}`);
    }
  }

  @ClientEndpoint()
  class Called {
    @OnMessage(text) text(message: string): void {
      heard.push(`called ${message}`);
    }
  }

  @ClientEndpoint({ subprotocols: ['v1'] })
  class Optioned {
    @OnMessage(session, text) text(own: Session, message: string): void {
      heard.push(`${own.getNegotiatedSubprotocol()} ${message}`);
    }
  }

  it('[ANN-2, D-01, CON-6] bare, called, with options; the class, or an object of it', async () => {
    const { url } = await start(Echo);
    for (const endpoint of [Bare, new Called(), Optioned, new Optioned()]) {
      const { length } = heard;
      const own = await container.connectToServer(endpoint, url('/echo'));
      await own.getBasicRemote().sendText('a');
      await eventually(() => expect(heard.length).toBeGreaterThan(length));
    }
    expect(heard).toEqual(['bare echo a', 'called echo a', 'v1 echo a', 'v1 echo a']);
  });

  it('[ANN-4, CLI-2] a subclass is no endpoint, though its metadata inherits: as a class and as an object', async () => {
    class Further extends Bare {}
    const expected = { code: 'MARGAY_NOT_ENDPOINT', message: expect.stringContaining('Further') };
    await expect(container.connectToServer(Further, 'ws://localhost:9/')).rejects.toMatchObject(expected);
    await expect(container.connectToServer(new Further(), 'ws://localhost:9/')).rejects.toMatchObject(expected);
  });

  it('[ANN-2, CLI-2] a constructor with arguments: an object will do, the class will not', async () => {
    @ClientEndpoint
    class Named {
      readonly name: string;
      constructor(name: string) {
        this.name = name;
      }
      @OnMessage(text) text(message: string): void {
        heard.push(`${this.name} ${message}`);
      }
    }
    const { url } = await start(Echo);
    const own = await container.connectToServer(new Named('ann'), url('/echo'));
    await own.getBasicRemote().sendText('b');
    await eventually(() => expect(heard.at(-1)).toBe('ann echo b'));
    await expect(container.connectToServer(Named, url('/echo'))).rejects.toMatchObject({ code: 'MARGAY_CONSTRUCTOR' });
  });
});

it('[PP-6, ANN-7, ANN-17, D-29] bindings and defaults in all four callbacks, inherited ones too; path parameters are null', async () => {
  const seen: unknown[] = [];
  class Base {
    @OnOpen(config, session, pathParam('name'))
    open(given: EndpointConfig, own: Session, name: string | null): void {
      seen.push(['open', given instanceof ClientEndpointConfig, own.isOpen(), name]);
    }

    @OnError(error, pathParam('name'))
    fail(failure: Error, name: string | null): void {
      seen.push(['error', failure.message, name]);
    }
  }
  @ClientEndpoint
  class All extends Base {
    @OnMessage(text, pathParam('name'))
    text(message: string, name: string | null): string {
      if (message === 'echo a') throw new Error('on purpose');
      seen.push([message, name]);
      return 'bye';
    }

    @OnClose(closeReason, pathParam('name'))
    close(reason: CloseReason, name: string | null): void {
      seen.push(['close', reason.getCloseCode().getCode(), name]);
    }
  }
  const { url } = await start(Echo);
  const own = await container.connectToServer(All, url('/echo'));
  await own.getBasicRemote().sendText('a');
  await own.getBasicRemote().sendText('b');
  const expected = [
    ['open', true, true, null],
    ['error', 'on purpose', null],
    ['echo b', null],
    ['close', 1000, null],
  ];
  await eventually(() => expect(seen).toEqual(expected));
});

it('[ANN-1, ANN-2] one class may be both ends', async () => {
  const heard: string[] = [];
  @ServerEndpoint('/both')
  @ClientEndpoint
  class Both {
    @OnMessage(text) text(message: string): string | undefined {
      heard.push(message);
      return heard.length < 3 ? `${message} again` : undefined;
    }
  }
  const { url } = await start(Both);
  const own = await container.connectToServer(Both, url('/both'));
  await own.getBasicRemote().sendText('once');
  await eventually(() => expect(heard).toEqual(['once', 'once again', 'once again again']));
});

describe('what is refused', () => {
  class Person {}
  class PersonEncoder extends Encoder.Text(Person) {
    encode(): string {
      return '';
    }
  }
  class Thrower extends Decoder.Text(Person) {
    constructor() {
      super();
      throw new Error('no decoder today');
    }
    decode(): Person {
      return new Person();
    }
  }

  function optioned(options: unknown): Class {
    @ClientEndpoint(options as object)
    class Optioned {}
    return Optioned;
  }

  it.each<[string, unknown, string]>([
    ['an unknown option', { subprotocol: [] }, 'MARGAY_OPTION'],
    ['a path', '/talk', 'MARGAY_OPTION'],
    ['a subprotocol that is no token', { subprotocols: ['a b'] }, 'MARGAY_OPTION'],
    ['an encoder among the decoders', { decoders: [PersonEncoder] }, 'MARGAY_CODER_TYPE'],
    ['a decoder that cannot be made', { decoders: [Thrower] }, 'MARGAY_CODER'],
    ['a configurator of another kind', { configurator: Person }, 'MARGAY_CONSTRUCTOR'],
  ])('[ANN-2, ANN-3] %s', async (_what, options, code) => {
    const refused = await container.connectToServer(optioned(options), 'ws://localhost:9/').catch((reason: unknown) => reason);
    expect(refused).toBeInstanceOf(DeploymentException);
    expect(refused).toMatchObject({ code, problems: [{ endpoint: 'Optioned' }] });
  });
});
