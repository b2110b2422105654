/** The script of a page: client endpoints, and what it does with them. It is bundled as an application's would be. */
import {
  binary,
  ClientEndpoint,
  ClientEndpointConfig,
  CloseReason,
  ContainerProvider,
  closeReason,
  Decoder,
  decoded,
  Encoder,
  Endpoint,
  error,
  last,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  reader,
  registerAuthenticator,
  type Session,
  session,
  statistics,
  text,
} from 'margay/client';

/** What a page hears, to be waited for. */
class Diary {
  readonly lines: unknown[] = [];
  #waiting: (() => void)[] = [];

  note(...line: unknown[]): void {
    this.lines.push(line);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(count: number): Promise<unknown[]> {
    while (this.lines.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.lines;
  }
}

@ClientEndpoint
class Talker {
  readonly heard = new Diary();

  /** The latest. */
  session: Session | null = null;

  @OnOpen(session)
  open(opened: Session): void {
    this.session = opened;
    this.heard.note('open', opened.isOpen());
  }

  @OnMessage(text)
  text(message: string): void {
    this.heard.note('text', message);
  }

  @OnMessage(binary)
  bytes(message: Uint8Array): void {
    this.heard.note('binary', message.constructor.name, [...message]);
  }

  @OnClose(closeReason)
  closed(reason: CloseReason): void {
    this.heard.note('close', reason.getCloseCode().getCode(), reason.getReasonPhrase());
  }

  @OnError(error)
  failed(failure: Error & { code?: string }): void {
    this.heard.note('error', failure.name, failure.code);
  }
}

@ClientEndpoint({ subprotocols: ['v2', 'v1'] })
class Versed extends Talker {}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

class PointEncoder extends Encoder.Text(Point) {
  encode({ x, y }: Point): string {
    return `${x};${y}`;
  }
}

class PointDecoder extends Decoder.Text(Point) {
  decode(said: string): Point {
    const [x = 0, y = 0] = said.split(';').map(Number);
    return new Point(x, y);
  }
}

@ClientEndpoint({ encoders: [PointEncoder], decoders: [PointDecoder] })
class Pointer {
  readonly heard = new Diary();

  @OnMessage(decoded(Point))
  take(point: Point): void {
    this.heard.note(point instanceof Point, point.x, point.y);
  }
}

@ClientEndpoint()
class InParts {
  readonly heard = new Diary();

  @OnMessage(text, last)
  part(part: string, isLast: boolean): void {
    this.heard.note(part.length, isLast);
  }
}

@ClientEndpoint()
class Streamer {
  @OnMessage(reader)
  read(): void {}
}

class Programmatic extends Endpoint {
  readonly heard = new Diary();

  onOpen(opened: Session): void {
    opened.addMessageHandler(String, (message) => this.heard.note(message));
  }
}

const container = ContainerProvider.getWebSocketContainer();
const code = (number: number) => CloseReason.CloseCodes.getCloseCode(number);

/** How something fails: its class, its code, and its words. */
async function failure(attempt: () => unknown): Promise<[name: string, code: string, message: string]> {
  try {
    await attempt();
  } catch (thrown) {
    const { name, message, code: its } = thrown as Error & { code: string };
    return [name, its, message];
  }
  return ['', '', 'it did not fail'];
}

const refusedOptions = {
  sslContext: {},
  proxy: 'http://proxy:3128',
  proxyAuth: { username: 'a', password: 'b' },
  auth: { username: 'a', password: 'b' },
  origin: 'https://app.example',
  maxHeaderSize: 4096,
  maxRedirects: 3,
  heartbeat: {},
};

/** Each is given a ws URL, and tells what happened. */
const scenes = {
  async conversation(url: string) {
    const talker = new Versed();
    const opened = await container.connectToServer(talker, `${url}/mirror?a=1`);
    await opened.getBasicRemote().sendText('hello 🐾');
    await opened.getBasicRemote().sendBinary(Uint8Array.of(1, 2, 255));
    await opened.getBasicRemote().sendText('in ', false);
    await opened.getBasicRemote().sendText('parts', true);
    await opened.getAsyncRemote().sendText('async');
    const heard = await talker.heard.until(5);
    const facts = [opened.getNegotiatedSubprotocol(), opened.getNegotiatedExtensions().length, opened.isSecure(), opened.getQueryString()];
    const { messagesSent, messagesReceived } = statistics(opened);
    await opened.close();
    return { heard: heard.slice(0, 5), facts, counts: [messagesSent, messagesReceived], closed: (await talker.heard.until(6))[5] };
  },

  async early(url: string) {
    const talker = new Talker();
    const opened = await container.connectToServer(talker, `${url}/early`);
    await talker.heard.until(4);
    await opened.close();
    await talker.heard.until(5);
    return talker.heard.lines;
  },

  /** A server that takes none of the subprotocols. */
  async unagreed(url: string) {
    return (await failure(() => container.connectToServer(Versed, `${url}/early`))).slice(0, 2);
  },

  async comesBack(url: string) {
    const talker = new Talker();
    const first = await container.connectToServer(talker, `${url}/mirror`, { reconnect: { minDelay: 10, queue: 1 } });
    await first.getBasicRemote().sendText('vanish');
    await talker.heard.until(2);
    await first.getBasicRemote().sendText('meanwhile');
    await talker.heard.until(4);
    await talker.session?.close(); // and nobody comes back
    await talker.heard.until(5);
    return talker.heard.lines.map((line) => (line as unknown[]).slice(0, 2));
  },

  async coders(url: string) {
    const pointer = new Pointer();
    const opened = await container.connectToServer(pointer, `${url}/mirror`);
    await opened.getBasicRemote().sendObject(new Point(3, 4));
    const heard = await pointer.heard.until(1);
    await opened.close();
    return heard;
  },

  async large(url: string) {
    const opened = new InParts();
    const talking = await container.connectToServer(opened, `${url}/mirror`);
    const left = talking.getBasicRemote().sendText('ä'.repeat(150_000));
    while ((opened.heard.lines.at(-1) as unknown[] | undefined)?.[1] !== true) await opened.heard.until(opened.heard.lines.length + 1);
    await left;
    await talking.close();
    const sizes = (opened.heard.lines as [number, boolean][]).map(([size]) => size);
    return [sizes.reduce((sum, size) => sum + size), Math.max(...sizes), sizes.length];
  },

  async programmatic(url: string) {
    const endpoint = new Programmatic();
    const config = ClientEndpointConfig.Builder.create().preferredSubprotocols(['v1']).build();
    const opened = await container.connectToServer(endpoint, config, `${url}/mirror`);
    await opened.getBasicRemote().sendText('who');
    const [[said]] = (await endpoint.heard.until(1)) as [[string]];
    const subprotocol = opened.getNegotiatedSubprotocol();
    const refused = await failure(() => opened.addMessageHandler(class Never {} as never, () => {}));
    await opened.close();
    return [said, subprotocol, refused[1]];
  },

  /** The page closes. */
  async closes(url: string, number: number, phrase: string) {
    const talker = new Talker();
    const opened = await container.connectToServer(talker, `${url}/mirror`);
    await opened.close(new CloseReason(code(number), phrase));
    return (await talker.heard.until(2))[1];
  },

  /** The server closes, behind a message. */
  async isClosed(url: string, number: number, phrase: string) {
    const talker = new Talker();
    const opened = await container.connectToServer(talker, `${url}/mirror`);
    await opened.getBasicRemote().sendText(`close ${number} ${phrase}`);
    await talker.heard.until(3);
    return [...talker.heard.lines, opened.isOpen()];
  },

  /** The server is there no longer. */
  async isLost(url: string) {
    const talker = new Talker();
    const opened = await container.connectToServer(talker, `${url}/mirror`);
    await opened.getBasicRemote().sendText('vanish');
    return (await talker.heard.until(2))[1];
  },

  async tooBig(url: string) {
    const talker = new Talker();
    const opened = await container.connectToServer(talker, `${url}/mirror`);
    opened.setMaxTextMessageBufferSize(10);
    await opened.getBasicRemote().sendText('eleven char');
    await talker.heard.until(3);
    return talker.heard.lines;
  },

  /** Pings are the browser's affair: it answers them, and a page sends none. */
  async pings(url: string) {
    const talker = new Talker();
    const opened = await container.connectToServer(talker, `${url}/mirror`);
    await opened.getBasicRemote().sendText('ping');
    await talker.heard.until(2);
    const refused = [
      await failure(() => opened.getBasicRemote().sendPing(Uint8Array.of(1))),
      await failure(() => opened.getAsyncRemote().sendPong(Uint8Array.of(1))),
    ];
    const isOpen = opened.isOpen();
    await opened.close();
    return { answer: talker.heard.lines[1], refused, isOpen };
  },

  async streams(url: string) {
    const opened = await container.connectToServer(new Programmatic(), null, `${url}/mirror`);
    const refused = [
      await failure(() => opened.getBasicRemote().getSendWriter()),
      await failure(() => opened.getBasicRemote().getSendStream()),
    ];
    await opened.getBasicRemote().sendText('goes on'); // and the refused stream is no message that has begun
    await opened.close();
    return [...refused, await failure(() => container.connectToServer(Streamer, `${url}/mirror`))];
  },

  async options(url: string) {
    const refused: [string, unknown][] = [];
    for (const [option, value] of Object.entries(refusedOptions)) {
      const [name, its, message] = await failure(() => container.connectToServer(Talker, `${url}/mirror`, { [option]: value }));
      refused.push([option, [name, its, message.includes(`option ${option},`)]]);
    }
    const fine = await container.connectToServer(Talker, `${url}/mirror`, {
      proxy: false,
      heartbeat: false,
      maxRedirects: 0,
      timeout: 4000,
    });
    await fine.close();
    return refused;
  },

  async configurations(url: string) {
    class Hooks extends ClientEndpointConfig.Configurator {
      override beforeRequest(): void {}
    }
    const builder = () => ClientEndpointConfig.Builder.create();
    const beating = builder().build();
    beating.getUserProperties().set('margay.heartbeat', { interval: 1000 });
    const configs = {
      "the configuration's sslContext": builder().sslContext({}).build(),
      "the configuration's extensions": builder()
        .extensions([{ getName: () => 'x', getParameters: () => [] }])
        .build(),
      beforeRequest: builder().configurator(new Hooks()).build(),
      'margay.heartbeat': beating,
    };
    const refused: unknown[] = [];
    for (const [what, config] of Object.entries(configs)) {
      const [name, its, message] = await failure(() => container.connectToServer(Programmatic, config, `${url}/mirror`));
      refused.push([name, its, message.includes(what)]);
    }
    return [...refused, (await failure(() => registerAuthenticator('x', () => 'y'))).slice(0, 2)];
  },

  /** The hook hears of success and failure, and sees nothing. */
  async responses(url: string, nobody: string) {
    const seen: number[] = [];
    class Hooks extends ClientEndpointConfig.Configurator {
      override afterResponse(response: { getHeaders(): Map<string, string[]> }): void {
        seen.push(response.getHeaders().size);
      }
    }
    const config = ClientEndpointConfig.Builder.create().configurator(new Hooks()).build();
    await (await container.connectToServer(new Programmatic(), config, `${url}/mirror`)).close();
    const failed = await failure(() => container.connectToServer(new Programmatic(), config, nobody));
    return [seen, failed.slice(0, 2)];
  },

  async nobody(url: string, nobody: string) {
    const failures = [
      await failure(() => container.connectToServer(Talker, nobody)),
      await failure(() => container.connectToServer(Talker, `${url}/nowhere`)),
    ];
    return failures.map(([name, its, message]) => [name, its, message.includes('it tells a page nothing more')]);
  },

  async echo(url: string, path: string) {
    const talker = new Talker();
    const opened = await container.connectToServer(talker, url + path);
    await opened.getBasicRemote().sendText('你好 🐾');
    await opened.getBasicRemote().sendBinary(Uint8Array.of(0, 128));
    await talker.heard.until(3);
    await opened.close();
    return talker.heard.lines.slice(1, 3);
  },

  async chat(url: string, path: string) {
    const [first, second] = [new Talker(), new Talker()];
    const one = await container.connectToServer(first, url + path);
    await first.heard.until(2);
    const two = await container.connectToServer(second, url + path);
    await second.heard.until(2);
    await one.getBasicRemote().sendText('hello');
    await Promise.all([first.heard.until(4), second.heard.until(3)]);
    await two.close();
    await first.heard.until(5);
    await one.close();
    const said = ({ heard }: Talker) =>
      heard.lines.filter((line) => (line as unknown[])[0] === 'text').map((line) => String((line as unknown[])[1]));
    return [said(first).map((line) => line.replace(/Guest\d+/, 'Guest')), said(second).map((line) => line.replace(/Guest\d+/, 'Guest'))];
  },
};

export type Scene = keyof typeof scenes;

/** What whoever has loaded the page calls: the result is text, which every world understands. */
(globalThis as unknown as { act: unknown }).act = async (scene: Scene, ...args: string[]): Promise<string> =>
  JSON.stringify(await (scenes[scene] as (...given: unknown[]) => Promise<unknown>)(...args));
