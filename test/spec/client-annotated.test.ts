/** Which annotated classes and objects connect, and what of theirs is called. */
import { describe, expect, it } from '@jest/globals';
import {
  ClientEndpoint,
  ClientEndpointConfig,
  CloseReason,
  ContainerProvider,
  Decoder,
  Encoder,
  EndpointConfig,
  type HandshakeResponse,
  Int,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  ServerEndpoint,
  Session,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

/** Answers, greets, and closes when it is told to. */
@ServerEndpoint({ value: '/echo', subprotocols: ['v2', 'v1'] })
class Echo {
  @OnMessage text(message: string, session: Session): Promise<void> | string {
    return message === 'bye' ? session.close() : `echo ${message}`;
  }
}

const container = ContainerProvider.getWebSocketContainer();

describe('the forms of @ClientEndpoint', () => {
  const heard: string[] = [];

  @ClientEndpoint
  class Bare {
    @OnMessage text(message: string): void {
      heard.push(`bare ${message}`);
    }
  }

  @ClientEndpoint()
  class Called {
    @OnMessage text(message: string): void {
      heard.push(`called ${message}`);
    }
  }

  @ClientEndpoint({ subprotocols: ['v1', 'v2'] })
  class Optioned {
    @OnMessage text(message: string, session: Session): void {
      heard.push(`${session.getNegotiatedSubprotocol()} ${message}`);
    }
  }

  it('[ANN-2, CON-6] bare, called, with options; the class, or an object of it', async () => {
    const { url } = await start(Echo);
    for (const endpoint of [Bare, new Called(), Optioned, new Optioned()]) {
      const session = await container.connectToServer(endpoint, url('/echo'));
      await session.getBasicRemote().sendText('a');
      const { length } = heard;
      await eventually(() => expect(heard.length).toBeGreaterThan(length));
    }
    expect(heard).toEqual(['bare echo a', 'called echo a', 'v1 echo a', 'v1 echo a']);
  });

  it('[ANN-2, LIF-1] a class is made anew for each connect, an object is the one that was given', async () => {
    const seen: unknown[] = [];
    @ClientEndpoint
    class Seen {
      @OnOpen open(): void {
        seen.push(this);
      }
    }
    const { url } = await start(Echo);
    const mine = new Seen();
    for (const endpoint of [Seen, Seen, mine, mine]) await container.connectToServer(endpoint, url('/echo'));
    expect(seen.map((each) => each === mine)).toEqual([false, false, true, true]);
    expect(seen[0]).toBeInstanceOf(Seen);
    expect(seen[0]).not.toBe(seen[1]);
  });

  it('[ANN-2] a constructor may need arguments where an object is given', async () => {
    const opened: string[] = [];
    @ClientEndpoint
    class Named {
      readonly name: string;

      constructor(name: string) {
        this.name = name;
      }

      @OnOpen open(): void {
        opened.push(this.name);
      }
    }
    const { url } = await start(Echo);
    await container.connectToServer(new Named('ann'), url('/echo'));
    expect(opened).toEqual(['ann']);
    await expect(container.connectToServer(Named, url('/echo'))).rejects.toMatchObject({
      code: 'MARGAY_CONSTRUCTOR',
      message: expect.stringContaining('1 argument'),
    });
  });
});

describe('inheritance', () => {
  class Base {
    readonly lines: string[] = [];

    @OnOpen open(): void {
      this.lines.push('base open');
    }

    @OnMessage text(message: string): void {
      this.lines.push(`base ${message}`);
    }
  }

  @ClientEndpoint
  class Derived extends Base {
    @OnMessage override text(message: string): void {
      this.lines.push(`derived ${message}`);
    }
  }

  @ClientEndpoint
  class Muted extends Base {
    override open(): void {
      this.lines.push('never');
    }
  }

  class Further extends Derived {}

  it("[ANN-17] a super class's methods are called, once; overridden with a decorator it is the override, without one nobody", async () => {
    const { url } = await start(Echo);
    const [derived, muted] = [new Derived(), new Muted()];
    for (const endpoint of [derived, muted]) {
      const session = await container.connectToServer(endpoint, url('/echo'));
      await session.getBasicRemote().sendText('a');
    }
    await eventually(() => expect(derived.lines).toEqual(['base open', 'derived echo a']));
    await eventually(() => expect(muted.lines).toEqual(['base echo a']));
  });

  it('[ANN-4, CLI-2] a subclass of an annotated class is no endpoint, as a class and as an object', async () => {
    const expected = { code: 'MARGAY_NOT_ENDPOINT', message: expect.stringContaining('Further has no @ClientEndpoint of its own') };
    await expect(container.connectToServer(Further, 'ws://localhost:9/')).rejects.toMatchObject(expected);
    await expect(container.connectToServer(new Further(), 'ws://localhost:9/')).rejects.toMatchObject(expected);
  });

  it('[LIF-1] what an object has put in place of its method is called', async () => {
    const { url } = await start(Echo);
    const own = new Derived();
    own.text = (message) => void own.lines.push(`own ${message}`);
    const session = await container.connectToServer(own, url('/echo'));
    await session.getBasicRemote().sendText('a');
    await eventually(() => expect(own.lines).toEqual(['base open', 'own echo a']));
  });
});

describe('the other decorators', () => {
  it('[PP-6, PP-3, ANN-7] @PathParam is null in every callback, and parameters come in any order', async () => {
    const seen: unknown[] = [];
    @ClientEndpoint
    class All {
      @OnOpen open(@PathParam('code', Int) code: number, session: Session, @PathParam('name') name: string, config: EndpointConfig): void {
        seen.push(['open', code, name, session.isOpen(), config instanceof ClientEndpointConfig]);
      }

      @OnMessage text(@PathParam('name') name: string, _message: string): void {
        seen.push(['text', name]);
        throw new Error('on purpose');
      }

      @OnError error(error: Error, @PathParam('name') name: string): void {
        seen.push(['error', error.message, name]);
      }

      @OnClose close(@PathParam('name') name: string, reason: CloseReason, _session: Session): void {
        seen.push(['close', name, reason.getCloseCode().getCode()]);
      }
    }
    const { url } = await start(Echo);
    const session = await container.connectToServer(All, url('/echo?name=query'));
    expect(session.getPathParameters().size).toBe(0);
    await session.getBasicRemote().sendText('a');
    await eventually(() => expect(seen).toHaveLength(3));
    await session.getBasicRemote().sendText('bye');
    const expected = [
      ['open', null, null, true, true],
      ['text', null],
      ['error', 'on purpose', null],
      ['close', null, 1000],
    ];
    await eventually(() => expect(seen).toEqual(expected));
  });

  it('[ANN-1, ANN-2] one class may be both ends', async () => {
    const heard: string[] = [];
    @ServerEndpoint('/both')
    @ClientEndpoint
    class Both {
      @OnMessage text(message: string): string | undefined {
        heard.push(message);
        return heard.length < 3 ? `${message} again` : undefined;
      }
    }
    const { url } = await start(Both);
    const session = await container.connectToServer(Both, url('/both'));
    await session.getBasicRemote().sendText('once');
    await eventually(() => expect(heard).toEqual(['once', 'once again', 'once again again']));
  });
});

describe('coders and configurators', () => {
  class Tick {
    readonly at: number;

    constructor(at: number) {
      this.at = at;
    }
  }

  it('[ANN-2, ANN-3, COD-2, COD-3, DEP-10] coders are made for the connection and go with it; a configurator for each connect', async () => {
    const lives: string[] = [];
    const configs: unknown[] = [];
    class TickDecoder extends Decoder.Text(Tick) {
      override init(config: EndpointConfig): void {
        lives.push('init decoder');
        configs.push(config);
      }
      decode(text: string): Tick {
        return new Tick(Number(text.split(' ')[1]));
      }
      override destroy(): void {
        lives.push('destroy decoder');
      }
    }
    class TickEncoder extends Encoder.Text(Tick) {
      override init(config: EndpointConfig): void {
        lives.push('init encoder');
        configs.push(config);
      }
      encode({ at }: Tick): string {
        return String(at);
      }
      override destroy(): void {
        lives.push('destroy encoder');
      }
    }
    const hooks: string[] = [];
    let made = 0;
    class Hooks extends ClientEndpointConfig.Configurator {
      readonly number = ++made;

      override beforeRequest(headers: Map<string, string[]>): void {
        hooks.push(`before ${this.number} ${headers.has('sec-websocket-key')}`);
      }

      override afterResponse(response: HandshakeResponse): void {
        hooks.push(`after ${this.number} ${response.getHeaders().get('upgrade')}`);
      }
    }
    const ticks: unknown[] = [];
    @ClientEndpoint({ decoders: [TickDecoder], encoders: [TickEncoder], configurator: Hooks })
    class Ticks {
      @OnOpen open(config: EndpointConfig): void {
        configs.push(config);
      }

      @OnMessage tick(tick: Tick): Tick | undefined {
        ticks.push(tick);
        return tick.at < 2 ? new Tick(tick.at + 1) : undefined;
      }

      @OnClose close(): void {
        lives.push('close');
      }
    }
    const { url } = await start(Echo);
    const session = await container.connectToServer(Ticks, url('/echo'));
    await session.getBasicRemote().sendObject(new Tick(1));
    await eventually(() => expect(ticks).toEqual([new Tick(1), new Tick(2)]));
    await session.close();
    await eventually(() => expect(lives.slice(2)).toEqual(['close', 'destroy encoder', 'destroy decoder']));
    expect(lives.slice(0, 2)).toEqual(['init encoder', 'init decoder']);
    expect(new Set(configs).size).toBe(1);
    expect(configs[0]).toBeInstanceOf(ClientEndpointConfig);
    await container.connectToServer(Ticks, url('/echo'));
    expect(hooks).toEqual(['before 1 true', 'after 1 websocket', 'before 2 true', 'after 2 websocket']);
    expect(new Set(configs).size).toBe(2);
  });
});
